"""The witness, a process of its own: it looks at a run's checkpoints as they appear and keeps what it saw in an album.

It is run as `python -P -m striate.studio.witnessing RUN JOB`: each line on stdin is the number of the sample whose maps
are wanted and asks for a look; each look is answered with one line of JSON. It ends with its stdin, so with the studio.
One thread, no graphics card, and a low priority once it is loaded: the training comes first.
"""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from striate.errors import DataError, InputError, RunError
from striate.studio.album import Album

if TYPE_CHECKING:
    from striate.verbs.moments import Held, Moment, Witness

NICE = 10
MOST_INPUT_BYTES = 32 << 20


class Looking:
    """A run, looked at for an album."""

    def __init__(self, run: Path, job: Path) -> None:
        """Build the run's network. Raises: RunError where there is none."""
        from striate.verbs.moments import SAMPLES, Witness

        self.witness, self.album, self.tried = Witness(run), Album(job, run), False
        self.album.clear_others()
        self.count = max(1, min(SAMPLES, MOST_INPUT_BYTES // _count_bytes(self.witness)))

    def look(self, chosen: int) -> dict[str, Any]:
        """Look at what wasn't seen yet: first the kernels alone, which need no data, then all; tell what is new."""
        if not self.tried and self.album.list_facts():
            self._take_examples()
        if self.witness.held is not None:
            chosen = min(chosen, len(self.witness.held.names) - 1)
        start, steps = time.process_time(), self.witness.list_steps()
        if steps:
            self.album.drop_after(steps[-1])
        known = {facts["step"]: facts for facts in self.album.list_facts()}
        new = [step for step in steps if self._is_new(known.get(step), chosen) and self._see(step, chosen)]
        return {"new": new, "again": not self.tried, "seconds": time.process_time() - start}

    def _is_new(self, facts: Mapping[str, Any] | None, chosen: int) -> bool:
        return facts is None or (self.witness.held is not None and str(chosen) not in facts["maps"])

    def _see(self, step: int, chosen: int) -> bool:
        moment = self.witness.look(step, chosen)
        if moment is None:
            return False
        facts, arrays = pack(self.witness, moment)
        self.album.keep(step, facts, arrays)
        return True

    def _take_examples(self) -> None:
        """Find the examples again, or draw them; why there are none is kept in their place."""
        self.tried = True
        kept = self.album.read_examples()
        if kept is not None and not kept[0].get("problem"):
            self.witness.held = unpack_held(*kept)
            return
        try:
            self.witness.held = self.witness.choose_samples(self.count)
        except (RunError, DataError, InputError, OSError) as problem:
            self.album.keep_examples({"problem": str(problem).replace(f"{self.witness.run.path}: ", "")}, {})
            return
        self.album.keep_examples(*pack_held(self.witness, self.witness.held))


def _count_bytes(witness: Witness) -> int:
    from math import prod

    return 4 * prod(witness.run.input)


def pack(witness: Witness, moment: Moment) -> tuple[dict[str, Any], dict[str, Any]]:
    """A moment as an album keeps it: the rest as facts, as arrays `kernels.LAYER`, `maps.SAMPLE.LAYER`, `answers`."""
    from dataclasses import asdict

    from striate.explain.units.moments import shrink
    from striate.verbs.truths import compare_answers

    arrays = {f"kernels.{at}": each.values.numpy() for at, each in enumerate(moment.kernels)}
    for sample, maps in moment.maps.items():
        arrays |= {f"maps.{sample}.{at}": each.values.numpy() for at, each in enumerate(maps)}
    told: list[dict[str, Any]] = []
    if moment.answers is not None and witness.held is not None:
        task = witness.run.task.name
        found = compare_answers(task, witness.run.classes, moment.answers, witness.held.targets)
        told = [asdict(each) for each in found]
        if task in PICTURED:
            arrays["answers"] = _shrink_all(moment.answers, shrink, whole=task == "segment")
    facts = {
        "epoch": moment.epoch,
        "whole": moment.whole,
        "kernels": [_describe(each) for each in moment.kernels],
        "maps": {str(sample): [_describe(each) for each in maps] for sample, maps in moment.maps.items()},
        "told": told,
    }
    return facts, arrays


PICTURED = ("segment", "restore")  # tasks whose answers are as large as their inputs


def _describe(part: Any) -> dict[str, Any]:
    return {name: value for name, value in vars(part).items() if name != "values"}


def _shrink_all(values: Any, shrink: Any, *, whole: bool) -> Any:
    """Arrays as large as inputs, [samples, ...], brought down for the page; class numbers are picked, not averaged."""
    import numpy as np
    import torch

    if whole:
        steps = tuple(slice(None, None, -(-extent // 64)) for extent in values.shape[1:])
        return np.ascontiguousarray(values[(slice(None), *steps)])
    found = [shrink(torch.as_tensor(np.asarray(each, np.float32)))[0].numpy() for each in values]
    return np.stack(found)


def pack_held(witness: Witness, held: Held) -> tuple[dict[str, Any], dict[str, Any]]:
    """The examples as an album keeps them: whole for the witness, brought down (`shown`, 0 to 1) for the page; `words`
    of a run of words, else none.
    """
    from torch import as_tensor

    from striate.data.part import full_scale
    from striate.explain.units.moments import shrink
    from striate.verbs.wording import list_words

    task = witness.run.task.name
    shown = _shrink_all(held.inputs / full_scale(held.inputs), shrink, whole=False)
    arrays = {"inputs": held.inputs, "targets": held.targets, "places": held.places, "shown": shown}
    if task in PICTURED:
        arrays["truths"] = _shrink_all(held.targets, shrink, whole=task == "segment")
    facts = {"names": held.names, "part": held.part, "task": task, "classes": witness.run.classes}
    return facts | {"words": list_words(witness.run, as_tensor(held.inputs))}, arrays


def unpack_held(facts: Mapping[str, Any], arrays: Mapping[str, Any]) -> Held:
    """What `pack_held` packed."""
    from striate.verbs.moments import Held

    return Held(arrays["inputs"], arrays["targets"], arrays["places"], tuple(facts["names"]), facts["part"])


def main(run: Path, job: Path) -> None:
    """Load what a look needs, then look when asked to, until nobody can ask any more."""
    import torch

    import striate.explain.units.moments
    import striate.verbs.moments  # noqa: F401

    torch.set_num_threads(1)
    with suppress(OSError, AttributeError):
        os.nice(NICE)
    looking: Looking | None = None
    for line in sys.stdin:
        try:
            looking = looking or Looking(run, job)
            print(json.dumps(looking.look(int(line))), flush=True)
        except (RunError, InputError, OSError) as problem:
            print(json.dumps({"problem": str(problem)}), flush=True)
            return


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
