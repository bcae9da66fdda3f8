"""Continuing on the page: bits per sample, what plain expectations cost, bits along the time, continuations to hear."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from markupsafe import Markup

from striate.report.axes import Axis, draw_axes, fit_axis
from striate.report.markup import draw_path, draw_svg, element
from striate.report.numerals import write_count
from striate.report.outcomes.continued import draw_continued
from striate.report.outcomes.plain_costs import measure_plain_costs
from striate.report.outcomes.shown import Section, Shown, draw_table
from striate.report.story import Story

WIDTH, HEIGHT = 560, 230
LEFT, RIGHT, TOP, BOTTOM = 46, 12, 12, 42
MOST = 8.0


def show_continuing(story: Story) -> Shown:
    """Bits per sample with their interval as the headline; what else they could cost; continuations."""
    outcome = story.outcome
    assert outcome is not None
    found, merit = outcome.judged.figures, outcome.judged.merit
    low, high = outcome.judged.interval
    plain = measure_plain_costs(_bytes(story.trained), np.asarray(story.inputs), _is_padded(story))
    best = min(plain, key=lambda name: plain[name])
    return Shown(
        figure=f"{merit:.3f}",
        subject=f"bits per sample on the {'test' if story.part == 'test' else 'validation'} part: less is better",
        interval=f"The 95 % interval runs from {low:.3f} to {high:.3f} (bootstrap over "
        f"{write_count(len(outcome.answers))} sequences).",
        baseline=f"Knowing nothing costs 8 bits; the best plain guess ({_PLAIN[best].lower()}) {plain[best]:.3f}.",
        facts=(
            ("Sequences", write_count(len(outcome.answers))),
            ("Samples counted", write_count(found["samples_counted"])),
        ),
        sections=(
            Section("continuations", "How they would go on", _draw_examples(story)),
            Section("costs", "What a sample costs", _draw_costs(plain, merit)),
            Section("along", "Bits along the time", _draw_along(found["along"], story)),
        ),
    )


_PLAIN = {
    "uniform": "Every level alike",
    "silence": "Silence, or any level",
    "shares": "Levels as in training",
    "previous": "Changes as in training",
}


def _bytes(part: object) -> np.ndarray[tuple[int, ...], np.dtype[np.uint8]]:
    inputs = getattr(part, "inputs", None)
    return np.zeros((1, 1, 0), np.uint8) if inputs is None else np.asarray(inputs)


def _is_padded(story: Story) -> bool:
    return (story.reading or {}).get("kind") == "sound"


def _draw_costs(plain: dict[str, float], merit: float) -> Markup:
    rows = [("This network", f"{merit:.3f}"), *((_PLAIN[name], f"{value:.3f}") for name, value in plain.items())]
    about = (
        "Bits that it takes to write a sample down, one of 256 levels, coded by what is expected of it: the mean of "
        "minus the logarithm, to the base 2, of the expectation of what came. Plain expectations are counted in the "
        "training part: how often a sample is silent, all other levels being alike; how often each level comes; how "
        "often each change comes, the level before being repeated but for that."
    )
    return draw_table("Costs", "Bits per sample by what is expected", ("What is expected", "Bits"), rows, about)


def _draw_along(along: Sequence[float | None], story: Story) -> Markup:
    """The mean bits of each span of the sequences' length."""
    length = np.asarray(story.inputs[0]).shape[-1]
    end = length / story.rate if story.rate else float(length)
    title = "seconds from the beginning" if story.rate else "samples from the beginning"
    points = [((place + 0.5) * end / len(along), bits) for place, bits in enumerate(along) if bits is not None]
    x = Axis(0, end, LEFT, WIDTH - RIGHT)
    y = fit_axis([bits for _, bits in points], HEIGHT - BOTTOM, TOP)
    parts = draw_axes(x, y, title, write_x=lambda value: f"{value:g}", write_y=lambda value: f"{value:g}")
    parts.append(draw_path([(x.place(at), y.place(bits)) for at, bits in points], "line"))
    caption = "The mean over the held-out sequences that last as long: how surprising a sample is there, in bits."
    label = f"Bits per sample from the beginning to {end:g} {title.split()[0]}"
    drawn = element("div", draw_svg(WIDTH, HEIGHT, label, parts), class_="panels along")
    return Markup().join([drawn, element("p", caption, class_="caption")])


def _draw_examples(story: Story) -> Markup:
    outcome = story.outcome
    assert outcome is not None
    if not outcome.examples:
        return element("p", "None were generated: no held-out sequence is long enough, or each sample would take long.")
    names = [story.names[example.place] for example in outcome.examples]
    cards = [draw_continued(each, name, story.rate) for each, name in zip(outcome.examples, names, strict=True)]
    about = (
        "Held-out sequences as they are, and their beginning (up to the mark) written on by the network, one sample "
        "drawn after the other. At a temperature below 1 the likelier levels are taken more often."
    )
    return Markup().join([element("p", about, class_="caption"), element("ol", cards, class_="rows")])
