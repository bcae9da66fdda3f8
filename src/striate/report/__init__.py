"""The report: what a run learned and how far to trust it, as one HTML page that needs nothing else."""

from striate.report.page import render_report, write_report
from striate.report.story import Layer, Story

__all__ = ["Layer", "Story", "render_report", "write_report"]
