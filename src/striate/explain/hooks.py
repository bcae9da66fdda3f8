"""All that reaches into a module while it runs, each as a `with` after which nothing is left of it.

`watch` keeps what modules put out, and `start_gradients_at` lets the part below a layer run without gradients, which is
most of the cost. They are used within `untouched`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from threading import get_ident

import torch
from torch import Tensor, nn
from torch.nn.modules.module import register_module_forward_hook
from torch.utils.hooks import RemovableHandle

from striate.errors import InputError
from striate.explain.untouched import untouched

__all__ = [
    "describe_output",
    "find_part",
    "first_tensor",
    "hooked",
    "list_calls",
    "list_calls_from",
    "put_out",
    "reach",
    "record",
    "replace_first",
    "start_gradients_at",
    "tap",
    "untouched",
    "watch",
]


@contextmanager
def watch(module: nn.Module, paths: Sequence[str]) -> Iterator[dict[str, Tensor]]:
    """A `with` that yields what the modules at `paths` last put out, by path, after a pass."""
    seen: dict[str, Tensor] = {}

    def keep(path: str) -> Callable[[nn.Module, object, object], None]:
        def hook(part: nn.Module, args: object, output: object) -> None:
            # a copy: what comes next may work in place
            seen[path] = first_tensor(output, path).clone()

        return hook

    with hooked([find_part(module, path).register_forward_hook(keep(path)) for path in paths]):
        yield seen


@contextmanager
def start_gradients_at(module: nn.Module, path: str) -> Iterator[dict[str, Tensor]]:
    """A `with` in which a pass has no gradients up to the module at `path`, and has them from its output on.

    That output is yielded under its path, as a leaf to differentiate by; of several calls the last. The way through the
    module costs no memory for gradients, and its parameters get none.
    """
    seen: dict[str, Tensor] = {}

    def hook(part: nn.Module, args: object, output: object) -> object:
        leaf = first_tensor(output, path).detach().requires_grad_()
        seen[path] = leaf
        torch.set_grad_enabled(True)
        return replace_first(output, leaf.clone())  # a later layer may work in place, which a leaf can't bear

    with torch.no_grad(), hooked([find_part(module, path).register_forward_hook(hook)]):
        yield seen


@contextmanager
def tap(module: nn.Module, path: str) -> Iterator[dict[str, Tensor]]:
    """A `with` that yields what the module at `path` put out in a pass, within the graph; of several calls the last.

    What comes after gets a copy, so that a layer that works in place doesn't change what was seen.
    """
    seen: dict[str, Tensor] = {}

    def hook(part: nn.Module, args: object, output: object) -> object:
        seen[path] = first_tensor(output, path)
        return replace_first(output, seen[path].clone())

    with hooked([find_part(module, path).register_forward_hook(hook)]):
        yield seen


@contextmanager
def put_out(module: nn.Module, path: str, values: Tensor) -> Iterator[None]:
    """A `with` in which the module at `path` puts out these values, whatever it is given."""

    def hook(part: nn.Module, args: object, output: object) -> object:
        return replace_first(output, values.clone())

    with hooked([find_part(module, path).register_forward_hook(hook)]):
        yield


@contextmanager
def list_calls(module: nn.Module) -> Iterator[list[tuple[str, nn.Module, object]]]:
    """A `with` that yields, after a pass, what each module within put out, in the order in which they were done.

    A tensor stands as its shape, anything else as its type; a module that stands at two paths goes by the first.
    """
    calls: list[tuple[str, nn.Module, object]] = []

    def keep(path: str) -> Callable[[nn.Module, object, object], None]:
        def hook(part: nn.Module, args: object, output: object) -> None:
            calls.append((path, part, describe_output(output)))

        return hook

    with hooked([part.register_forward_hook(keep(path)) for path, part in module.named_modules() if path]):
        yield calls


@contextmanager
def list_calls_from(module: nn.Module, path: str) -> Iterator[list[tuple[nn.Module, object]]]:
    """As `list_calls`, from the first call of the module at `path` on, and without paths.

    What is done before costs nothing: only then does a hook look at every module.
    """
    calls: list[tuple[nn.Module, object]] = []
    thread = get_ident()

    def note(part: nn.Module, args: object, output: object) -> None:
        if part is not module and get_ident() == thread:
            calls.append((part, describe_output(output)))

    with ExitStack() as stack:

        def begin(part: nn.Module, args: object, output: object) -> None:
            if not calls:
                stack.callback(register_module_forward_hook(note).remove)
                note(part, args, output)

        handles = [find_part(module, parent).register_forward_hook(_pass_by) for parent in _list_parents(path)]
        stack.enter_context(hooked([*handles, find_part(module, path).register_forward_hook(begin)]))
        yield calls


def _list_parents(path: str) -> list[str]:
    """The paths of the modules around one, but the outermost: `a.b.c` has `a` and `a.b`."""
    names = path.split(".")
    return [".".join(names[:count]) for count in range(1, len(names))]


def _pass_by(part: nn.Module, args: object, output: object) -> None:
    """Nothing: but a module that had no hook when its call began doesn't look for one at the end."""


