from __future__ import annotations

import json

import pytest
import torch
from torch import nn

from striate.engine import Engine, cast, place_batch, place_module, use_threads
from striate.errors import InputError


def test_engine_survives_json() -> None:
    engine = Engine("cpu", "bf16", "channels_last", 2)
    assert Engine.from_dict(json.loads(json.dumps(engine.to_dict()))) == engine


@pytest.mark.parametrize(
    ("values", "found"), [({"precision": "fp8"}, "fp8"), ({"threads": 0}, "0"), ({"colour": 1}, "colour")]
)
def test_bad_settings_are_named(values: dict[str, object], found: str) -> None:
    with pytest.raises(InputError, match=found):
        Engine.from_dict(values)


@pytest.mark.parametrize(
    ("dimensions", "memory_format"),
    [(2, torch.channels_last), (3, torch.channels_last_3d), (1, torch.contiguous_format)],
)
def test_layout_follows_the_number_of_axes(dimensions: int, memory_format: torch.memory_format) -> None:
    kind = {1: nn.Conv1d, 2: nn.Conv2d, 3: nn.Conv3d}[dimensions]
    module = nn.Sequential(kind(3, 4, 3), nn.Flatten(), nn.Linear(4 * 4**dimensions, 2))
    before = {name: value.clone() for name, value in module.state_dict().items()}
    engine = Engine(memory_format="channels_last")
    batch = place_batch(torch.randn(2, 3, *[6] * dimensions), engine)
    weight = next(place_module(module, engine).parameters())
    assert batch.is_contiguous(memory_format=memory_format)
    assert weight.is_contiguous(memory_format=memory_format)
    assert all(torch.equal(before[name], value) for name, value in module.state_dict().items())
    assert module(batch).shape == (2, 2)
    place_module(module, Engine())
    assert weight.is_contiguous()


def test_parameters_stay_the_same_objects() -> None:
    module = nn.Conv2d(3, 4, 3)
    weight = module.weight
    assert place_module(module, Engine(memory_format="channels_last")).weight is weight


@pytest.mark.parametrize(("precision", "dtype"), [("fp32", torch.float32), ("bf16", torch.bfloat16)])
def test_cast_sets_the_precision_of_the_forward_pass(precision: str, dtype: torch.dtype) -> None:
    module = nn.Conv2d(1, 1, 3)
    with cast(Engine.from_dict({"precision": precision})):
        assert module(torch.zeros(1, 1, 4, 4)).dtype == dtype
    assert module.weight.dtype == torch.float32


def test_threads_come_back_after_an_error() -> None:
    before = torch.get_num_threads()

    def fail() -> None:
        with use_threads(Engine(threads=before + 1)):
            assert torch.get_num_threads() == before + 1
            raise KeyError

    with pytest.raises(KeyError):
        fail()
    assert torch.get_num_threads() == before
