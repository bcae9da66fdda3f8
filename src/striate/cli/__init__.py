"""The command line: a skin over the verbs that computes nothing itself."""

from striate.cli.main import main

__all__ = ["main"]
