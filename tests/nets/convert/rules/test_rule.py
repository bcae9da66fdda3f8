"""Arguments of a call, bound as Python binds them; a function as the module that does the same."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any

import pytest
from torch import fx, nn

from striate.nets.convert.flow import Flow
from striate.nets.convert.rewriting import Rewriting
from striate.nets.convert.rules.rule import as_module, bind
from striate.nets.convert.site import Site

NAMES = ("kernel_size", "stride", "padding")


def pool(input: Any, kernel_size: Any, stride: Any = None, padding: Any = 0, extra: Any = False) -> None: ...


def make_site(*args: Any, **kwargs: Any) -> Site:
    """A call whose first argument hangs on the input."""
    graph = fx.Graph()
    given = graph.placeholder("input")
    rewriting = Rewriting(nn.Module())
    node = graph.call_function(pool, (given, *args), kwargs)
    rewriting.known[given] = Flow(given, 2, (), (2,))
    return Site(node, rewriting)


@pytest.mark.parametrize(
    ("args", "kwargs"),
    [
        ((3,), {}),
        ((3, 2, 1), {}),
        ((3,), {"padding": (1, 2)}),
        ((), {"kernel_size": [3, 3], "stride": 2}),
        ((3, 2), {"extra": True}),
        ((3, 2, 1, True), {}),
    ],
)
def test_arguments_are_bound_as_python_binds_them(args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
    expected = inspect.signature(pool).bind(None, *args, **kwargs).arguments
    found = bind(make_site(*args, **kwargs), NAMES)
    assert found == {name: value for name, value in expected.items() if name in NAMES}


def test_what_nodes_have_become_stands_in_their_place() -> None:
    site = make_site()
    size = site.node.graph.call_function(len, ())
    site.rewriting.known[size] = 5
    site.node.args = (*site.node.args, (size, 2))
    site.node.kwargs = {"padding": size}
    assert bind(site, NAMES) == {"kernel_size": (5, 2), "padding": 5}


@pytest.mark.parametrize(
    ("kind", "args", "kwargs"),
    [
        (nn.MaxPool1d, (3, 2), {"padding": 1}),
        (nn.MaxPool1d, (), {"kernel_size": 3}),
        (nn.AvgPool2d, ((3, 2),), {"stride": (1, 2)}),
    ],
)
def test_a_function_slides_as_the_module_that_does_the_same(
    kind: Callable[..., nn.Module], args: tuple[Any, ...], kwargs: dict[str, Any]
) -> None:
    site = make_site(*args, **kwargs)
    flow = site.take()
    got: list[tuple[Site, nn.Module]] = []

    def rule(site: Site, module: nn.Module) -> Flow:
        got.append((site, module))
        return flow

    assert as_module(rule, kind, *NAMES)(site) is flow  # type: ignore[arg-type]
    ((where, made),) = got
    assert where is site
    assert repr(made) == repr(kind(*args, **kwargs))
