"""Uploads as a network takes them; what files of each medium become stands in `test_sources.py`."""

from __future__ import annotations

from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from tests.studio.samples import write_array, write_picture
from tests.verbs.untrained import make_run

import striate
from striate.errors import DataError, InputError
from striate.studio.readings import read_at_size, read_for_run
from striate.studio.refusal import Refused
from striate.studio.uploads import Uploads

TEXT = "conv3-4, relu, gap, flatten, fc-classes"


@pytest.fixture
def uploads() -> Iterator[Uploads]:
    uploads = Uploads()
    yield uploads
    uploads.close()


def test_an_array_is_taken_as_predict_takes_one(uploads: Uploads) -> None:
    run = make_run(TEXT, (1, 8, 8))
    values = np.random.default_rng(0).random((1, 8, 8), np.float32)
    for stored in (values, values[None]):
        taken = read_for_run(run, uploads.keep(write_array(stored), "own.npy"), uploads)
        assert np.array_equal(taken, values)
        assert np.array_equal(striate.predict(run, taken[None]), striate.predict(run, values[None]))
        assert np.array_equal(read_at_size(uploads.keep(write_array(stored), "a.npy"), uploads, (1, 8, 8))[0], values)


def test_a_limit_that_a_file_breaks_is_the_users_to_know(uploads: Uploads) -> None:
    upload = uploads.keep(write_picture(np.zeros((8, 8, 3), np.uint8)), "a.png")

    def refuse(*given: Any) -> Any:
        raise Refused(413, "upload", "a file that takes more than 2 seconds to read")

    slow: Any = SimpleNamespace(decode=refuse)
    with pytest.raises(DataError, match="more than 2 seconds"):
        read_for_run(make_run(TEXT, (1, 8, 8)), upload, slow)
    with pytest.raises(DataError, match="more than 2 seconds"):
        read_at_size(upload, slow, (3, 8, 8))


def test_what_no_network_takes_is_refused(uploads: Uploads) -> None:
    text = uploads.keep(b"a text", "a.txt")
    picture = uploads.keep(write_picture(np.zeros((8, 8, 3), np.uint8)), "a.png")
    with pytest.raises(InputError, match="trained on words"):
        read_at_size(text, uploads, (1, 8, 8))
    with pytest.raises(InputError, match="needed 1 or 3 channels"):
        read_at_size(picture, uploads, (2, 8, 8))
