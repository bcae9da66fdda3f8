"""The report: what a run learned and how far to trust it, as one HTML page that needs nothing else; and pictures."""

from striate.report.figures import figure, find_place, save_figure
from striate.report.page import render_report, write_report
from striate.report.story import Layer, Story

__all__ = ["Layer", "Story", "figure", "find_place", "render_report", "save_figure", "write_report"]
