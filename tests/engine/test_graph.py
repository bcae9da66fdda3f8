from __future__ import annotations

import torch
from tests.engine.draw import Odd, Residual, Wilful
from torch import nn
from torch.fx import GraphModule

import striate
from striate.engine.graph import count_calls, rewrite, trace


def test_a_graph_says_what_the_module_says_and_shares_its_parts() -> None:
    module, batch = Residual().eval(), torch.randn(2, 3, 6, 6)
    graph = trace(module)
    assert graph is not None
    assert graph.get_submodule("one") is module.one
    with torch.no_grad():
        assert torch.equal(graph(batch), module(batch))


def test_striates_own_layers_are_calls() -> None:
    graph = trace(striate.build("conv3-4 pad=1:2, bn, relu", input=(3, 6, 6)))
    assert graph is not None
    assert [node.op for node in graph.graph.nodes].count("call_module") == 3


def test_what_depends_on_its_input_has_no_graph() -> None:
    assert trace(Wilful(nn.ReLU())) is None


def test_parts_and_rows_are_found_where_the_whole_is_not_one_graph() -> None:
    seen: list[list[str]] = []

    def note(graph: GraphModule) -> None:
        seen.append([str(node.target) for node in graph.graph.nodes if node.op == "call_module"])

    rewrite(nn.Sequential(Wilful(nn.ReLU(), nn.Tanh()), Odd()), note)
    assert seen == [["0", "1"], ["0", "1"]]


def test_calls_are_counted_by_the_part_not_by_its_name() -> None:
    part = nn.ReLU()
    graph = trace(nn.Sequential(part, nn.Tanh(), part))
    assert graph is not None
    assert sorted(count_calls(graph).values()) == [1, 2]
