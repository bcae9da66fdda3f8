"""A page that runs the network in the browser: its steps as a list, its weights as text, a small runtime of our own."""
