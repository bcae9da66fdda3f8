"""What is said beside the figures: on a folder with uneven classes, copies across the split and a network half dead."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import striate
from striate.data import Dataset, load_dataset
from striate.data.duplicates import Duplicates
from striate.engine import Engine
from striate.errors import InputError
from striate.train.silence import Silence, Silent
from striate.verbs.findings import (
    describe_classes,
    describe_duplicates,
    describe_silence,
    plan_search,
    warn_of_duplicates,
)

TEXT = "conv3-6, relu, gap, flatten, fc-classes"
COUNTS = {"train/coal": 60, "train/slate": 12, "val/coal": 4, "val/slate": 4, "test/coal": 12, "test/slate": 12}


@pytest.fixture(scope="module")
def uneven(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Blurred noise, darker for coal; three test pictures are brightened training pictures, one is a copy."""
    root = tmp_path_factory.mktemp("uneven")
    rng, first = np.random.default_rng(0), []
    for part, count in COUNTS.items():
        (root / part).mkdir(parents=True)
        for number in range(count):
            grain = Image.fromarray(rng.integers(0, 256, (6, 6), np.uint8)).resize((24, 24), Image.Resampling.BICUBIC)
            picture = (np.asarray(grain) // 3 + (20 if "coal" in part else 120)).astype(np.uint8)
            if part == "train/coal":
                first.append(picture)
            if part == "test/coal" and number < 4:
                picture = first[number] + np.uint8(30 * (number > 0))
            Image.fromarray(picture).save(root / part / f"{number:02}.png")
    return root


@pytest.fixture(scope="module")
def dataset(uneven: Path) -> Dataset:
    return load_dataset(uneven)


@pytest.mark.parametrize("balance", [None, "weights", "sampling"])
def test_a_training_says_what_it_found_and_did(uneven: Path, tmp_path: Path, balance: str | None) -> None:
    said: list[str] = []
    out = tmp_path / "run"
    run = striate.train(TEXT, uneven, out=out, epochs=1, balance=balance, engine=Engine(), say=said.append)
    told = "\n".join(said)
    way = {None: "trained on as they are", "weights": "loss counts", "sampling": "equally often"}[balance]
    assert "(coal) down to " in told
    assert way in told
    assert "1 of 24 stand byte for byte in the training part; 3 of 24 that were compared look like" in told
    settings = json.loads((out / "settings.json").read_text())
    assert settings["recipe"]["balance"] == (balance or "none")
    assert any(way in reason for reason in settings["reasons"])
    page = (out / "report.html").read_text("utf-8")
    assert 'id="data"' in page
    assert "Units that never fired" in page
    assert run.result is not None
    assert run.result.balanced_accuracy is None  # the test part is even


def test_a_run_that_was_cut_short_goes_on_with_the_same_draws(uneven: Path, tmp_path: Path) -> None:
    whole = striate.train(TEXT, uneven, out=tmp_path / "a", epochs=3, balance="sampling", engine=Engine())

    def stop(progress: object) -> None:
        if getattr(progress, "epoch", 0) == 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        striate.train(TEXT, uneven, out=tmp_path / "b", epochs=3, balance="sampling", engine=Engine(), on_progress=stop)
    resumed = striate.resume(tmp_path / "b")
    for name, value in whole.module.state_dict().items():
        assert value.equal(resumed.module.state_dict()[name]), name


def test_a_way_that_is_none_is_refused(uneven: Path, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="balance is 'more'"):
        striate.train(TEXT, uneven, out=tmp_path / "run", epochs=1, balance="more")
    assert not (tmp_path / "run").exists()


def test_balanced_accuracy_stands_beside_accuracy_where_classes_are_uneven(uneven: Path, tmp_path: Path) -> None:
    run = striate.train(TEXT, uneven, out=tmp_path / "run", steps=1, engine=Engine())
    inputs, labels = np.zeros((9, 1, 24, 24), np.uint8), np.array([0] * 8 + [1])
    arrays = {"x_test": inputs, "y_test": np.array(["coal", "slate"])[labels]}
    result = striate.evaluate(run, arrays)
    assert result.accuracy in (8 / 9, 1 / 9)
    assert result.balanced_accuracy == 0.5
    assert result.to_dict()["balanced_accuracy"] == 0.5


def test_even_classes_need_no_word(dataset: Dataset) -> None:
    even = load_dataset("digits")
    assert describe_classes(even, "none") == ()
    assert len(describe_classes(even, "weights")) == 1
    (line,) = describe_classes(dataset, "none")
    assert "5 to 1" in line


def test_sentences() -> None:
    found = Duplicates(200, 100, 0, 5, 0.4, 9.0, ())
    assert describe_duplicates(found, "test").startswith("test samples: 5 of 100 that were compared look like")
    assert "5 % of the held-out" in warn_of_duplicates(found)[0]
    assert warn_of_duplicates(Duplicates(200, 100, 9, 1, 0.4, 9.0, ())) == warn_of_duplicates(None) == ()
    silence = Silence(64, (Silent("relu1", 8, (1,)), Silent("relu2", 8, (1, 2))))
    assert describe_silence(silence).endswith("most in relu2, 2 of 8")
    assert describe_silence(silence).startswith("3 of 16 units behind a ReLU were never active on 64")


def test_the_search_takes_a_share_of_the_training(uneven: Path, tmp_path: Path) -> None:
    run = striate.train(TEXT, uneven, out=tmp_path / "run", steps=1, engine=Engine())
    short = plan_search(run)
    run.history[-1]["seconds"] = 1000.0
    assert plan_search(run) == pytest.approx(200 * short)
