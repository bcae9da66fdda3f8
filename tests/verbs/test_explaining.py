"""explain: of a run from files, arrays and class names; of a module from tensors."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image
from tests.explain.tiny import draw_inputs, make_tiny, take_state
from tests.verbs.draw import Finished
from tests.verbs.untrained import make_run

import striate
from striate.errors import DataError, InputError, RunError

TEXT = "conv3-6, relu, conv3-6/2, relu, gap, flatten, fc-classes"


@pytest.fixture
def run() -> striate.Run:
    return make_run(TEXT, (3, 12, 10))


def draw_pictures(count: int) -> np.ndarray[Any, np.dtype[np.uint8]]:
    return np.random.default_rng(0).integers(0, 256, (count, 3, 12, 10), dtype=np.uint8)


def test_a_runs_inputs_are_normalised_as_it_was_trained(run: striate.Run) -> None:
    pictures = draw_pictures(3)
    heat = striate.explain(run, pictures, target=1)
    expected = (torch.from_numpy(pictures) / 255 - 0.4) / 0.25
    torch.testing.assert_close(heat.inputs, expected, atol=1e-5, rtol=1e-5)
    assert heat.values.shape == (3, 12, 10)
    assert (heat.mean, heat.std) == ((0.4,) * 3, (0.25,) * 3)
    assert heat.classes == run.classes
    torch.testing.assert_close(striate.explain(run.module, expected, target=1).values, heat.values)


def test_the_class_asked_about_is_the_one_predicted(run: striate.Run) -> None:
    pictures = draw_pictures(5)
    assert striate.explain(run, pictures).target == tuple(striate.predict(run, pictures).argmax(1).tolist())


def test_bytes_and_floats_and_one_and_many_are_the_same(run: striate.Run) -> None:
    pictures = draw_pictures(2)
    many = striate.explain(run, pictures, target=0).values
    floats = striate.explain(run, pictures.astype(np.float32) / 255, target=0).values
    one = striate.explain(run, pictures[1], target=0).values
    torch.testing.assert_close(floats, many, atol=1e-5, rtol=1e-5)
    torch.testing.assert_close(one, many[1:], atol=1e-5, rtol=1e-5)


def test_classes_go_by_name_or_number(run: striate.Run) -> None:
    pictures = draw_pictures(2)
    assert striate.explain(run, pictures, target="class2").target == (2, 2)
    assert striate.explain(run, pictures, target="3").target == (3, 3)
    assert striate.explain(run, pictures, target=["class2", 1]).target == (2, 1)


def test_a_class_that_is_called_as_another_ones_number_goes_by_its_name(run: striate.Run) -> None:
    turned = striate.Run(run.path, run.net, run.module, ("3", "2", "1", "0"), (), run.settings)
    assert striate.explain(turned, draw_pictures(1), target="3").target == (0,)


@pytest.mark.parametrize("target", ["nosuch", "4", ["class1", "nosuch"], 4])
def test_a_class_that_the_run_does_not_know_is_refused(run: striate.Run, target: Any) -> None:
    with pytest.raises(InputError, match="target: found"):
        striate.explain(run, draw_pictures(2), target=target)


def test_files_are_decoded_as_predict_does(finished: Finished, tmp_path: Path) -> None:
    channels, *extents = finished.run.input
    picture = np.random.default_rng(1).integers(0, 256, (*extents, channels), dtype=np.uint8).squeeze()
    file = tmp_path / "a.png"
    Image.fromarray(picture).save(file)
    heat = striate.explain(finished.run.path, file)
    assert heat.values.shape == (1, *extents)
    assert heat.names == ("a.png",) or heat.names[0].endswith("a.png")
    assert heat.target == (int(striate.predict(finished.run, file).argmax()),)
    assert heat.score[0] == pytest.approx(float(striate.explain(finished.run, [file]).score[0]))


def test_a_runs_favourite_patches_come_from_its_own_data(finished: Finished) -> None:
    heat = striate.explain(finished.run, np.zeros((1, *finished.run.input), np.uint8), method="deconvnet", unit=0)
    assert heat.unit == 0
    assert heat.patches is not None
    assert 1 <= len(heat.patches.sample) <= 9


def test_without_data_what_a_unit_likes_is_left_out_and_said_so(run: striate.Run) -> None:
    heat = striate.explain(run, draw_pictures(1), method="deconvnet", unit=0)
    assert heat.patches is None
    assert "isn't shown" in heat.notes[-1]


def test_a_module_is_explained_as_it_stands() -> None:
    net, inputs = make_tiny(1, 2), draw_inputs(1, 2, 3)
    before = take_state(net)
    heat = striate.explain(net, inputs, method="saliency", target=[0, 1, 2])
    assert heat.values.shape == (3, 9)
    assert heat.target == (0, 1, 2)
    assert take_state(net) == before


def test_a_runs_module_is_left_as_it_was(run: striate.Run) -> None:
    before = take_state(run.module)
    striate.explain(run, draw_pictures(1))
    assert take_state(run.module) == before


def test_what_cannot_be_explained_is_refused(run: striate.Run, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="a module knows no names"):
        striate.explain(make_tiny(1), draw_inputs(1), target="cat")
    with pytest.raises(InputError, match="explain: found int"):
        striate.explain(3, draw_inputs(1))  # type: ignore[arg-type]
    with pytest.raises(InputError, match="inputs: found none"):
        striate.explain(run, None)
    with pytest.raises(RunError):
        striate.explain(tmp_path / "nosuch", draw_pictures(1))
    with pytest.raises(DataError):
        striate.explain(run, tmp_path / "nosuch.png")
    with pytest.raises(InputError, match="method: found `nosuch`"):
        striate.explain(run, draw_pictures(1), method="nosuch")


def test_explain_stays_the_verb_when_its_floor_is_imported() -> None:
    from striate.explain import explain_module
    from striate.verbs import explain

    assert striate.explain is explain
    assert explain_module.__module__ == "striate.explain.explaining"


def test_what_a_unit_likes_can_be_left_out(finished: Finished) -> None:
    inputs = np.random.default_rng(0).random((1, *finished.run.input)).astype(np.float32)
    shown = striate.explain(finished.run, inputs, method="deconvnet", unit=1)
    plain = striate.explain(finished.run, inputs, method="deconvnet", unit=1, patches=False)
    assert shown.patches is not None
    assert plain.patches is None
    assert torch.equal(shown.values, plain.values)
