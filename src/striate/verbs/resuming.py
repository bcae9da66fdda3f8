"""resume: go on with a run from where its folder says that it stands."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from striate.errors import RunError
from striate.nets import parse
from striate.verbs.finishing import Say, finish
from striate.verbs.ranks import load_together, together
from striate.verbs.runs import Run, read_settings, rebuild, reload_data

if TYPE_CHECKING:
    from striate.train import Progress, RunFolder


@together
def resume(
    path: str | Path,
    data: Any = None,
    *,
    say: Say | None = None,
    on_data: Callable[[int, int], None] | None = None,
    on_progress: Callable[[Progress], None] | None = None,
) -> Run:
    """Go on with a run from its last checkpoint (from the start where there is none); a finished run is just loaded.

    `data` is needed only where the run was trained on arrays in memory.

    Raises:  RunError if the folder is no run, is in use, or its data have changed since.
    """
    from striate.engine import keep_large_blocks
    from striate.train import RunFolder
    from striate.train.ranks import find_ranks

    began = time.monotonic()
    begun = find_ranks().tell(_look(path) if find_ranks().is_first else {})
    settings, net = begun["settings"], parse(begun["net"], str(Path(path) / "net.txt"))
    if begun["finished"]:
        if say:
            say(f"{path} is finished; there is nothing to resume")
        return load_together(Path(path), net, settings)
    keep_large_blocks()
    dataset = reload_data(Path(path), settings, data, "resume(path, data)", on_data)
    module = rebuild(net, settings, pretrained=begun["fresh"])
    return finish(RunFolder(path), net, module, dataset, on_progress, say, began, resume=True)


def _look(path: str | Path) -> dict[str, Any]:
    """What stands in a run's folder, which rank 0 alone need have."""
    from striate.train import RunFolder, load_latest

    folder = RunFolder.open(path)
    return {
        "settings": read_settings(folder),
        "net": folder.read_text("net.txt"),
        "finished": is_finished(folder),
        "fresh": load_latest(folder.state)[0] is None,
    }


def is_finished(folder: RunFolder) -> bool:
    """Whether a run has all it ends with: whole weights, and the report, which is written last."""
    if not (folder.path / "report.html").is_file():
        return False
    try:
        folder.read_weights()
    except RunError:  # the last checkpoint holds them too
        return False
    return True
