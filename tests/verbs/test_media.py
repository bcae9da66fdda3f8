"""Every kind of data under every verb: it does its work, or is refused in one clear line."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from tests.verbs.media import WRITERS, Media
from torch import nn

import striate
from striate.cli.main import run_command
from striate.data import load_files
from striate.errors import InputError


@dataclass(frozen=True)
class Subject:
    """A run on data of one kind."""

    kind: str
    media: Media
    run: striate.Run

    @property
    def array(self) -> NDArray[Any]:
        """The media's files as the arrays that a verb takes in their place."""
        run = self.run
        return load_files(self.media.files, extents=run.input[1:], channels=run.input[0], reading=run.reading)[0]

    @property
    def convolution(self) -> tuple[str, nn.Module]:
        """The first convolution, by its path."""
        named = self.run.module.named_modules()
        return next((name, part) for name, part in named if isinstance(part, nn.Conv1d | nn.Conv2d | nn.Conv3d))


@pytest.fixture(scope="module", params=list(WRITERS))
def subject(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Subject:
    home = tmp_path_factory.mktemp(request.param)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("STRIATE_CACHE", str(home / "cache"))
        media = WRITERS[request.param](home)
        run = striate.train("auto", media.data, out=home / "run", steps=6, probe=False, threads=1, **media.options)
    return Subject(request.param, media, run)


def load(subject: Subject, _: Path) -> None:
    again = striate.load(subject.run.path)
    assert (again.reading, again.task, again.classes) == (subject.run.reading, subject.run.task, subject.run.classes)
    mine, theirs = subject.run.module.state_dict(), again.module.state_dict()
    assert all(torch.equal(mine[name], theirs[name]) for name in mine)


def resume(subject: Subject, home: Path) -> None:
    path = shutil.copytree(subject.run.path, home / "copied")
    kept = (path / "weights.safetensors").read_bytes()
    for lost in ("weights.safetensors", "report.html", "result.json"):
        (path / lost).unlink()
    run = striate.resume(path)
    assert (path / "weights.safetensors").read_bytes() == kept
    assert run.result is not None
    assert subject.run.result is not None
    assert run.result.to_dict() == subject.run.result.to_dict()


def measure(subject: Subject, _: Path) -> None:
    table = striate.measure(subject.run)
    assert table.parameters == sum(value.numel() for value in subject.run.module.parameters())


def evaluate(subject: Subject, _: Path) -> None:
    assert subject.run.result is not None
    assert striate.evaluate(subject.run, subject.media.data).to_dict() == subject.run.result.to_dict()


def predict(subject: Subject, _: Path) -> None:
    told = striate.predict(subject.run, list(subject.media.files))
    assert told.shape == (len(subject.media.files), len(subject.run.classes))
    assert np.isfinite(told).all()
    assert np.allclose(told, striate.predict(subject.run, subject.array), atol=1e-6)
    assert np.allclose(told[-1:], striate.predict(subject.run, subject.media.files[-1]), atol=1e-5)


def report(subject: Subject, _: Path) -> None:
    page = striate.report(subject.run.path).read_text("utf-8")
    assert all(f"<bdi>{name}</bdi>" in page for name in subject.run.classes)


def explain(method: str) -> Callable[[Subject, Path], None]:
    def act(subject: Subject, _: Path) -> None:
        heat = striate.explain(subject.run, list(subject.media.files), method=method)
        assert tuple(heat.values.shape) == (len(subject.media.files), *subject.run.input[1:])
        assert bool(heat.values.isfinite().all())
        assert heat.names == tuple(str(file) for file in subject.media.files)

    return act


def explore(view: str, **options: Any) -> Callable[[Subject, Path], None]:
    def act(subject: Subject, _: Path) -> None:
        layer = subject.convolution[0] if view not in ("kernels", "surface", "classpictures") else None
        inputs = list(subject.media.files[:1]) if view in ("maps", "caricature") else None
        assert striate.explore(subject.run, view, inputs, layer=layer, **options) is not None

    return act


def export(suffix: str, *, whole: bool = False) -> Callable[[Subject, Path], None]:
    def act(subject: Subject, home: Path) -> None:
        done = striate.export(subject.run, home / f"net{suffix}", whole=whole)
        assert done.agrees is not False
        assert (home / f"net{suffix}").is_file()

    return act


def locate(subject: Subject, _: Path) -> None:
    large = np.concatenate([subject.array[:1, ..., :], subject.array[:1, ..., :]], axis=-1)[0]
    found = striate.locate(subject.run, large, scales=(1.0,), threshold=0.01)
    assert found.places
    assert all(place.label in subject.run.classes for place in found.places)


def filter_(subject: Subject, _: Path) -> None:
    values = subject.array[0].astype(np.float32)
    done = striate.filter(values, run=subject.run, layer=subject.convolution[0])
    assert done is not None


def invert(subject: Subject, _: Path) -> None:
    """The first convolution of the run answers noise of its own number of channels, and is inverted."""
    conv: Any = subject.convolution[1]
    shape = (conv.in_channels, *[8 if size <= 8 else 40 for size in conv.kernel_size])
    with torch.no_grad():
        answer = conv(torch.randn(1, *shape))
    found = striate.invert(conv, answer, input=shape)
    assert tuple(found.shape) == (1, *shape)


def timeline(subject: Subject, _: Path) -> None:
    assert striate.timeline(subject.run, subject.media.files[0]) is not None


def command(verb: str, *more: str) -> Callable[[Subject, Path], None]:
    """The same by the command line, which says a refusal on stderr and gives 2."""

    def act(subject: Subject, _: Path) -> None:
        given = [str(subject.media.data)] if verb == "evaluate" else [str(file) for file in subject.media.files]
        assert run_command([verb, str(subject.run.path), *given, *more]) == 0

    return act


VERBS: dict[str, Callable[[Subject, Path], None]] = {
    "load": load,
    "resume": resume,
    "measure": measure,
    "evaluate": evaluate,
    "predict": predict,
    "report": report,
    "explain gradcam": explain("gradcam"),
    "explain occlusion": explain("occlusion"),
    "explain saliency": explain("saliency"),
    "explain integratedgradients": explain("integratedgradients"),
    "explain lrp": explain("lrp"),
    "explore tuning": explore("tuning", angles=2, frequencies=2),
    "explore patches": explore("patches", count=2, samples=10),
    "explore kernels": explore("kernels", most=4),
    "explore maps": explore("maps"),
    "explore invariance": explore("invariance", samples=2, shifts=(1,), angles=(90,), scales=(0.5,)),
    "explore caricature": explore("caricature", steps=2, starts=1),
    "explore classpictures": explore("classpictures", steps=2, starts=1),
    "explore visualise": explore("visualise", steps=2, starts=1, units=(0,)),
    "explore surface": explore("surface", cells=3, samples=10),
    "export .safetensors": export(".safetensors"),
    "export .pt2 whole": export(".pt2", whole=True),
    "locate": locate,
    "filter": filter_,
    "invert": invert,
    "timeline": timeline,
    "striate evaluate": command("evaluate"),
    "striate predict": command("predict"),
    "striate explain": command("explain", "--fast", "--json"),
}
SYMBOLS = "found a run of words, whose numbers are names"
REFUSED: dict[tuple[str, str], str] = {
    **{("words", f"explain {name}"): SYMBOLS for name in ("saliency", "integratedgradients", "lrp")},
    **{("words", f"explore {name}"): SYMBOLS for name in ("tuning", "invariance", "caricature", "classpictures")},
    ("words", "explore visualise"): SYMBOLS,
    ("words", "filter"): SYMBOLS,
    **{(kind, "explore tuning"): "found inputs of 3 axes, needed 1 or 2" for kind in ("video", "volumes")},
    ("series", "explore surface"): "found a run for regress, needed one that tells classes apart",
    ("series", "export .pt2 whole"): "a run that learned to regress",
    ("series", "locate"): "found a run for regress",
    ("moves", "locate"): "found a run of series",
    ("words", "locate"): "found a run of words",
    **{(kind, "timeline"): "sound" for kind in WRITERS if kind not in ("sound", "spectrogram")},
}


@pytest.mark.parametrize("verb", VERBS)
def test_a_verb_does_its_work_or_is_refused_in_one_line(
    subject: Subject, verb: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    reason = REFUSED.get((subject.kind, verb))
    if reason is None:
        VERBS[verb](subject, tmp_path)
        return
    with pytest.raises(InputError, match=reason) as caught:
        VERBS[verb](subject, tmp_path)
    assert "\n" not in str(caught.value)
