"""Tickets: a later request of the same page for the same verb makes an earlier, unfinished one worthless."""

from __future__ import annotations

from threading import Event, Lock


class Superseded(Exception):  # noqa: N818 - nothing went wrong
    """Nobody waits for this answer any more."""


class Ticket:
    """One request's right to go on; long work asks `check` now and then."""

    def __init__(self) -> None:
        """Valid until it is cancelled."""
        self._cancelled = Event()

    @property
    def is_cancelled(self) -> bool:
        """Whether nobody waits for the answer."""
        return self._cancelled.is_set()

    def cancel(self) -> None:
        """Tell the work that it may stop."""
        self._cancelled.set()

    def check(self) -> None:
        """Stop the work here if nobody waits for it. Raises: Superseded then."""
        if self.is_cancelled:
            raise Superseded


class Tickets:
    """The valid tickets of all pages, one for each page and verb.

    >>> tickets = Tickets()
    >>> first = tickets.issue("a page", "sketch"); second = tickets.issue("a page", "sketch")
    >>> first.is_cancelled, second.is_cancelled
    (True, False)
    """

    def __init__(self) -> None:
        """None yet."""
        self._valid: dict[tuple[str, str], Ticket] = {}
        self._all: set[Ticket] = set()
        self._lock = Lock()

    def issue(self, page: str, verb: str, *, superseding: bool = True) -> Ticket:
        """Give a ticket; with `superseding`, the one before it for that page and verb is cancelled."""
        ticket = Ticket()
        with self._lock:
            self._all.add(ticket)
            if superseding:
                before = self._valid.pop((page, verb), None)
                self._valid[page, verb] = ticket
                if before is not None:
                    before.cancel()
        return ticket

    def collect(self, ticket: Ticket) -> None:
        """Take back the ticket of a request that was answered."""
        with self._lock:
            self._all.discard(ticket)
            for key, other in list(self._valid.items()):
                if other is ticket:
                    del self._valid[key]

    def cancel_all(self) -> None:
        """Cancel every ticket: the studio closes."""
        with self._lock:
            for ticket in self._all:
                ticket.cancel()