@contextmanager
def hooked(handles: Sequence[RemovableHandle]) -> Iterator[None]:
    """A `with` at whose end these hooks are gone."""
    try:
        yield
    finally:
        for handle in handles:
            handle.remove()


def find_part(module: nn.Module, path: str) -> nn.Module:
    """The module at a path within another.

    Raises:  InputError, with paths that are there, for one that isn't.
    """
    try:
        return module.get_submodule(path or " ")
    except AttributeError:
        known = [name for name, _ in module.named_modules() if name]
        shown = ", ".join(known[:12]) + (", ..." if len(known) > 12 else "")
        raise InputError(f"layer: found no `{path}`, needed one of {shown}") from None


def first_tensor(output: object, path: str) -> Tensor:
    """The tensor that a module put out; of several the first.

    Raises:  InputError where there is none.
    """
    found = output[0] if isinstance(output, tuple | list) and output else output
    if not isinstance(found, Tensor):
        raise InputError(
            f"layer {path}: found an output of type {type(output).__name__}, needed a tensor. Name another"
        )
    return found


def describe_output(output: object) -> object:
    """The shape of what a module put out, of several the first; its type, if it is no tensor."""
    found = output[0] if isinstance(output, tuple | list) and output else output
    return tuple(found.shape) if isinstance(found, Tensor) else type(found)


def replace_first(output: object, values: Tensor) -> object:
    """What a module put out, with other values for its first tensor."""
    if isinstance(output, tuple | list):
        rest = [values, *output[1:]]
        return type(output)(*rest) if hasattr(output, "_fields") else type(output)(rest)
    return values


def record(module: nn.Module, inputs: Tensor, paths: Sequence[str]) -> dict[str, Tensor]:
    """What the modules at `paths` put out in one pass, in the order of their first use; of a reused one the last.

    They are copies: a later layer may work in place. What puts out no tensor is left out.
    """
    seen: dict[str, Tensor] = {}

    def keep(path: str) -> Callable[[nn.Module, object, object], None]:
        def hook(part: nn.Module, args: object, output: object) -> None:
            found = output[0] if isinstance(output, tuple | list) and output else output
            if isinstance(found, Tensor):
                seen[path] = found.detach().clone()

        return hook

    handles = [find_part(module, path).register_forward_hook(keep(path)) for path in paths]
    with torch.no_grad(), hooked(handles):
        module(inputs)
    return seen


def reach(module: nn.Module, path: str, inputs: Tensor) -> tuple[Tensor, Tensor]:
    """What first goes into the module at `path`, and what it makes of it; the pass ends there.

    Raises:  InputError where the pass doesn't come by, or something else than one tensor goes in.
    """
    caught: list[tuple[object, Tensor]] = []

    def hook(part: nn.Module, args: tuple[object, ...], named: dict[str, object], output: object) -> None:
        given = [*args, *named.values()]
        caught.append((given[0] if given else None, first_tensor(output, path).detach().clone()))
        raise _ReachedError

    handle = find_part(module, path).register_forward_hook(hook, with_kwargs=True)
    with torch.no_grad(), hooked([handle]), suppress(_ReachedError):
        module(inputs)
    if not caught:
        raise InputError(f"layer {path}: found that a pass doesn't come by it, needed one that is used. Name another")
    given, output = caught[0]
    if not isinstance(given, Tensor):
        raise InputError(f"layer {path}: found that a {type(given).__name__} goes in, needed a tensor. Name another")
    return given.detach(), output


class _ReachedError(Exception):
    """The pass has come as far as it should."""
