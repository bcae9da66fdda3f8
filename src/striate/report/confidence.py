"""Whether the network's confidence can be believed, and the one number that mends most of it."""

from __future__ import annotations

from dataclasses import dataclass

from markupsafe import Markup

from striate.report.reliability import draw_reliability
from striate.report.story import Story
from striate.train.calibration import HIGHEST, LOWEST, fit_temperature, measure_ece, reliability, scale
from striate.train.scores import Scores, measure_loss, softmax


@dataclass(frozen=True)
class State:
    """Calibration error, loss and diagram of one set of scores."""

    name: str
    ece: float
    loss: float
    diagram: Markup


@dataclass(frozen=True)
class Confidence:
    """The scores as trained and, where a temperature could be fitted, divided by it; `remark` says where or why not."""

    states: tuple[State, ...]
    temperature: float | None
    remark: str


def assess_confidence(story: Story) -> Confidence | None:
    """Measure calibration on the scored part before and after scaling; None when nothing was scored."""
    scores = story.scored
    if scores is None or not len(scores.labels):
        return None
    before = _measure("as trained", scores)
    if story.val is None or not len(story.val.labels):
        return Confidence((before,), None, "No temperature was fitted: there is no validation part to fit it on.")
    temperature = fit_temperature(story.val)
    if not LOWEST < temperature < HIGHEST:
        return Confidence((before,), None, _excuse(temperature))
    after = _measure("scaled", Scores(scale(scores.logits, temperature), scores.labels))
    return Confidence((before, after), temperature, _place(story))


def _measure(name: str, scores: Scores) -> State:
    probabilities = softmax(scores.logits)
    diagram = draw_reliability(reliability(probabilities, scores.labels), name[0].upper() + name[1:])
    return State(name, measure_ece(probabilities, scores.labels), measure_loss(scores), diagram)


def _excuse(temperature: float) -> str:
    if temperature == LOWEST:
        why = "the validation part holds next to no mistakes to learn doubt from"
    else:
        why = "on the validation part the network does no better than chance"
    return f"No temperature was fitted: {why}."


def _place(story: Story) -> str:
    samples = f"{len(story.val.labels):,} samples of the validation part" if story.val else ""
    if story.part == "val":
        return f"Fitted on the same {samples} that it is judged on here, so the figures after scaling flatter a little."
    return f"Fitted on the {samples}, judged on the test part."
