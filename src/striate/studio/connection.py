"""One connection: uvicorn's own, which would wait for a request's head for ever; here it has so many seconds.

A body's time is counted by the guard, an idle connection's between two requests by uvicorn.
Source: the "slowloris" attack, R. Hansen, 2009: many heads that never end keep a server from answering others.
"""

from __future__ import annotations

import asyncio

import h11
from uvicorn.protocols.http.h11_impl import H11Protocol

from striate.studio.refusal import log

HEAD_SECONDS = 20.0


class Connection(H11Protocol):
    """A connection whose requests must come whole within `HEAD_SECONDS`, up to their bodies."""

    _patience: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Begin to wait for the first request."""
        super().connection_made(transport)
        self._wait()

    def data_received(self, data: bytes) -> None:
        """Wait on while a head isn't whole; the time runs from its first byte, or the connection's beginning."""
        super().data_received(data)
        if self.conn.their_state is not h11.IDLE:
            self._stop_waiting()
        elif self._patience is None:
            self._wait()

    def connection_lost(self, exc: Exception | None) -> None:
        """Wait no longer."""
        self._stop_waiting()
        super().connection_lost(exc)

    def _wait(self) -> None:
        self._patience = self.loop.call_later(HEAD_SECONDS, self._give_up)

    def _stop_waiting(self) -> None:
        if self._patience is not None:
            self._patience.cancel()
            self._patience = None

    def _give_up(self) -> None:
        """Close it. A browser opens connections that it then doesn't need: no line for those."""
        if self.conn.trailing_data[0]:
            client = self.client[0] if self.client else "unknown"
            log.warning("refused slow (408): a head of more than %g seconds from %s", HEAD_SECONDS, client)
        self.transport.close()

    def _unsupported_upgrade_warning(self) -> None:
        """Nothing: the guard refuses every upgrade, and names it."""
