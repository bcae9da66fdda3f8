from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from tests.studio.asked_runs import ask, find_run, train_digits, upload
from tests.studio.conftest import Served, serving
from tests.studio.samples import write_picture
from typer.testing import CliRunner

import striate
from striate.cli.application import app

TEXTS = "text,label\n" + "".join(
    f"the {'cat' if n % 2 else 'dog'} number {n} is here,{'c' if n % 2 else 'd'}\n" for n in range(60)
)


@pytest.fixture(scope="module")
def asked(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    folder = tmp_path_factory.mktemp("predicting")
    train_digits(folder)
    (folder / "texts.csv").write_text(TEXTS)
    net = "embed64-4, conv3-4, relu, gap, flatten, fc-classes"
    striate.train(net, folder / "texts.csv", out=folder / "runs" / "texts", steps=3, probe=False)
    with serving(folder) as served:
        yield served


def test_an_upload_gets_word_for_word_what_predict_prints(asked: Served, tmp_path: Path) -> None:
    path, run = tmp_path / "mine.png", asked.session.runs / "digits"
    path.write_bytes(write_picture(np.random.default_rng(1).integers(0, 256, (40, 40, 3)).astype(np.uint8)))
    found = ask(asked, "predict", run=find_run(asked), input=upload(asked, path.read_bytes(), "mine.png"))
    printed = CliRunner().invoke(app, ["predict", str(run), str(path)]).stdout
    assert printed == f"{path}  {found['line']}\n"
    assert [value for _, value in found["scores"]] == striate.predict(run, path)[0].tolist()
    assert found["media"][0]["frames"]


def test_a_text_is_read_by_the_runs_vocabulary(asked: Served, tmp_path: Path) -> None:
    text = "the dog is here, or a strange thing"
    (tmp_path / "t.txt").write_text(text)
    found = ask(asked, "predict", run=find_run(asked, "texts"), input=upload(asked, text.encode(), "typed.txt"))
    printed = CliRunner().invoke(app, ["predict", str(asked.session.runs / "texts"), str(tmp_path / "t.txt")]).stdout
    assert printed == f"{tmp_path / 't.txt'}  {found['line']}\n"
    assert found["media"][0]["words"][:2] == ["the", "dog"]


def test_what_the_run_does_not_read_is_said(asked: Served) -> None:
    text = upload(asked, b"a text", "a.txt")
    assert "can't be read" in ask(asked, "predict", run=find_run(asked), input=text)["problem"]
    picture = upload(asked, write_picture(np.zeros((4, 4), np.uint8)), "a.png")
    assert (
        "needed a file that ends in .txt"
        in ask(asked, "predict", run=find_run(asked, "texts"), input=picture)["problem"]
    )
    assert "doesn't hold" in ask(asked, "predict", run=find_run(asked), input="../a")["problem"]
