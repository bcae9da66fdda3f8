from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from tests.verbs.draw import TEXT, make_arrays

import striate
from striate.data import Dataset, load_dataset
from striate.engine import Engine, Pins, Tuned
from striate.errors import InputError
from striate.verbs.choosing import choose_engine, describe_choice, read_pins
from striate.verbs.planning import build_for_task, make_plan


@pytest.fixture
def dataset() -> Dataset:
    return load_dataset(make_arrays(60))


def make(dataset: Dataset, **wishes: Any) -> tuple[Any, Any]:
    plan = make_plan(striate.read(TEXT), dataset, 5, wishes)
    return build_for_task(plan, dataset), plan.recipe


def refuse(*given: Any, **named: Any) -> None:
    raise AssertionError("probed")


def test_the_probe_leaves_the_module_as_it_was(dataset: Dataset) -> None:
    (module, recipe), (twin, _) = make(dataset), make(dataset)
    tuned = choose_engine(module, dataset, recipe, None, Pins())
    assert tuned.seconds[tuned.engine.label] > 0
    pairs = zip(module.state_dict().values(), twin.state_dict().values(), strict=True)
    assert all((value == other).all() for value, other in pairs)


def test_the_batch_is_the_runs_and_its_length_is_told(dataset: Dataset, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: dict[str, Any] = {}

    def note(module: Any, batch: Any, pins: Any, **named: Any) -> Tuned:
        seen.update(named, batch=batch)
        return Tuned(Engine(), "probed")

    monkeypatch.setattr("striate.engine.tune", note)
    module, recipe = make(dataset, steps=40, batch=12)
    choose_engine(module, dataset, recipe, None, Pins())
    assert seen["batch"].shape == (12, 1, 10, 10)
    plain = torch.from_numpy(np.array(dataset.train.inputs[:12])).double() / 255
    expected = (plain - recipe.mean[0]) / recipe.std[0]
    assert torch.allclose(seen["batch"].double(), expected, atol=1e-5)  # as the training takes it
    assert seen["recall"]
    assert seen["expected"](0.5) == 20.0
    choose_engine(module, dataset, recipe, None, Pins(), probe=True, parts=3)
    assert not seen["recall"]
    assert len(seen["batch"]) == 4
    assert seen["expected"](0.5) == 60.0
    module, recipe = make(dataset, minutes=2)
    choose_engine(module, dataset, recipe, None, Pins())
    assert seen["expected"](0.5) == 120.0


def test_what_is_given_is_not_probed(dataset: Dataset, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("striate.engine.tune", refuse)
    module, recipe = make(dataset)
    own = Engine(memory_format="channels_last")
    assert choose_engine(module, dataset, recipe, own, Pins(threads=2)).engine == Engine(
        memory_format="channels_last", threads=2
    )
    plain = choose_engine(module, dataset, recipe, None, Pins(), probe=False)
    assert (plain.engine.precision, plain.engine.memory_format, plain.origin) == ("fp32", "contiguous", "plain")
    assert choose_engine(module, dataset, recipe, None, Pins(precision="bf16"), probe=False).engine.precision == "bf16"


@pytest.mark.parametrize("wish", [{"precision": "fp16"}, {"layout": "nhwc"}, {"threads": 0}])
def test_wishes_that_no_machine_can_meet_are_refused(wish: dict[str, Any]) -> None:
    with pytest.raises(InputError, match=r"fp16|nhwc|threads is 0"):
        read_pins(**wish)
    with pytest.raises(InputError):
        striate.train(TEXT, make_arrays(30), steps=1, **wish)


def test_the_choice_is_said_and_recorded() -> None:
    tuned = Tuned(Engine(precision="bf16"), "probed", {"a": 1.0, "b": 2.0}, 1.2, ("not compiled: too slow",))
    lines, about = describe_choice(tuned, True)
    assert lines[0] == "engine   cpu bf16 contiguous, 1 thread (the fastest of 2 probed in 1.2 s)"
    assert lines[1].strip() == "not compiled: too slow"
    assert "large blocks are kept" in lines[2]
    assert json.loads(json.dumps(about)) == about
    assert about["engine_notes"] == ["not compiled: too slow"]
    assert describe_choice(tuned, False)[1]["allocator"] != about["allocator"]


def test_a_run_records_its_engine_and_a_second_run_remembers_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("STRIATE_CACHE", str(tmp_path / "cache"))
    said: list[str] = []
    runs = [
        striate.train(TEXT, make_arrays(60), steps=2, out=tmp_path / name, say=said.append) for name in ("one", "two")
    ]
    origins = [run.settings["engine_origin"] for run in runs]
    assert origins == ["probed", "remembered"]
    assert runs[0].engine == runs[1].engine
    assert runs[0].settings["probe_seconds"] == runs[1].settings["probe_seconds"]
    assert runs[0].settings["allocator"]
    engines = [line for line in said if line.startswith("engine   ")]
    assert all(line.startswith(f"engine   {runs[0].engine.label} (") for line in engines)
    assert len(engines) == 2


@pytest.mark.parametrize(
    ("wish", "engine"),
    [
        ({"probe": False, "threads": 1}, Engine()),
        (
            {"probe": False, "threads": 1, "precision": "bf16", "layout": "channels_last"},
            Engine("cpu", "bf16", "channels_last"),
        ),
        (
            {"precision": "fp32", "layout": "channels_last", "threads": 1, "compile": False},
            Engine("cpu", "fp32", "channels_last"),
        ),
    ],
)
def test_wishes_are_kept(wish: dict[str, Any], engine: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    run = striate.train(TEXT, make_arrays(60), steps=2, out=tmp_path / "run", **wish)
    assert run.engine == engine
    assert run.settings["probe_seconds"] == {}


def test_a_resumed_run_never_probes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    out, settings = tmp_path / "run", {"precision": "fp32", "layout": "channels_last", "threads": 1, "compile": False}
    arrays = make_arrays(60)
    whole = striate.train(TEXT, arrays, epochs=4, out=tmp_path / "whole", **settings)  # type: ignore[arg-type]

    def stop(progress: Any) -> None:
        if progress.epoch == 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        striate.train(TEXT, arrays, epochs=4, out=out, on_progress=stop, **settings)  # type: ignore[arg-type]
    for name in ("tune", "probe", "settle_plain"):
        monkeypatch.setattr(f"striate.engine.{name}", refuse)
    monkeypatch.setattr(sys.modules["striate.engine.probe"], "time_candidates", refuse)
    run = striate.resume(out, arrays)
    assert run.engine == whole.engine == Engine(memory_format="channels_last")
    state = run.module.state_dict()
    assert all(torch.equal(state[name], value) for name, value in whole.module.state_dict().items())


def test_a_compiled_run_trains_and_without_a_compiler_goes_on_eager(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real, compiled = torch.compile, []

    def quick(module: Any, **options: Any) -> Any:
        compiled.append(module)
        return real(module, backend="eager", **options)

    monkeypatch.setattr(torch, "compile", quick)
    monkeypatch.setattr("striate.engine.tuning.can_compile", lambda device: True)
    monkeypatch.setattr("striate.engine.can_compile", lambda device: True)
    arrays, options = make_arrays(60), {"precision": "fp32", "layout": "contiguous", "threads": 1}
    run = striate.train(TEXT, arrays, steps=4, out=tmp_path / "one", compile=True, **options)  # type: ignore[arg-type]
    eager = striate.train(TEXT, arrays, steps=4, out=tmp_path / "two", compile=False, **options)  # type: ignore[arg-type]
    assert len(compiled) == 1
    assert run.settings["engine"]["compiled"]
    assert run.engine.compiled
    other = eager.module.state_dict()
    assert all(
        torch.allclose(value.float(), other[name].float(), atol=1e-4) for name, value in run.module.state_dict().items()
    )
    monkeypatch.setattr("striate.engine.can_compile", lambda device: False)
    assert not striate.load(tmp_path / "one").engine.compiled
