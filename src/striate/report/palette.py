"""The colours of pictures: the report page's own on paper, blue and orange first, which every eye tells apart."""

from __future__ import annotations

PAPER, INK, QUIET, RULE, WASH = "#fcfcfa", "#1c1f22", "#5a6067", "#dcdcd6", "#f3f3ef"
BLUE, ORANGE, PALE_BLUE, PALE_ORANGE = "#1f5f99", "#b4471f", "#a9c6e0", "#e8b69f"
GROUPS = (BLUE, "#e08a4f", INK, "#d4cdb8")
"""Bars side by side: they differ in lightness too."""
DEPTHS = ("#9db7d3", "#7ba0c4", "#5a88b4", "#3c70a3", "#245a8d", "#164672", "#0c3357", "#03203b")
"""From near the input to deep in the network: one hue, ever darker."""
