"""Restoring on the page: how good the samples are after it and were before, and some of them, before and after."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from markupsafe import Markup

from striate.report.markup import element
from striate.report.numerals import write_count, write_percent
from striate.report.outcomes.restored import draw_restored
from striate.report.outcomes.shown import Section, Shown, draw_table
from striate.report.story import Story


def show_restoring(story: Story) -> Shown:
    """The mean merit with its interval as the headline; a table of before, after and gain; samples, worst to best."""
    outcome = story.outcome
    assert outcome is not None
    found, merit = outcome.judged.figures, outcome.merit
    part = "test" if story.part == "test" else "validation"
    low, high = outcome.judged.interval
    silent = (("Silent samples, not judged", write_count(found["silent"])),) if found["silent"] else ()
    return Shown(
        figure=merit.write(outcome.judged.merit),
        subject=f"{merit.name} on the {part} part, the mean over its samples",
        interval=f"The 95 % interval runs from {merit.write(low)} to {merit.write(high)} (bootstrap over "
        f"{write_count(len(outcome.answers))} samples).",
        baseline=f"The damaged samples themselves have {merit.write(found['damaged'])}: "
        f"{merit.write(found['gain'])} are gained.",
        facts=(
            ("Samples", write_count(len(outcome.answers))),
            ("Better than before", write_percent(found["better"])),
            ("Loss", f"{outcome.judged.loss:.4f}"),
            *silent,
        ),
        sections=(
            Section("gain", "What is gained", _draw_table(found, story)),
            Section("samples", "From worst to best", _draw_examples(story)),
        ),
    )


def _draw_table(found: Mapping[str, Any], story: Story) -> Markup:
    assert story.outcome is not None
    merit = story.outcome.merit
    names = (("restored", "Restored"), ("damaged", "Damaged"), ("gain", "Gain"))
    rows = [
        (title, merit.write(found[name]), *(merit.write(bound) for bound in found[f"{name}_interval"]))
        for name, title in names
    ]
    return draw_table(
        "Gain", f"{merit.name} before and after", ("", merit.name, "From", "To"), rows, _ABOUT[merit.name]
    )


_ABOUT = {
    "PSNR": "PSNR, peak signal-to-noise ratio: full scale squared over the mean squared error, in decibels, of values "
    "cut to full scale; ten more are a tenth of the error. From and to: the 95 % interval (bootstrap over samples).",
    "SI-SDR": "SI-SDR, scale-invariant signal-to-distortion ratio: the power of what is of the clean sound over that "
    "of all else, in decibels, however loud it is. From and to: the 95 % interval (bootstrap over samples).",
}


def _draw_examples(story: Story) -> Markup:
    outcome = story.outcome
    assert outcome is not None
    if not outcome.examples:
        return element("p", "None of them could be judged: all are silent.")
    cards = [_draw_card(story, number) for number in range(len(outcome.examples))]
    about = (
        f"{len(cards)} of {write_count(len(outcome.answers))} samples: the worst of them, some in the middle, and the "
        "best. Of the difference, too much is orange and too little blue."
    )
    if story.rate is not None:
        about = about.rpartition(" Of ")[0] + " Listen to each before and after."
    return Markup().join([element("p", about, class_="caption"), element("ol", cards, class_="rows")])


def _draw_card(story: Story, number: int) -> Markup:
    outcome = story.outcome
    assert outcome is not None
    example = outcome.examples[number]
    name, row = story.names[example.place], outcome.answers[example.place]
    told = (outcome.merit.write(float(row[2])), outcome.merit.write(float(row[1])))
    low = -1.0 if np.asarray(story.inputs[example.place]).dtype == np.int16 else 0.0
    arrays = [np.asarray(each, np.float32) for each in (example.given, example.answer, example.wanted)]
    pictures = draw_restored(arrays[0], arrays[1], arrays[2], name, told, low, story.rate)
    return element("li", [pictures, element("p", element("bdi", name), class_="file", title=name)])
