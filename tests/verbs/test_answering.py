from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from tests.verbs.draw import Finished, make_arrays
from torch.nn.modules.batchnorm import _BatchNorm

import striate
from striate.engine import Engine, Tuned
from striate.engine.fusing import can_fuse
from striate.errors import InputError
from striate.train import compute_logits
from striate.verbs import answering
from striate.verbs.answering import Choice, answer, choose_answerer


@pytest.fixture(scope="module")
def inputs() -> NDArray[np.uint8]:
    return make_arrays(30, seed=9)[0]


@pytest.mark.parametrize("engine", ["auto", "torch", Engine(), Engine(memory_format="channels_last")])
def test_answers_are_the_modules(finished: Finished, inputs: NDArray[np.uint8], engine: Any) -> None:
    run = finished.run
    expected = compute_logits(run.module, inputs, run.recipe, run.engine)
    found, label = answer(run, inputs, Choice(engine))
    assert np.abs(found - expected).max() <= 1e-4 * np.abs(expected).max()
    assert label == (run.engine if isinstance(engine, str) else engine).label


def test_norms_are_folded(finished: Finished, inputs: NDArray[np.uint8]) -> None:
    found = choose_answerer(finished.run, inputs, Choice("torch"))
    assert any(isinstance(part, _BatchNorm) for part in finished.run.module.modules())
    assert not any(isinstance(part, _BatchNorm) for part in found.module.modules())


@pytest.mark.parametrize("engine", ["auto", "torch"])
def test_what_is_settled_is_kept(finished: Finished, inputs: NDArray[np.uint8], engine: str) -> None:
    said: list[str] = []
    choice = Choice(engine, "bf16", "channels_last", 2)
    found, label = answer(finished.run, inputs, choice, say=said.append)
    assert label == "cpu bf16 channels_last, 2 threads"
    exact, _ = answer(finished.run, inputs, Choice("torch"), say=said.append)
    assert 0 < np.abs(found - exact).max() < 0.05 * np.abs(exact).max()
    assert len(said) == 1
    assert "answered by cpu bf16" in said[0]
    assert "trained in fp32" in said[0]


def test_little_work_is_not_probed_and_long_work_is(
    finished: Finished, inputs: NDArray[np.uint8], monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[tuple[int, ...]] = []
    compiling: list[bool | None] = []

    def tune(module: Any, batch: torch.Tensor, pins: Any, **named: Any) -> Tuned:
        asked.append(tuple(batch.shape))
        compiling.append(pins.compiled)
        assert named["forward"]
        return Tuned(Engine("cpu", "fp32", "channels_last"), "probed")

    monkeypatch.setattr("striate.engine.tune", tune)
    assert choose_answerer(finished.run, inputs, Choice()).engine == finished.run.engine
    assert not asked
    monkeypatch.setattr(answering, "WORTH_SECONDS", 0.0)
    assert choose_answerer(finished.run, inputs, Choice()).engine.memory_format == "channels_last"
    assert choose_answerer(finished.run, inputs, Choice("torch")).engine == finished.run.engine
    assert choose_answerer(finished.run, inputs[:4], Choice()).engine == finished.run.engine
    assert (asked, compiling) == ([(30, 1, 10, 10)], [False])
    monkeypatch.setattr(answering, "_CHAINED", 1)
    choose_answerer(finished.run, inputs, Choice())
    assert compiling == [False, None]


def test_what_a_probe_finds_answers_the_same(
    finished: Finished, inputs: NDArray[np.uint8], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(answering, "WORTH_SECONDS", 0.0)
    monkeypatch.setattr(answering, "PROBE_SECONDS", 0.05)
    expected = striate.predict(finished.run, inputs, engine="torch")
    found = striate.predict(finished.run, inputs)
    assert np.abs(found - expected).max() < 0.05
    assert (found.argmax(1) == expected.argmax(1)).mean() > 0.9


def test_a_compiled_run_answers_eager(finished: Finished, inputs: NDArray[np.uint8]) -> None:
    settings = {**finished.run.settings, "engine": {**finished.run.settings["engine"], "compiled": True}}
    run = replace(finished.run, settings=settings)
    assert not choose_answerer(run, inputs, Choice("torch")).engine.compiled


@pytest.mark.skipif(not can_fuse(), reason="torch without oneDNN")
def test_a_compiled_engine_has_chains_and_says_so_only_then(
    finished: Finished, inputs: NDArray[np.uint8], monkeypatch: pytest.MonkeyPatch
) -> None:
    expected, label = answer(finished.run, inputs, Choice(Engine()))
    found, compiled = answer(finished.run, inputs, Choice(Engine(compiled=True)))
    assert (label, compiled) == ("cpu fp32 contiguous, 1 thread", "cpu fp32 contiguous compiled, 1 thread")
    assert np.abs(found - expected).max() <= 1e-5 * np.abs(expected).max()
    monkeypatch.setattr("striate.engine.preparing.can_chain", lambda module: False)
    assert answer(finished.run, inputs, Choice(Engine(compiled=True, threads=2)))[1].count("compiled") == 0


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"engine": "tensorrt"}, "--engine is tensorrt, needed one of auto, torch, onnxruntime, openvino"),
        ({"precision": "fp16"}, "fp16"),
        ({"layout": "nhwc"}, "nhwc"),
        ({"threads": 0}, "threads is 0"),
    ],
)
def test_wishes_that_cannot_be_met_are_refused(
    finished: Finished, inputs: NDArray[np.uint8], options: dict[str, Any], message: str
) -> None:
    for ask in (striate.predict, striate.evaluate):
        with pytest.raises(InputError, match=message) as caught:
            ask(finished.run, inputs if ask is striate.predict else finished.data, **options)
        assert "\n" not in str(caught.value)


def test_an_evaluation_says_what_it_was_worked_out_on(finished: Finished) -> None:
    plain, rough = (striate.evaluate(finished.run, finished.data, precision=name) for name in (None, "bf16"))
    assert plain.engine == finished.run.engine.label
    assert "bf16" in rough.engine
    assert abs(plain.accuracy - rough.accuracy) <= 0.2
