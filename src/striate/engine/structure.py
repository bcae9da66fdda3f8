"""What a module computes, told apart by a short hash: its operations and shapes, not its weights."""

from __future__ import annotations

from collections.abc import Iterator
from hashlib import blake2b
from types import CodeType
from typing import Any

from torch import nn

_PLAIN = (bool, int, float, str, type(None))


def hash_structure(module: nn.Module) -> str:
    """Two modules of one hash take the same steps on the same batch: classes, code, settings and shapes are equal.

    Weights have no say, nor has the name of the file that a class stands in.

    >>> hash_structure(nn.Linear(2, 3)) == hash_structure(nn.Linear(2, 3)) != hash_structure(nn.Linear(2, 4))
    True
    """
    digest = blake2b(digest_size=16)
    for name, part in module.named_modules(remove_duplicate=False):
        digest.update("\0".join((name, *_describe(part), "\n")).encode("utf-8", "surrogateescape"))
    return digest.hexdigest()


def _describe(part: nn.Module) -> Iterator[str]:
    kind = type(part)
    yield f"{kind.__module__}.{kind.__qualname__}"
    code = getattr(part.forward, "__code__", None)
    yield _read_code(code) if isinstance(code, CodeType) else ""
    yield part.extra_repr()
    for name, value in sorted(vars(part).items()):
        if name != "training" and _is_plain(value):
            yield f"{name}={value!r}"
    for name, tensor in (*part.named_parameters(recurse=False), *part.named_buffers(recurse=False)):
        yield f"{name}:{tuple(tensor.shape)}:{tensor.dtype}:{tensor.requires_grad}"


def _is_plain(value: Any) -> bool:
    if isinstance(value, tuple | list):
        return all(map(_is_plain, value))
    return isinstance(value, _PLAIN)


def _read_code(code: CodeType) -> str:
    """What a function does, without where it stands."""
    return f"{code.co_code.hex()} {code.co_names} {list(map(_read_constant, code.co_consts))}"


def _read_constant(value: Any) -> str:
    if isinstance(value, frozenset):  # whose order changes from process to process
        return str(sorted(map(repr, value)))
    return _read_code(value) if isinstance(value, CodeType) else repr(value)
