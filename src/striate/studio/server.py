"""The server: one socket on 127.0.0.1, one process, until Ctrl-C."""

from __future__ import annotations

import asyncio
import logging
import os
import socket
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import uvicorn

from striate.errors import InputError
from striate.studio.application import Studio, make_studio
from striate.studio.connection import Connection
from striate.studio.refusal import escape
from striate.studio.session import Session

HOST = "127.0.0.1"
CLOSING_SECONDS = 2


def open_socket(port: int | None) -> socket.socket:
    """Open a socket on this machine's own address: on a port, or on any that is free.

    Raises:  InputError where the port is taken, or may not be had.
    """
    found = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    if os.name == "posix":  # elsewhere it would let two programs share a port
        found.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        found.bind((HOST, port or 0))
        found.listen(128)
    except (OSError, OverflowError) as problem:
        found.close()
        why = getattr(problem, "strerror", None) or str(problem)
        raise InputError(f"--port {port}: {why}. Choose another, or leave it out") from None
    found.set_inheritable(False)
    return found


def write_link(studio: Studio, port: int) -> str:
    """The link that opens a studio, once."""
    return f"http://{HOST}:{port}/?{studio.keys.launch_query().decode()}"


def serve(folder: Path, port: int | None, on_ready: Callable[[Studio, int], None]) -> None:
    """Serve the studio of a folder until it is interrupted; `on_ready` hears when the link can be opened.

    Raises:  InputError as `open_socket`; KeyboardInterrupt when Ctrl-C has ended it and all is closed.
    """
    with open_socket(port) as opened, _logging():
        number = int(opened.getsockname()[1])
        studio = make_studio(Session(folder), number)
        server = Server(studio, lambda: on_ready(studio, number))
        try:
            server.run(sockets=[opened])
        finally:
            studio.close()


class Server(uvicorn.Server):
    """Uvicorn, that says when it answers, and ends the streams when it stops."""

    def __init__(self, studio: Studio, on_ready: Callable[[], None]) -> None:
        """Serve this studio; nothing that a client says about itself is believed."""
        self.studio, self.on_ready = studio, on_ready
        super().__init__(
            uvicorn.Config(
                studio.app,
                http=Connection,
                ws="none",
                loop="asyncio",
                lifespan="off",
                log_config=None,
                access_log=False,
                proxy_headers=False,
                server_header=False,
                timeout_graceful_shutdown=CLOSING_SECONDS,
                h11_max_incomplete_event_size=32 * 1024,
                limit_concurrency=256,
            )
        )

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Begin to answer, then tell."""
        await super().startup(sockets)
        await asyncio.get_running_loop().run_in_executor(None, self.on_ready)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Close what would keep connections open, then stop."""
        self.studio.close()
        await super().shutdown(sockets)


class _Plain(logging.Formatter):
    """Lines that leave the terminal as it is, whatever a fault's message quotes."""

    def format(self, record: logging.LogRecord) -> str:
        return escape(super().format(record))


@contextmanager
def _logging() -> Iterator[None]:
    """A `with` in which the studio's warnings, and the server's, are lines on stderr."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(_Plain("striate studio: %(message)s"))
    loggers = [logging.getLogger(name) for name in ("striate.studio", "uvicorn.error")]
    before = [(log.level, log.propagate) for log in loggers]
    for log in loggers:
        log.addHandler(handler)
        log.setLevel(logging.WARNING)
        log.propagate = False
    try:
        yield
    finally:
        for log, (level, propagate) in zip(loggers, before, strict=True):
            log.removeHandler(handler)
            log.setLevel(level)
            log.propagate = propagate
