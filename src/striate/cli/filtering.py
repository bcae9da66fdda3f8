"""filter: a kernel slid over a picture or a sound, drawn before and after, printed, or as JSON."""

from __future__ import annotations

import json as json_format
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from striate.cli.subjects import working

if TYPE_CHECKING:
    from striate.explain.convolving.filters import Applied, Filtered
    from striate.explain.convolving.sums import Summed, UnitSum

MOST_PRINTED = 9  # numbers along each axis of a kernel that is printed


@dataclass(frozen=True)
class Sieve:
    """What to filter by, and where the picture and the result go."""

    kernels: Sequence[str] = ()
    size: int | None = None
    pad: str = "zero"
    run: Path | None = None
    layer: str | None = None
    unit: int | None = None
    out: Path | None = None
    save: Path | None = None


def filter_file(source: Path, sieve: Sieve, *, json: bool) -> None:
    """Filter a picture or a sound; draw it, print what came of it, and save the result if a file is named."""
    from striate import verbs
    from striate.report import find_place
    from striate.report.convolving.filteredfiles import check_filtered_place

    out = sieve.out or (None if json else Path(f"filter-{source.stem}.png"))
    if out is not None:
        find_place(out)
    if sieve.save is not None:
        check_filtered_place(sieve.save)
    with working("filtering"):
        found = verbs.filter(
            source,
            list(sieve.kernels) or "blur",
            size=sieve.size,
            pad=sieve.pad,
            run=sieve.run,
            layer=sieve.layer,
            unit=sieve.unit,
        )
    saved = _save(found, sieve.save)
    print(json_format.dumps(to_record(found), indent=2)) if json else _print(found)
    for name, path in (("picture", _draw(found, out)), ("result", saved)):
        if path is not None:
            print(f"{name:<9} {path}", file=sys.stderr if json else sys.stdout)


def _draw(found: Filtered | Summed, out: Path | None) -> Path | None:
    from striate.report import save_figure

    if out is None:
        return None
    with working("drawing"):
        return save_figure(found, out)


def _save(found: Filtered | Summed, path: Path | None) -> str | None:
    from striate.report.convolving.filteredfiles import save_filtered

    if path is None:
        return None
    saved, said = save_filtered(found, path)
    return f"{saved} ({said})"


def to_record(found: Filtered | Summed) -> dict[str, Any]:
    """What came of it as plain values; the lowest and highest value stand for a map."""
    from striate.explain.convolving.filters import Filtered

    about = {"input": found.name, "shape": list(found.before.shape), "rate": found.rate, "notes": list(found.notes)}
    if isinstance(found, Filtered):
        return {**about, "pad": found.pad, "kernels": [_record_kernel(applied) for applied in found.applied]}
    units = [_record_unit(unit) for unit in found.units]
    return {**about, "layer": found.layer, "kind": found.kind, "units": units}


def _record_kernel(applied: Applied) -> dict[str, Any]:
    kernel, after = applied.kernel, applied.after.flatten(1)
    return {
        "name": kernel.name,
        "values": kernel.values.tolist(),
        "sum": kernel.sum,
        "shape": list(applied.after.shape),
        "lowest": after.amin(1).tolist(),
        "highest": after.amax(1).tolist(),
    }


def _record_unit(unit: UnitSum) -> dict[str, Any]:
    return {
        "unit": unit.unit,
        "channels": list(unit.channels),
        "kernels": unit.kernels.tolist(),
        "bias": float(unit.bias.flatten()[0]),
        "shape": list(unit.output.shape),
        "lowest": float(unit.output.min()),
        "highest": float(unit.output.max()),
    }


def _print(found: Filtered | Summed) -> None:
    from striate.explain.convolving.filters import Filtered

    shape = "x".join(map(str, found.before.shape))
    rate = f" at {found.rate:,} Hz" if found.rate else ""
    print(f"{found.name} ({shape}{rate})")
    for note in found.notes:
        print(f"note      {note}")
    if isinstance(found, Filtered):
        for applied in found.applied:
            _print_kernel(applied)
        return
    print(f"{found.layer}, a {found.kind} of {found.count} units")
    for unit in found.units:
        low, high, bias = float(unit.output.min()), float(unit.output.max()), float(unit.bias.flatten()[0])
        channels = ", ".join(map(str, unit.channels)) + (" and more" if unit.rest is not None else "")
        print(f"unit {unit.unit:<4} {low:.4g} to {high:.4g}, of channels {channels} and a bias of {bias:.4g}")


def _print_kernel(applied: Applied) -> None:
    """A kernel's numbers, and what it made of the input."""
    from striate.report.convolving.stencils import write_numbers

    values, after = applied.kernel.values, applied.after
    size = "x".join(map(str, values.shape))
    spread = f"{float(after.min()):.4g} to {float(after.max()):.4g}"
    print(f"\n{applied.kernel.name} ({size}, sum {applied.kernel.sum:.4g}): {spread}")
    if values.ndim > 2 or max(values.shape) > MOST_PRINTED:
        return
    texts, divisor = write_numbers(values.numpy())
    width, columns = max(map(len, texts)), values.shape[-1]
    for start in range(0, len(texts), columns):
        row = "  ".join(f"{text:>{width}}" for text in texts[start : start + columns])
        print(f"  {row}{f'   {divisor}' if divisor and start + columns == len(texts) else ''}")
