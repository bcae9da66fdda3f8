from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from safetensors.torch import load_file
from torch import nn

from striate import train
from striate.data import load_dataset
from striate.errors import DataError
from striate.train.checkpoint import Checkpoint
from striate.verbs.moments import SAMPLES, Witness, draw_places, read_judged

NET = "conv3-4/2, bn, relu, gap, flatten, fc-classes"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("run") / "small"
    train(NET, "digits", out=path, epochs=2, batch=128, probe=False, threads=1)
    return path


def rebuild(tensors: dict[str, torch.Tensor]) -> nn.Sequential:
    """The network of `NET`, written by hand, with weights by their order and shape alone."""
    module = nn.Sequential(
        nn.Conv2d(1, 4, 3, 2, 1, bias=False), nn.BatchNorm2d(4), nn.ReLU(), nn.AdaptiveAvgPool2d(1), nn.Flatten(),
        nn.Linear(4, 10),
    ).eval()  # fmt: skip
    module.load_state_dict(dict(zip(module.state_dict(), tensors.values(), strict=True)))
    return module


def read_weights(path: Path) -> dict[str, torch.Tensor]:
    """The weights of a checkpoint as the network's text orders them; this recipe averages none."""
    tensors = load_file(path)
    own = {name.removeprefix("weights."): value for name, value in tensors.items() if name.startswith("weights.")}
    shapes = [(4, 1, 3, 3), (4,), (4,), (4,), (4,), (), (10, 4), (10,)]
    order = sorted(own, key=lambda name: ("fc" in name, "bn" in name or "norm" in name))
    ranks = {"weight": 0, "bias": 1, "running_mean": 2, "running_var": 3, "num_batches_tracked": 4}
    order = sorted(order, key=lambda name: ("fc" in name, "conv" not in name, ranks[name.rsplit(".", 1)[-1]]))
    assert [tuple(own[name].shape) for name in order] == shapes
    return {name: own[name] for name in order}


def test_a_moment_is_the_checkpoints_own_network(folder: Path) -> None:
    witness = Witness(folder)
    witness.held = witness.choose_samples()
    steps = witness.list_steps()
    assert len(steps) == 2
    dataset = load_dataset("digits", seed=0)
    assert dataset.val is not None
    settings = json.loads((folder / "settings.json").read_text())
    for at, step in enumerate(steps):
        moment = witness.look(step, chosen=3)
        assert moment is not None
        assert (moment.step, moment.epoch, moment.whole) == (step, at + 1, True)
        weights = read_weights(folder / "state" / f"step-{step:09d}.safetensors")
        module = rebuild(weights)
        convolve = module[0]
        assert isinstance(convolve, nn.Conv2d)
        assert torch.equal(moment.kernels[0].values, convolve.weight.detach())
        mean, std = (torch.tensor(settings["recipe"][name]) for name in ("mean", "std"))
        inputs = torch.tensor(np.array(dataset.val.inputs[witness.held.places])).float() / 255
        with torch.no_grad():
            taken = (inputs - mean.view(1, -1, 1, 1)) / std.view(1, -1, 1, 1)
            expected = module(taken).softmax(1)
            first = convolve(taken)
        assert moment.answers is not None
        np.testing.assert_allclose(moment.answers, expected.numpy(), atol=1e-5)
        assert set(moment.maps) == set(range(SAMPLES))
        for sample, maps in moment.maps.items():
            torch.testing.assert_close(maps[0].values, first[sample], atol=1e-5, rtol=1e-5)


def test_one_that_is_gone_or_torn_is_no_moment(folder: Path) -> None:
    witness = Witness(folder)
    assert witness.look(12345) is None
    step = witness.list_steps()[0]
    path = folder / "state" / f"step-{step:09d}.safetensors"
    whole = path.read_bytes()
    for torn in (whole[:-7], b"", whole[:-1] + bytes([whole[-1] ^ 1])):
        path.write_bytes(torn)
        assert witness.look(step) is None
    path.write_bytes(whole)
    assert witness.look(step) is not None


def test_the_judged_weights_are_the_averaged_ones_where_there_are_some() -> None:
    weights: dict[str, Any] = {"a": torch.zeros(2), "b": torch.zeros(1, dtype=torch.int64)}
    own = {f"weights.{name}": value for name, value in weights.items()} | {"momentum.a": torch.full((2,), 9.0)}
    for kind in ("slow", "average"):
        tensors = {**own, f"{kind}.a": torch.ones(2)}
        found = read_judged(Checkpoint(tensors, 1, 0, 0.0, 0))
        assert found["a"].tolist() == [1, 1]
        assert found["b"].tolist() == [0]
    assert read_judged(Checkpoint(own, 1, 0, 0.0, 0))["a"].tolist() == [0, 0]


def test_of_classes_one_of_each_is_drawn_in_turn() -> None:
    dataset = load_dataset("digits", seed=0)
    assert dataset.val is not None
    places = draw_places(dataset.val, 12, 0, of_classes=True)
    assert np.asarray(dataset.val.labels)[places].tolist() == [*range(10), 0, 1]
    assert len(set(places.tolist())) == 12
    assert draw_places(dataset.val, 12, 0, of_classes=True).tolist() == places.tolist()
    plain = draw_places(dataset.val, 1000, 0, of_classes=False)
    assert plain.tolist() == list(range(len(dataset.val)))


def test_without_its_data_a_run_has_kernels_alone(folder: Path) -> None:
    witness = Witness(folder)
    moment = witness.look(witness.list_steps()[-1])
    assert moment is not None
    assert (moment.answers, dict(moment.maps)) == (None, {})
    assert len(moment.kernels) == 1
    witness.settings["data"] = {**witness.settings["data"], "fingerprint": "another"}
    with pytest.raises(Exception, match="have changed") as raised:
        witness.choose_samples()
    assert isinstance(raised.value, Exception)
    assert not isinstance(raised.value, DataError)
