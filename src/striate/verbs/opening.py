"""The folder of a new run, with all that it takes to go on with it."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Any

from striate.errors import RunError
from striate.nets import Net
from striate.verbs.runs import TRAINED

if TYPE_CHECKING:
    from striate.data import Dataset
    from striate.train import RunFolder


def open_folder(target: Path, dataset: Dataset, net: Net, settings: dict[str, Any]) -> RunFolder:
    """Make the run's folder, which appears with all that it takes to go on with it, or not at all.

    It notes which samples are trained on, so that a later evaluation on grown data leaves them out.
    """
    from striate.data import hash_part
    from striate.train import RunFolder

    trained = "".join(f"{digest:016x}\n" for digest in hash_part(dataset.train))
    draft = RunFolder.create(target.with_name(f".{target.name}.{os.getpid()}.partial"))
    try:
        draft.write_text("net.txt", net.text if net.text.endswith("\n") else net.text + "\n")
        draft.write_text(TRAINED, trained)
        draft.write_json("settings.json", settings)
        draft.path.rename(target)
    except OSError as error:  # of two runs that come here at once, one fails
        raise RunError(f"{target}: can't be made ({error.strerror}). Choose another --out") from None
    finally:
        shutil.rmtree(draft.path, ignore_errors=True)
    return RunFolder(target)
