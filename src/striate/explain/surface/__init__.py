"""The loss around a network's weights."""
