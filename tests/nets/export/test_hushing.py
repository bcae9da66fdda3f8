"""Which threads are heard: those that were not hushed, however the hushes lie over each other."""

from __future__ import annotations

import sys
from concurrent.futures import ThreadPoolExecutor
from contextlib import redirect_stdout
from io import StringIO
from threading import Barrier

import pytest

from striate.nets.export.hushing import hush_thread


def test_hushes_that_overlap_give_the_streams_back(capsys: pytest.CaptureFixture[str]) -> None:
    streams, both, out = (sys.stdout, sys.stderr), Barrier(2), Barrier(2)

    def first() -> None:
        with hush_thread():
            both.wait(10)
            print("first within")
        print("first after")
        out.wait(10)

    def second() -> None:
        with hush_thread(), hush_thread():
            both.wait(10)
            out.wait(10)
            print("second within", file=sys.stderr)
            sys.stdout.writelines(["second", " again"])
        print("second after")

    with ThreadPoolExecutor(2) as pool:
        for each in [pool.submit(first), pool.submit(second)]:
            each.result()
    assert capsys.readouterr() == ("first after\nsecond after\n", "")
    assert (sys.stdout, sys.stderr) == streams


def test_a_stream_that_somebody_set_meanwhile_stays() -> None:
    own, before = StringIO(), sys.stdout
    with redirect_stdout(own):
        with hush_thread():
            other = sys.stdout = StringIO()
            print("theirs")
        assert sys.stdout is other
    assert sys.stdout is before
    assert (other.getvalue(), own.getvalue()) == ("theirs\n", "")
