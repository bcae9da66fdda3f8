"""explain_module: what it is given is checked, and what comes back says all."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from tests.explain.tiny import draw_inputs, make_tiny
from torch import nn

from striate.errors import InputError, ShapeError
from striate.explain import Heat, explain_module
from striate.explain.explaining import find_method, prepare_inputs
from striate.explain.methods.catalogue import METHODS


def test_a_heat_says_what_was_asked_and_answered() -> None:
    net, inputs = make_tiny(2, 3), draw_inputs(2, 3, 4)
    heat = explain_module(net, inputs, names=("a", "b", "c", "d"), classes=("w", "x", "y", "z"), mean=(0.5,))
    scores = net.eval()(inputs)
    assert len(heat) == 4
    assert heat.target == tuple(scores.argmax(1).tolist())
    assert heat.score == pytest.approx(scores.amax(1).tolist(), abs=1e-5)
    assert (heat.layer, heat.unit, heat.trust, heat.signed) == ("4", None, None, False)
    assert (heat.names, heat.classes, heat.mean) == (("a", "b", "c", "d"), ("w", "x", "y", "z"), (0.5,))
    assert torch.equal(heat.inputs, inputs)
    assert not heat.values.requires_grad


@pytest.mark.parametrize("method", ["gradcam", "saliency"])
def test_each_input_is_asked_about_its_own_class(method: str) -> None:
    net, inputs = make_tiny(1), draw_inputs(1, batch=3)
    heat = explain_module(net, inputs, method, [2, 0, 3], rows=2)
    assert heat.target == (2, 0, 3)
    scores = net.eval()(inputs).tolist()
    assert heat.score == pytest.approx([scores[0][2], scores[1][0], scores[2][3]])


@pytest.mark.parametrize("method", ["gradcam", "saliency", "occlusion"])
@pytest.mark.parametrize("target", [4, [0, 1, 4], "0", 0.5, [0, 1], -1])
def test_a_class_that_there_is_not_is_refused(method: str, target: Any) -> None:
    if method in METHODS:
        with pytest.raises(InputError, match="target: found"):
            explain_module(make_tiny(1), draw_inputs(1, batch=3), method, target)


@pytest.mark.parametrize(
    ("options", "problem"),
    [
        ({"method": "nosuch"}, "method: found `nosuch`, needed one of cam, gradcam"),
        ({"method": "saliency", "layer": "4"}, "saliency looks at no layer"),
        ({"method": "gradcam", "unit": 1}, "gradcam looks at no unit, needed one of deconvnet"),
        ({"method": "deconvnet", "unit": -1}, "unit: found -1"),
        ({"layer": "nosuch"}, "layer: found no `nosuch`"),
    ],
)
def test_what_a_method_cannot_be_asked_is_refused(options: dict[str, Any], problem: str) -> None:
    with pytest.raises(InputError, match=problem):
        explain_module(make_tiny(1), draw_inputs(1), **options)


@pytest.mark.parametrize(
    "inputs",
    [torch.zeros(2, 3), torch.zeros(0, 1, 9), torch.zeros(1, 1, 9, dtype=torch.uint8), [[[0.0] * 9]]],
    ids=["no extents", "no inputs", "bytes", "a list"],
)
def test_what_is_no_batch_of_inputs_is_refused(inputs: Any) -> None:
    with pytest.raises((ShapeError, InputError), match="inputs: found"):
        explain_module(make_tiny(1), inputs)


def test_inputs_that_are_no_numbers_are_refused() -> None:
    with pytest.raises(InputError, match="aren't finite"):
        explain_module(make_tiny(1), torch.full((1, 1, 9), float("nan")))


def test_inputs_take_the_parameters_type_and_leave_their_graph() -> None:
    inputs = draw_inputs(1).requires_grad_()
    ready = prepare_inputs(make_tiny(1).double(), inputs)
    assert ready.dtype == torch.float64
    assert not ready.requires_grad
    explain_module(make_tiny(1), inputs)
    assert inputs.grad is None


@pytest.mark.parametrize("mode", [torch.no_grad, torch.inference_mode])
def test_it_works_where_gradients_are_off(mode: Any) -> None:
    net, inputs = make_tiny(2), draw_inputs(2)
    expected = explain_module(net, inputs, target=1).values
    with mode():
        inside = explain_module(net, inputs + 0, target=1).values
    torch.testing.assert_close(inside, expected)


def test_progress_counts_on_over_the_parts_of_a_batch() -> None:
    heard: list[tuple[int, int]] = []
    net, inputs = make_tiny(1), draw_inputs(1, batch=5)
    explain_module(net, inputs, "integratedgradients", rows=2, on_progress=lambda *now: heard.append(now))
    assert len({total for _, total in heard}) == 1
    assert [done for done, _ in heard] == sorted(done for done, _ in heard)
    assert heard[-1][0] == heard[-1][1]


def test_a_heat_that_is_zero_all_over_is_noted() -> None:
    net, inputs = make_tiny(1), draw_inputs(1, batch=2)
    net.get_parameter("7.weight").data[0] = -1
    assert "2 of 2 heats are zero all over" in explain_module(net, inputs, target=0).notes[-1]
    assert explain_module(net, inputs[:1], target=0).notes[-1].startswith("the heat is zero all over")


def test_scores_behind_a_softmax_are_noted() -> None:
    assert "softmax" in explain_module(nn.Sequential(*make_tiny(1), nn.Softmax(1)), draw_inputs(1)).notes[0]
    assert not any("softmax" in note for note in explain_module(make_tiny(1), draw_inputs(1)).notes)


def test_trust_is_worked_out_where_it_is_asked_for() -> None:
    heat = explain_module(make_tiny(1), draw_inputs(1, batch=2), trust=True)
    assert heat.trust is not None
    assert len(heat.trust) == 2


def test_what_torch_compiled_is_explained_as_what_it_was_made_of() -> None:
    net, inputs = make_tiny(2), draw_inputs(2)
    wrapped = nn.Module()
    wrapped._orig_mod = net
    torch.testing.assert_close(explain_module(wrapped, inputs).values, explain_module(net, inputs).values)


def test_networks_of_four_axes_are_explained() -> None:
    class Mixing(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.lift, self.linear = Lift(), nn.Linear(3, 2)

        def forward(self, inputs: torch.Tensor) -> torch.Tensor:
            return self.linear(self.lift(inputs).flatten(2).mean(2))  # type: ignore[no-any-return]

    class Lift(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.weight = nn.Parameter(torch.tensor([[1.0], [2.0], [-1.0]]))

        def forward(self, inputs: torch.Tensor) -> torch.Tensor:
            return torch.einsum("oc,bcwxyz->bowxyz", self.weight, inputs[..., ::2]).relu()

    heat = explain_module(Mixing(), torch.rand(2, 1, 3, 2, 2, 4))
    assert heat.values.shape == (2, 3, 2, 2, 4)


def test_methods_are_found_by_name() -> None:
    assert find_method("gradcam").title == "Grad-CAM"
    assert isinstance(explain_module(make_tiny(1), draw_inputs(1)), Heat)
