"""studio: the link, alone on a line; the browser; a new link for who asks; a clean end."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from socket import gethostname
from threading import Thread
from typing import TYPE_CHECKING

from striate.errors import DataError

if TYPE_CHECKING:
    from striate.studio.application import Studio

PATIENCE_SECONDS = 0.5


def open_studio(folder: Path | None, port: int | None, *, browser: bool) -> None:
    """Serve the studio of a folder until Ctrl-C."""
    where = Path() if folder is None else folder.expanduser()
    if not where.is_dir():
        raise DataError(f"{where}: found no folder, needed the one that data and runs are in. Name another")
    from striate.studio.server import serve

    def begin(studio: Studio, number: int) -> None:
        at_terminal, opens = sys.stdin is not None and sys.stdin.isatty(), browser and can_browse()
        if at_terminal:
            print(introduce(where.resolve(), opens=opens), file=sys.stderr)
        link = _print_link(studio, number)
        if opens:
            Thread(target=_open_browser, args=(link,), daemon=True).start()
        if at_terminal:
            print(explain_use(number, remote="SSH_CONNECTION" in os.environ), file=sys.stderr)
            Thread(target=_renew, args=(studio, number), daemon=True).start()

    try:
        with _hanging_up():
            serve(where, port, begin)
    except KeyboardInterrupt:
        print("The studio is closed.", file=sys.stderr)
    _leave()


def introduce(folder: Path, *, opens: bool) -> str:
    """What stands above the link on a terminal.

    >>> introduce(Path("photos"), opens=True)
    'The studio of photos opens in the browser, by this link, which works once:'
    """
    how = "opens in the browser, by this link" if opens else "is opened by this link"
    return f"The studio of {folder.name or folder} {how}, which works once:"


def explain_use(port: int, *, remote: bool) -> str:
    """What stands below the link on a terminal."""
    lines = ["Enter gives a new link. Ctrl-C ends the studio; trainings that it began go on."]
    if remote:
        lines += [
            "The link is for a browser on this machine. From the one that you sit at, first forward the port:",
            f"    ssh -L {port}:127.0.0.1:{port} {gethostname()}",
        ]
    return "\n".join(lines)


@contextmanager
def _hanging_up() -> Iterator[None]:
    """A `with` in which a terminal that is closed ends the studio as SIGTERM does: tidily. `nohup` is left alone."""
    if sys.platform == "win32" or signal.getsignal(signal.SIGHUP) != signal.SIG_DFL:
        yield
        return
    signal.signal(signal.SIGHUP, lambda number, frame: signal.raise_signal(signal.SIGTERM))
    try:
        yield
    finally:
        signal.signal(signal.SIGHUP, signal.SIG_DFL)


def _print_link(studio: Studio, port: int) -> str:
    from striate.studio.server import write_link

    link = write_link(studio, port)
    print(link, flush=True)
    return link


def _renew(studio: Studio, port: int) -> None:
    """Print a new link for every line on the terminal; read past Python's own lock, which an exit would wait for."""
    while os.read(sys.stdin.fileno(), 4096):
        studio.keys.renew()
        _print_link(studio, port)


def can_browse() -> bool:
    """Whether a browser would have a window of its own: on Linux without a display it would take the terminal."""
    if sys.platform in ("win32", "darwin"):
        return True
    return any(os.environ.get(name) for name in ("DISPLAY", "WAYLAND_DISPLAY", "BROWSER"))


def _open_browser(link: str) -> None:
    import webbrowser

    if not webbrowser.open(link):
        print("No browser could be opened: open the link in one yourself.", file=sys.stderr)


def _leave() -> None:
    """Leave without waiting for threads that still compute: nobody waits for what they would say."""
    from threading import enumerate as list_threads

    working = [thread for thread in list_threads() if thread.name.startswith("striate-")]
    for thread in working:
        thread.join(PATIENCE_SECONDS / len(working))
    if any(thread.is_alive() for thread in working):
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(0)
