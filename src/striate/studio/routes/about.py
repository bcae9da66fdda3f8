"""What the page is told first: the version, the folder, which views there are, and whether the engine is loaded."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from striate.studio.decoding import ENDINGS
from striate.studio.session import Session
from striate.studio.tickets import Ticket
from striate.studio.uploads import MOST_BYTES
from striate.version import __version__


def tell_about(session: Session, body: Mapping[str, Any], ticket: Ticket) -> dict[str, Any]:
    """Tell what the studio is, and have the engine loaded now that the page is there."""
    engine = session.engine
    engine.start(lambda: session.stream.publish("engine", {"ready": engine.is_ready, "problem": engine.problem}))
    return {
        "version": __version__,
        "folder": session.folder.resolve().name or "/",
        "assets": list(session.assets),
        "ready": engine.is_ready,
        "problem": engine.problem,
        "upload_bytes": MOST_BYTES,
        "endings": list(ENDINGS),
    }
