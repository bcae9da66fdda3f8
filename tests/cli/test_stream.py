"""Work outlives the reader of its output."""

import io
import os
import sys

import pytest

from striate.cli.stream import Outlived


def test_what_is_written_arrives() -> None:
    plain = io.StringIO()
    stream = Outlived(plain)
    assert stream.write("one\n") == 4
    stream.flush()
    assert plain.getvalue() == "one\n"
    assert stream.is_heard
    assert not stream.isatty()


def test_a_reader_that_leaves_stops_nothing() -> None:
    reading, writing = os.pipe()
    with os.fdopen(writing, "w", buffering=1) as plain:
        stream = Outlived(plain)
        os.close(reading)
        for _ in range(3):
            assert stream.write("line\n") == 5
            stream.flush()
        assert not stream.is_heard
        assert not stream.isatty()


def test_the_terminals_facts_are_the_streams_own() -> None:
    assert Outlived(sys.__stdout__ or sys.stdout).encoding == (sys.__stdout__ or sys.stdout).encoding
    with pytest.raises(io.UnsupportedOperation):
        Outlived(io.StringIO()).fileno()
