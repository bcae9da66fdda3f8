"""A studio with one small run of digits, trained once for all questions about it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from tests.studio.asked_runs import train_digits
from tests.studio.conftest import Served, serving


@pytest.fixture(scope="session")
def asked(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    folder = tmp_path_factory.mktemp("explained")
    train_digits(folder)
    with serving(folder) as served:
        yield served
