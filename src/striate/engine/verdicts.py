"""What probes found, kept in the user's cache folder: one small JSON file for each machine, network and batch.

A file that is damaged, or of another form, counts as none and is written anew. Where nothing can be written, nothing is
kept, and the next run probes again.
"""

from __future__ import annotations

import json
import math
import os
import platform
import tempfile
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from functools import lru_cache
from hashlib import blake2b
from pathlib import Path
from typing import Any

import torch

from striate.data.cache import cache_home
from striate.engine.compiling import Compiled

FORM = 2  # raise it when a verdict's content, or how it is found, changes


@dataclass(frozen=True)
class Verdict:
    """Seconds of a step by the engine's label, the samples that it was taken on, and what compiling costs and brings.

    `compiled` holds by the engine's label what was found; None where it can't be compiled.
    """

    seconds: Mapping[str, float]
    samples: int
    compiled: Mapping[str, Compiled | None] = field(default_factory=dict)


def describe_machine(device: str) -> dict[str, Any]:
    """What the speed of a step depends on beside the network: processor, its capabilities, torch."""
    name = torch.cuda.get_device_name(device) if torch.device(device).type == "cuda" else _read_processor()
    capability = torch.backends.cpu.get_cpu_capability()
    return {"device": name, "capability": capability, "cores": os.cpu_count(), "torch": torch.__version__}


def recall_verdict(about: Mapping[str, Any]) -> Verdict | None:
    """What was found under these circumstances; None where nothing whole is kept."""
    home = cache_home()
    if home is None:
        return None
    try:
        content = json.loads(_place(home, about).read_text("utf-8"))
        if content["form"] != FORM or content["about"] != json.loads(json.dumps(dict(about))):
            return None
        compiled = {label: Compiled(**value) if value else None for label, value in content["compiled"].items()}
        verdict = Verdict(content["seconds"], content["samples"], compiled)
        return verdict if _is_sound(verdict) else None
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None


def keep_verdict(about: Mapping[str, Any], verdict: Verdict) -> bool:
    """Write it, whole or not at all; false where that can't be done."""
    home = cache_home()
    if home is None:
        return False
    target = _place(home, about)
    compiled = {label: asdict(value) if value else None for label, value in verdict.compiled.items()}
    content = {"form": FORM, "about": dict(about), "seconds": dict(verdict.seconds), "samples": verdict.samples}
    try:
        target.parent.mkdir(exist_ok=True)
        handle, draft = tempfile.mkstemp(prefix=f"{target.stem}.", suffix=".partial", dir=target.parent)
        try:
            with os.fdopen(handle, "w", encoding="utf-8") as file:
                json.dump({**content, "compiled": compiled}, file, indent=1)
            os.replace(draft, target)
        finally:
            Path(draft).unlink(missing_ok=True)
    except OSError:
        return False
    return True


def _place(home: Path, about: Mapping[str, Any]) -> Path:
    text = json.dumps({"form": FORM, **about}, sort_keys=True)
    return home / "probes" / f"{blake2b(text.encode(), digest_size=12).hexdigest()}.json"


def _is_sound(verdict: Verdict) -> bool:
    """Whether every figure is one that a clock can give."""
    figures = [*verdict.seconds.values(), verdict.samples]
    figures += [value for each in verdict.compiled.values() if each for value in (each.start, each.step, each.eager)]
    sound = all(isinstance(value, int | float) and _is_positive(value) for value in figures)
    return sound and bool(verdict.seconds) and verdict.samples >= 1


def _is_positive(value: float) -> bool:
    return math.isfinite(value) and value >= 0


@lru_cache(maxsize=1)
def _read_processor() -> str:
    """The processor's model, as the system names it."""
    try:
        for line in Path("/proc/cpuinfo").read_text("utf-8").splitlines():
            if line.startswith("model name"):
                return line.split(":", 1)[1].strip()
    except (OSError, ValueError):
        pass
    return platform.processor() or platform.machine()
