"""A network's text as PyTorch code that stands by itself."""

from striate.nets.code.source import write_source

__all__ = ["write_source"]
