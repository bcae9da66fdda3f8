"""The studio: one local page where a network is written, understood, trained and questioned.

A skin, as the command line is: what a page shows comes from the verbs, and nothing is computed here.
"""
