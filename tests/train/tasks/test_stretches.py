"""Stretches of sequences: within what counts, alike in any batch, a moment late; loops beside the gathers."""

from __future__ import annotations

import torch

from striate.train.tasks.stretches import NOTHING, cut_stretches, draw_starts


def test_stretches_are_cut_as_a_loop_would() -> None:
    generator = torch.Generator().manual_seed(0)
    levels = torch.randint(0, 256, (5, 12), generator=generator)
    counts, starts = torch.tensor([12, 9, 3, 1, 0]), torch.tensor([4, 0, 1, 0, 0])
    given, wanted = cut_stretches(levels, counts, starts, 7)
    for row in range(5):
        for place in range(7):
            moment = int(starts[row]) + place
            before = int(levels[row, moment - 1]) if moment else 128
            known = moment < int(counts[row])
            assert int(given[row, place]) == before
            assert int(wanted[row, place]) == (int(levels[row, moment]) if known else NOTHING)


def test_starts_lie_within_what_counts_and_reach_both_ends() -> None:
    counts = torch.full((4000,), 100)
    starts = draw_starts(torch.arange(4000), counts, 40, seed=3, epoch=1)
    assert int(starts.min()) == 0
    assert int(starts.max()) == 60
    shares = [(starts == 0).double().mean(), (starts == 60).double().mean(), (starts == 30).double().mean()]
    assert shares[0] > 0.1
    assert shares[1] > 0.1
    assert shares[2] < 0.05


def test_a_short_sequence_is_taken_from_its_beginning() -> None:
    assert not draw_starts(torch.arange(50), torch.full((50,), 10), 40, seed=0, epoch=0).any()


def test_starts_are_a_function_of_seed_epoch_and_row() -> None:
    rows, counts = torch.arange(30), torch.full((30,), 5000)
    whole = draw_starts(rows, counts, 64, seed=1, epoch=2)
    alone = torch.cat([draw_starts(rows[row : row + 1], counts[:1], 64, seed=1, epoch=2) for row in range(30)])
    assert torch.equal(whole, alone)
    assert not torch.equal(whole, draw_starts(rows, counts, 64, seed=1, epoch=3))
    assert not torch.equal(whole, draw_starts(rows, counts, 64, seed=2, epoch=2))
