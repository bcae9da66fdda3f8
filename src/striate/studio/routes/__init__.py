"""The verbs that the page can ask for, one file for each family; `catalogue.py` lists them all."""
