from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from tests.verbs.draw import Finished, make_arrays, read_pixels
from torch import nn

import striate
from striate.data import load_dataset
from striate.engine import Engine
from striate.errors import DataError, InputError, RunError
from striate.verbs.looking import look_at_module, look_at_run
from striate.verbs.runs import reload_data


def normalise(run: striate.Run, values: Any) -> torch.Tensor:
    """Bytes as the network takes them, channel by channel."""
    scaled = np.asarray(values) / 255
    channels = [(scaled[:, c] - run.recipe.mean[c]) / run.recipe.std[c] for c in range(scaled.shape[1])]
    return torch.from_numpy(np.stack(channels, 1)).float()


def test_a_run_is_looked_at_as_it_was_trained(finished: Finished) -> None:
    look = look_at_run(finished.run, None, None, 0)
    assert (look.module, look.input, look.classes) == (finished.run.module, (1, 10, 10), finished.run.classes)
    assert (look.name, look.inputs, look.names) == ("run", None, ())
    assert (look.mean, look.std) == (finished.run.recipe.mean, finished.run.recipe.std)


def test_files_are_decoded_and_normalised_as_for_predict(finished: Finished) -> None:
    files = sorted((finished.data / "coal").iterdir())[:3]
    look = look_at_run(finished.run, [str(file) for file in files], None, 0)
    pixels = np.stack([read_pixels(file) for file in files])
    assert look.inputs is not None
    torch.testing.assert_close(look.inputs, normalise(finished.run, pixels))
    assert look.names == tuple(map(str, files))
    with torch.no_grad():
        shares = finished.run.module(look.inputs).softmax(1).double().numpy()
    np.testing.assert_allclose(shares, striate.predict(finished.run, files), atol=0.03)  # which looks at mirrors too
    one, folder = (look_at_run(finished.run, what, None, 0) for what in (files[0], finished.data / "coal"))
    assert one.inputs is not None
    assert len(one.inputs) == 1
    assert folder.inputs is not None
    assert len(folder.inputs) == 12


def test_arrays_are_bytes_or_floats_from_0_to_1(finished: Finished) -> None:
    values, _ = make_arrays(4)
    for given in (values, values / np.float32(255), torch.from_numpy(values)):
        look = look_at_run(finished.run, given, None, 0)
        assert look.inputs is not None
        torch.testing.assert_close(look.inputs, normalise(finished.run, values), atol=1e-5, rtol=0)


@pytest.mark.parametrize(
    ("inputs", "message"),
    [
        (np.zeros((2, 1, 9, 9), np.uint8), r"found 2x1x9x9, needed \[N, 1, 10, 10\]"),
        (np.zeros((0, 1, 10, 10), np.uint8), "needed"),
        (np.full((1, 1, 10, 10), 3.0), "found values from 3 to 3"),
        (np.zeros((1, 1, 10, 10), np.int64), "found values of type int64"),
        ("nowhere.png", "nowhere.png"),
        ([], "needed"),
    ],
)
def test_other_inputs_are_refused(finished: Finished, inputs: Any, message: str) -> None:
    with pytest.raises(DataError, match=message):
        look_at_run(finished.run, inputs, None, 0)


def test_the_data_are_the_part_that_was_held_out_drawn_by_the_seed(finished: Finished) -> None:
    dataset = load_dataset(finished.data, extents=(10, 10), channels=1)
    held = dataset.test
    assert held is not None
    look = look_at_run(finished.run, None, None, 0)
    assert look.fetch is not None
    inputs, labels = look.fetch(1000)
    assert labels.tolist() == held.labels.tolist()
    torch.testing.assert_close(inputs, normalise(finished.run, held.inputs))
    few, some = look.fetch(2)
    assert len(few) == len(some) == 2
    places = [int((inputs == one).flatten(1).all(1).nonzero()[0]) for one in few]
    assert places == sorted(places)
    assert labels[places].tolist() == some.tolist()
    wider = [int((inputs == one).flatten(1).all(1).nonzero()[0]) for one in look.fetch(4)[0]]
    assert set(places) < set(wider)
    drawn = set()
    for seed in range(8):
        other = look_at_run(finished.run, None, None, seed).fetch
        assert other is not None
        drawn.add(int((inputs == other(1)[0]).flatten(1).all(1).nonzero()[0]))
    assert len(drawn) > 1


def test_nothing_is_read_before_it_is_asked_for(copied: Finished, monkeypatch: pytest.MonkeyPatch) -> None:
    calls: list[Any] = []

    def reload(*given: Any) -> Any:
        calls.append(given)
        return reload_data(*given)

    monkeypatch.setattr("striate.verbs.runs.reload_data", reload)
    look = look_at_run(copied.run, None, None, 0)
    assert look.fetch is not None
    assert calls == []
    for count in (1, 2):
        look.fetch(count)
    assert len(calls) == 1


def test_data_that_are_gone_are_said(copied: Finished) -> None:
    copied.run.settings["data"]["source"] = "gone"
    look = look_at_run(copied.run, None, None, 0)
    assert look.fetch is not None
    with pytest.raises(DataError, match="gone: not found"):
        look.fetch(1)


def test_arrays_in_memory_are_given_again(tmp_path: Path) -> None:
    x, y = make_arrays(40)
    run = striate.train("flatten, fc-classes", (x, y), epochs=1, engine=Engine(), out=tmp_path / "arrays")
    assert look_at_run(run, None, None, 0).fetch is None
    look = look_at_run(run, None, (x, y), 0)
    assert look.fetch is not None
    assert len(look.fetch(3)[0]) == 3
    changed = look_at_run(run, None, (x[:30], y[:30]), 0)
    assert changed.fetch is not None
    with pytest.raises(RunError, match="have changed since"):
        changed.fetch(3)


def test_a_module_takes_tensors_as_they_are() -> None:
    net, inputs = nn.Conv2d(2, 3, 3).double(), torch.rand(4, 2, 5, 6)
    look = look_at_module(net, inputs, None, (inputs, torch.arange(4)), 0)
    assert (look.name, look.input, look.mean) == ("Conv2d", (2, 5, 6), ())
    assert look.inputs is not None
    assert look.inputs.dtype == torch.float64
    assert look.fetch is not None
    found, labels = look.fetch(3)
    assert torch.equal(found, inputs[labels].double())
    assert look_at_module(net, None, (2, 9, 9), None, 0).input == (2, 9, 9)
    assert look_at_module(net, None, None, (inputs, torch.arange(4)), 0).input == (2, 5, 6)


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ((None, None, None), "input: can't be known of a module"),
        ((np.zeros((1, 2, 3)), None, None), "a module takes a tensor"),
        ((torch.zeros(2), None, None), "a module takes a tensor"),
        ((torch.zeros(0, 2, 3), None, None), "a module takes a tensor"),
        ((torch.zeros(1, 2, 3), (3, 3), None), "found 2x3 each, needed 3x3"),
        ((None, None, torch.zeros(3)), r"data: a module takes \(inputs, labels\)"),
        ((None, None, (torch.zeros(3, 1, 4), torch.zeros(2))), "found 3 inputs and 2 labels"),
    ],
)
def test_what_does_not_fit_a_module_is_refused(given: tuple[Any, Any, Any], message: str) -> None:
    with pytest.raises(InputError, match=message):
        look_at_module(nn.Identity(), *given, 0)


def test_what_is_no_module_is_refused() -> None:
    with pytest.raises(InputError, match="subject: found a int, needed a run or a"):
        look_at_module(3, None, None, None, 0)
