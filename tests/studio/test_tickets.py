from __future__ import annotations

import pytest

from striate.studio.tickets import Superseded, Tickets


def test_a_later_request_of_the_same_page_and_verb_supersedes() -> None:
    tickets = Tickets()
    first, other_page = tickets.issue("a", "sketch"), tickets.issue("b", "sketch")
    other_verb = tickets.issue("a", "measure")
    second = tickets.issue("a", "sketch")
    assert [ticket.is_cancelled for ticket in (first, other_page, other_verb, second)] == [True, False, False, False]
    second.check()
    with pytest.raises(Superseded):
        first.check()


def test_a_verb_that_does_not_supersede_leaves_the_others() -> None:
    tickets = Tickets()
    first, second = (tickets.issue("a", "cell", superseding=False) for _ in range(2))
    assert not first.is_cancelled
    assert not second.is_cancelled


def test_an_answered_request_is_not_superseded() -> None:
    tickets = Tickets()
    first = tickets.issue("a", "sketch")
    tickets.collect(first)
    tickets.issue("a", "sketch")
    assert not first.is_cancelled


def test_an_overtaken_request_does_not_take_the_later_ones_ticket_back() -> None:
    tickets = Tickets()
    first, second = tickets.issue("a", "sketch"), tickets.issue("a", "sketch")
    tickets.collect(first)
    tickets.issue("a", "sketch")
    assert second.is_cancelled


def test_all_are_cancelled_at_the_end() -> None:
    tickets = Tickets()
    given = [tickets.issue("a", "x"), tickets.issue("a", "y", superseding=False)]
    tickets.cancel_all()
    assert all(ticket.is_cancelled for ticket in given)
