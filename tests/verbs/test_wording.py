"""Classes that differ in the order of words alone, from a table to a page: a width of 3 tells it, counts don't."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from tests.data.sentences import compose, write_table

import striate
from striate.data import load_dataset
from striate.data.tokens import tokenise
from striate.errors import DataError, InputError
from striate.verbs import Run

TEXTS = ["we like tea , not love ML , today we", "today we , ML not love , often they"]


@pytest.fixture(scope="module")
def table(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_table(tmp_path_factory.mktemp("words") / "said.csv", compose(2400))


@pytest.fixture(scope="module")
def run(table: Path) -> Run:
    net = "embed40-16, conv3-64, relu, gmp, flatten, fc-classes"
    return striate.train(net, table, out=table.parent / "run", epochs=10, batch=32, probe=False, threads=1)


def test_a_convolution_of_three_words_tells_their_order(run: Run) -> None:
    assert run.result is not None
    assert run.result.accuracy is not None
    assert run.result.accuracy >= 0.98


def test_counts_of_words_do_not(table: Path, tmp_path: Path) -> None:
    dataset = load_dataset(table)
    arrays: dict[str, NDArray[Any]] = {}
    for name, part in (("train", dataset.train), ("val", dataset.val), ("test", dataset.test)):
        assert part is not None
        counts = np.stack([np.bincount(row.reshape(-1), minlength=40)[1:] for row in part.inputs])
        arrays[f"x_{name}"], arrays[f"y_{name}"] = counts[:, None].astype(np.uint8), part.labels
    net = "flatten, fc-64, relu, fc-classes"
    mlp = striate.train(net, arrays, out=tmp_path / "run", epochs=10, batch=32, probe=False, threads=1)
    assert mlp.result is not None
    assert mlp.result.accuracy is not None
    assert mlp.result.accuracy <= 0.58


def test_the_network_gets_whole_numbers(run: Run, table: Path) -> None:
    from striate.train.batches import normalise

    test = load_dataset(table).test
    assert test is not None
    numbers = torch.from_numpy(test.inputs)
    assert torch.equal(normalise(numbers, run.recipe), numbers.float())


def test_predict_takes_texts_files_and_arrays(run: Run, tmp_path: Path) -> None:
    told = striate.predict(run, texts=TEXTS)
    assert [run.classes[place] for place in told.argmax(1)] == ["verb first", "noun first"]
    for number, text in enumerate(TEXTS):
        (tmp_path / f"{number}.txt").write_text(text)
    assert np.array_equal(striate.predict(run, [tmp_path / "0.txt", tmp_path / "1.txt"]), told)
    assert np.array_equal(striate.predict(run, tmp_path), told)
    reading = json.loads((run.path / "settings.json").read_text())["data"]["reading"]
    numbers = {word: place for place, word in enumerate(reading["vocabulary"].split(), start=2)}
    cells = np.zeros((2, 1, reading["length"]), np.int16)
    for row, text in enumerate(TEXTS):
        for cell, token in enumerate(tokenise(text)[: reading["length"]]):
            cells[row, 0, cell] = numbers.get(token, 1)
    assert np.array_equal(striate.predict(run, cells), told)


def test_what_is_no_list_of_texts_is_refused(run: Run) -> None:
    for texts in ("one text", [], [1]):
        with pytest.raises(InputError, match="needed a list of them"):
            striate.predict(run, texts=texts)  # type: ignore[arg-type]
    with pytest.raises(DataError, match="text 1: found no word in it"):
        striate.predict(run, texts=["a", " "])


def test_evaluate_finds_the_runs_own_figure_again(run: Run, table: Path) -> None:
    assert run.result is not None
    assert striate.evaluate(run, table).accuracy == run.result.accuracy


def test_occlusion_hides_one_word_at_a_time(run: Run) -> None:
    heat = striate.explain(run, texts=TEXTS, method="occlusion")
    assert heat.words == tuple(tuple(tokenise(text)[: run.input[1]]) for text in TEXTS)
    inputs, whole = heat.inputs, torch.tensor(heat.score)
    for cell in range(inputs.shape[-1]):
        hidden = inputs.clone()
        hidden[..., cell] = 0
        with torch.no_grad():
            scores = run.module(hidden)[torch.arange(2), list(heat.target)]
        assert torch.allclose(heat.values[:, cell], whole - scores, atol=1e-5)


def test_a_map_over_words_can_be_judged(run: Run) -> None:
    trust = striate.explain(run, texts=TEXTS, method="occlusion", trust=True).trust
    assert trust is not None
    assert all(0 <= each <= 1 for each in (*trust.deletion.found, *trust.insertion.found))
    assert sum(trust.insertion.found) > sum(trust.insertion.random)


@pytest.mark.parametrize("method", ["saliency", "inputxgradient", "guided", "smoothgrad", "integratedgradients", "lrp"])
def test_gradients_at_the_input_are_refused_in_one_line(run: Run, method: str) -> None:
    with pytest.raises(InputError) as caught:
        striate.explain(run, texts=TEXTS, method=method)
    assert "\n" not in str(caught.value)


def test_the_page_shows_words(run: Run, tmp_path: Path) -> None:
    from striate.report.heats.explanation import save_explanation

    heats = [striate.explain(run, texts=TEXTS, method=method) for method in ("occlusion", "gradcam")]
    page = save_explanation(heats, tmp_path / "page.html").read_text("utf-8")
    assert page.count("<bdi>love</bdi>") == 4
    with pytest.raises(InputError, match="drawn on a page"):
        save_explanation(heats, tmp_path / "page.png")


def test_the_report_counts_the_vocabulary_and_draws_no_kernels(run: Run) -> None:
    page = (run.path / "report.html").read_text("utf-8")
    vocabulary = str((run.reading or {})["vocabulary"])
    assert f"{len(vocabulary.split())} words" in page
    assert vocabulary not in page


def test_measure_and_export_take_the_run(run: Run, tmp_path: Path) -> None:
    assert striate.measure(run).parameters == sum(each.numel() for each in run.module.parameters())
    assert striate.export(run, tmp_path / "said.pt2").agrees
    whole = striate.export(run, tmp_path / "whole.pt2", whole=True)
    assert whole.agrees
    program = torch.export.load(tmp_path / "whole.pt2").module()
    heat = striate.explain(run, texts=TEXTS, method="occlusion")
    assert torch.allclose(program(heat.inputs).double(), torch.from_numpy(striate.predict(run, texts=TEXTS)), atol=1e-5)


def test_series_from_a_table_to_what_comes_next(tmp_path: Path) -> None:
    rows = np.arange(600)
    wave = np.sin(2 * np.pi * rows / 12)
    text = "\n".join(["time,level", *(f"{row},{1000 + 50 * value:.4f}" for row, value in zip(rows, wave, strict=True))])
    (tmp_path / "wave.csv").write_text(text)
    asked: dict[str, Any] = {"window": 16, "epochs": 12, "batch": 16, "probe": False, "threads": 1}
    run = striate.train("auto", tmp_path / "wave.csv", out=tmp_path / "run", **asked)
    assert run.task.name == "regress"
    assert run.result is not None
    assert run.result.merit > 0.9
    told = striate.predict(run, [tmp_path / "wave.csv"])
    assert told[0, 0] == pytest.approx(1000 + 50 * np.sin(2 * np.pi * 600 / 12), abs=15)
    found = striate.evaluate(run, tmp_path / "wave.csv")
    assert found.merit == pytest.approx(run.result.merit, abs=1e-6)
    window = (1000 + 50 * wave[-16:])[None, None]
    assert np.allclose(striate.predict(run, window), told, atol=1e-3)
    with pytest.raises(InputError, match="was not trained on words"):
        striate.predict(run, texts=["a"])
