"""Filters by hand, and a layer's own: kernels, what they make of an input, and their spectra."""
