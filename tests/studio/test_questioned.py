from __future__ import annotations

import shutil
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from tests.studio.asked_runs import train_digits
from tests.studio.samples import write_picture

import striate
from striate.errors import InputError, RunError
from striate.studio.questioned import Questions
from striate.studio.uploads import Uploads


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("questioned")
    train_digits(folder)
    return folder / "runs" / "digits"


def test_a_run_is_loaded_and_answered_once_whoever_asks(home: Path) -> None:
    questions, counted = Questions(), []
    with ThreadPoolExecutor(4) as pool:
        held = list(
            pool.map(lambda _: questions.hold(home, on_score=lambda done, total: counted.append(done)), range(4))
        )
    assert len({id(each) for each in held}) == 1
    assert counted.count(len(held[0])) == 1
    with questions.using(home) as run:
        assert run is held[0].run


def test_one_question_at_a_time_works_with_a_run(home: Path) -> None:
    questions, inside, most = Questions(), [0], [0]

    def work(_: int) -> None:
        with questions.using(home):
            inside[0] += 1
            most[0] = max(most[0], inside[0])
            np.linalg.svd(np.random.default_rng(0).normal(size=(60, 60)))
            inside[0] -= 1

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(work, range(8)))
    assert most == [1]


def test_facts_of_a_run_wait_for_nobody_and_nor_do_other_runs_nor_uploads(home: Path, tmp_path: Path) -> None:
    other = Path(shutil.copytree(home, tmp_path / "other"))
    content = write_picture(np.zeros((8, 8, 3), np.uint8))
    questions, uploads = Questions(), Uploads()
    try:
        upload = uploads.keep(content, "a.png")
        with ThreadPoolExecutor(3) as pool, questions.using(home) as run:
            known, loaded = pool.submit(questions.know, home), pool.submit(questions.know, other)
            read = pool.submit(questions.read, home, upload, uploads)
            assert known.result(60) is run
            assert loaded.result(60).path.name == "other"
            assert read.result(60).shape == run.input
    finally:
        uploads.close()


def test_other_weights_are_another_run_and_the_oldest_goes(home: Path, tmp_path: Path) -> None:
    copies = [Path(shutil.copytree(home, tmp_path / name)) for name in "abc"]
    questions = Questions(most=2)
    first = questions.hold(copies[0])
    assert questions.hold(copies[0]) is first
    weights = copies[0] / "weights.safetensors"
    content = weights.read_bytes()
    weights.unlink()
    weights.write_bytes(content)
    again = questions.hold(copies[0])
    assert again is not first
    questions.hold(copies[1])
    questions.hold(copies[2])
    assert questions.hold(copies[0]) is not again


def test_what_is_no_finished_run_is_named(tmp_path: Path) -> None:
    with pytest.raises(RunError, match="no finished run"):
        Questions().hold(tmp_path / "none")


def test_an_upload_is_read_as_the_run_reads_its_files_and_once(home: Path, tmp_path: Path) -> None:
    content = write_picture(np.random.default_rng(0).integers(0, 256, (30, 20, 3)).astype(np.uint8))
    (tmp_path / "a.png").write_bytes(content)
    questions, uploads = Questions(), Uploads()
    try:
        upload = uploads.keep(content, "a.png")
        values = questions.read(home, upload, uploads)
        assert values is questions.read(home, upload, uploads)
        assert (striate.predict(home, np.asarray(values)[None]) == striate.predict(home, tmp_path / "a.png")).all()
        with pytest.raises(InputError):
            questions.read(home, uploads.keep(b"a text", "a.txt"), uploads)
    finally:
        uploads.close()
