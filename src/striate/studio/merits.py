"""What a run is judged by, told from its settings alone: the tasks themselves need PyTorch, a list of runs does not."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Judged:
    """The name and unit of a task's merit, as the task has them, whether less is better, and what it is in words."""

    name: str
    unit: str
    lower: bool
    meaning: str


JUDGED = {
    "classify": Judged("accuracy", "%", False, "the share that is right; higher is better"),
    "labels": Judged("mean average precision", "%", False, "how well a label's samples stand first; higher is better"),
    "regress": Judged("R2", "", False, "the share of the numbers' variance that is told; 1 is the most"),
    "segment": Judged("mean IoU", "%", False, "how far each class's cells and the truth's overlap; higher is better"),
    "restore": Judged("PSNR", "dB", False, "how near the restored samples are to clean ones; higher is better"),
    "continue": Judged("bits per sample", "", True, "how surprising what comes next is; lower is better"),
}
SOUND = Judged("SI-SDR", "dB", False, "how near the restored sounds are to clean ones; higher is better")


def find_judged(run: Path) -> Judged | None:
    """What the run of a folder is judged by; None where that can't be read."""
    try:
        task = json.loads((run / "settings.json").read_text("utf-8"))["task"]
        return SOUND if task["name"] == "restore" and task.get("sound") else JUDGED.get(task["name"])
    except (OSError, ValueError, LookupError, TypeError):
        return None
