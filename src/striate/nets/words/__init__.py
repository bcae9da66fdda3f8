"""The words of the notation, a family a file."""
