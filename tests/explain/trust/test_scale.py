"""Every task that can be explained has a scale on which trust is measured."""

from __future__ import annotations

from striate.explain.trust.scale import SCALES
from striate.train.tasks.catalogue import TASKS
from striate.verbs.explaining import MEANINGS


def test_every_explained_task_has_a_scale() -> None:
    assert set(MEANINGS) == set(TASKS) - {"restore", "continue"}
    assert set(MEANINGS.values()) | {"unit"} == set(SCALES)
    assert len({scale.subject for scale in SCALES.values()}) > 3
