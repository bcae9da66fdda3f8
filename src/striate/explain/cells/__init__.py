"""The first cells: what they are tuned to, as of cells in the striate cortex."""
