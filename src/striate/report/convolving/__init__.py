"""Pictures of filters, and of what they make of an input."""
