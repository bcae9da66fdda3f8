"""What the page asks to look at: a text, a zoo name, typed numbers, a digit, noise, a file; never a path."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from tests.studio.samples import write_array
from tests.verbs.media import WRITERS
from tests.verbs.untrained import make_run

import striate
from striate.engine import Engine
from striate.errors import DataError, InputError, NotationError
from striate.studio.session import Session
from striate.studio.sources import read_net, read_source, read_subject
from striate.verbs.spelling import watch

TEXT = "conv3-4, relu, gap, flatten, fc-classes"


@pytest.fixture
def session(tmp_path: Path) -> Iterator[Session]:
    session = Session(tmp_path)
    yield session
    session.close()


def test_a_text_s_weights_hang_on_the_seed(session: Session) -> None:
    one, same, other = (
        read_subject(session, {"text": TEXT, "input": [1, 8, 8], "classes": 3, "seed": seed}) for seed in (1, 1, 2)
    )
    assert (one.name, one.shape, one.run) == ("fresh weights", (1, 8, 8), None)
    weights = [next(subject.module.parameters()) for subject in (one, same, other)]
    assert torch.equal(weights[0], weights[1])
    assert not torch.equal(weights[0], weights[2])


def test_a_text_says_its_input_or_is_asked_for_it(session: Session) -> None:
    assert read_subject(session, {"text": f"input 2x9\n{TEXT}", "classes": 2}).shape == (2, 9)
    with pytest.raises(InputError, match="no input line"):
        read_subject(session, {"text": TEXT, "classes": 2})


def test_a_name_of_the_zoo_and_what_is_never_read(tmp_path: Path) -> None:
    assert read_net("lenet5").input is not None
    path = tmp_path / "own.net"
    path.write_text("relu")
    with pytest.raises(InputError):
        read_net(str(path))
    with pytest.raises(InputError, match="the studio doesn't fetch"):
        read_net("timm:resnet18")


def test_what_memory_may_not_hold_is_refused_before_it_is_drawn(session: Session) -> None:
    with pytest.raises(InputError, match="weights, of which"):
        read_subject(session, {"text": "input 3x1000x1000\nflatten, fc-1000"})
    with pytest.raises(InputError, match="are drawn at most"):
        read_source(session, {"kind": "noise"}, (3, 100_000, 100_000))
    with pytest.raises(NotationError, match="covn"):
        read_subject(session, {"text": "input 3x8x8\ncovn3-8"})


def test_numbers_go_in_row_by_row(session: Session) -> None:
    values, told = read_source(session, {"kind": "numbers", "values": list(range(6))}, (1, 2, 3))
    assert values.tolist() == [[[[0, 1, 2], [3, 4, 5]]]]
    assert told == "numbers as they go in"
    for wrong in (None, [1, 2], [0, 0, 0, 0, 0, "1"], [1e31] * 6, [float("nan")] * 6):
        with pytest.raises(InputError, match="needed 6 of them"):
            read_source(session, {"kind": "numbers", "values": wrong}, (1, 2, 3))


def test_noise_hangs_on_its_seed(session: Session) -> None:
    one, same, other = (read_source(session, {"kind": "noise", "seed": seed}, (2, 5))[0] for seed in (3, 3, 4))
    assert torch.equal(one, same)
    assert not torch.equal(one, other)
    assert one.shape == (1, 2, 5)


def test_a_digit_is_fitted_and_scaled(session: Session) -> None:
    values, told = read_source(session, {"kind": "digit", "index": 4}, (1, 8, 8))
    pixels, _ = read_source(session, {"kind": "digit", "index": 4}, (1, 8, 8), make_run(TEXT, (1, 8, 8)))
    assert told == "a 4"
    assert np.asarray(pixels).dtype == np.uint8
    assert np.allclose(np.asarray(values).reshape(8, 8), np.asarray(pixels).reshape(8, 8) / 255, atol=1e-6)


def test_an_uploaded_array_goes_in_by_its_handle(session: Session) -> None:
    array = np.random.default_rng(0).normal(size=(2, 4, 3)).astype(np.float32)
    handle = session.handles.give("input", session.uploads.keep(write_array(array), "own.npy"))
    values, told = read_source(session, {"kind": "upload", "input": handle}, (2, 4, 3))
    assert told == "your array"
    assert np.array_equal(np.asarray(values).reshape(2, 4, 3), array)
    with pytest.raises(InputError):
        read_source(session, {"kind": "upload", "input": "/etc/passwd"}, (2, 4, 3))


def catch_input(run: striate.Run, file: Path) -> torch.Tensor:
    """What `predict` itself lets go into the network: the input of the first module that is called."""
    caught: list[torch.Tensor] = []

    def listen(module: torch.nn.Module, inputs: Any) -> None:
        caught.append(inputs[0].detach().clone())

    hook = torch.nn.modules.module.register_module_forward_pre_hook(listen)
    try:
        striate.predict(run, [file], engine="torch")
    finally:
        hook.remove()
    return caught[0]


@pytest.mark.parametrize("kind", list(WRITERS))
def test_a_file_goes_into_a_run_as_predict_reads_it(session: Session, tmp_path: Path, kind: str) -> None:
    media = WRITERS[kind](tmp_path)
    text = "embed60-4, gap, flatten, fc-classes" if kind == "words" else "conv3-2, gap, flatten, fc-classes"
    run = striate.train(text, media.data, out=tmp_path / "run", steps=1, engine=Engine(), **media.options)
    file = media.files[0]
    wanted = catch_input(run, file)
    handle = session.handles.give("input", session.uploads.keep(file.read_bytes(), file.name))
    values, _ = read_source(session, {"kind": "upload", "input": handle}, run.input, run)
    playing = watch(run, values)
    assert torch.equal(playing.read(playing.input), wanted)
    if kind == "words":
        typed, told = read_source(session, {"kind": "text", "text": file.read_text()}, run.input, run)
        assert np.array_equal(typed, values)
        assert file.read_text()[:20] in told


def test_what_no_network_takes_is_refused_in_a_line(session: Session) -> None:
    run = make_run(TEXT, (1, 8, 8))
    text = session.handles.give("input", session.uploads.keep(b"a text", "own.txt"))
    array = session.handles.give("input", session.uploads.keep(write_array(np.full((1, 8, 8), 3.0)), "own.npy"))
    with pytest.raises(InputError, match="a text goes into a run that was trained on words"):
        read_source(session, {"kind": "upload", "input": text}, (1, 8, 8))
    with pytest.raises(InputError, match="was not trained on words"):
        read_source(session, {"kind": "text", "text": "a text"}, (1, 8, 8), run)
    with pytest.raises(DataError, match="can't be read"):
        read_source(session, {"kind": "upload", "input": text}, (1, 8, 8), run)
    values, _ = read_source(session, {"kind": "upload", "input": array}, (1, 8, 8), run)
    with pytest.raises(DataError, match="found values from 3 to 3"):
        watch(run, values)
