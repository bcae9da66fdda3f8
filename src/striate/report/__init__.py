"""The report: what a run learned and how far to trust it, as one HTML page that needs nothing else; and pictures."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from striate.report.outcome import Example, Outcome
from striate.report.page import render_report, write_report
from striate.report.story import Layer, Story

if TYPE_CHECKING:
    from striate.report.figures import figure, find_place, save_figure

__all__ = [
    "Example",
    "Layer",
    "Outcome",
    "Story",
    "figure",
    "find_place",
    "render_report",
    "save_figure",
    "write_report",
]


def __getattr__(name: str) -> Any:
    """Load the pictures when one is first asked for: matplotlib takes half a second, and the page needs none of it."""
    if name not in ("figure", "find_place", "save_figure"):
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from striate.report import figures

    return getattr(figures, name)
