"""Which design fits what kind of data: words are looked up, series read causally, recordings as waves, else by size."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from striate.auto.causal import design_series
from striate.auto.clips import design_volume
from striate.auto.network import Design, design_network
from striate.auto.sentences import design_words
from striate.auto.waveform import design_waveform
from striate.data import Facts


def design_for_kind(facts: Facts, reading: Mapping[str, Any] | None) -> Design:
    """Choose a network by the kind of the data; `reading` knows how many words have a number.

    Cost:    integers alone.
    """
    if facts.kind == "words" and reading is not None:
        from striate.data.tokens import SPECIAL

        return design_words(len(SPECIAL) + len(str(reading["vocabulary"]).split()), facts.extents[0], facts.largest[0])
    if facts.kind == "series":
        return design_series(facts.channels, facts.extents[0])
    if facts.kind == "sound" and len(facts.extents) == 1 and facts.rate:
        return design_waveform(facts.channels, facts.extents[0], facts.rate)
    if facts.kind in ("video", "volumes") and len(facts.extents) > 2:
        return design_volume(facts.channels, facts.extents, facts.kind)
    return design_network(facts.channels, facts.extents)
