"""A small share of benchmarks/faults.py, through the same functions, and what its parts rest on."""

from __future__ import annotations

import sys

import numpy as np
import pytest
from benchmarks.faulty.files import Case, inject_files, list_cases
from benchmarks.faulty.kills import inject_kills
from benchmarks.faulty.mutations import MUTATIONS
from benchmarks.faulty.samples import KINDS
from benchmarks.faulty.writes import find_compiler, inject_writes

LINUX = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="needs fork and /proc")


def hush(line: str) -> None:
    """Progress that nobody reads."""


@LINUX
def test_damaged_files_bring_nothing_down_and_are_named() -> None:
    outcome = inject_files(60, hush, seed=1)
    assert outcome.failures == []
    assert outcome.done == 60


@LINUX
@pytest.mark.skipif(find_compiler() is None, reason="needs a C compiler")
def test_a_disk_that_refuses_costs_no_state() -> None:
    outcome = inject_writes(29, hush)
    assert outcome.failures == []
    assert outcome.done >= 8


@LINUX
def test_a_killed_command_is_resumed_to_the_same_bits() -> None:
    outcome = inject_kills(1, tell=hush)
    assert outcome.failures == []
    assert outcome.done == 1


def test_every_kind_meets_every_mutation() -> None:
    cases = list_cases(2 * len(KINDS) * len(MUTATIONS))
    pairs = [(case.kind, case.mutation) for case in cases]
    assert all(pairs.count((kind, mutation)) == 2 for kind in KINDS for mutation in MUTATIONS)
    assert cases[3] == Case(3, 0, list(KINDS)[3], "truncated")


@pytest.mark.parametrize("mutation", MUTATIONS)
def test_mutations_do_harm(mutation: str) -> None:
    harmed = 0
    for number, draw in enumerate(KINDS.values()):
        generator = np.random.default_rng(number)
        content = draw(generator)
        harmed += MUTATIONS[mutation](content, generator) != content
    assert harmed >= len(KINDS) - 2
