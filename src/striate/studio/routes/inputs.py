"""What the page does with an input that was uploaded, beside asking about it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from striate.studio.session import Session
from striate.studio.tickets import Ticket


def forget_input(session: Session, body: Mapping[str, Any], ticket: Ticket) -> dict[str, Any]:
    """Throw an uploaded input away."""
    session.handles.drop("input", body.get("input"))
    return {}
