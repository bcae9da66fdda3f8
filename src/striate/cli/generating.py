"""generate: a recording written on by a run that learned to continue such, as a file to listen to."""

from __future__ import annotations

import json as json_format
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from striate.cli.application import JsonOption, RunArgument, app
from striate.cli.progress import Display
from striate.errors import InputError

if TYPE_CHECKING:
    from striate.verbs import Continuation


@app.command("generate")
def _generate(
    run: RunArgument,
    file: Annotated[
        Path | None, typer.Argument(metavar="FILE", help="What is to go on; left out, it begins in silence.")
    ] = None,
    out: Annotated[
        Path | None, typer.Option("--out", metavar="FILE", help="A new .wav (of bytes .npy); left out, go-on.wav.")
    ] = None,
    seconds: Annotated[float | None, typer.Option("--seconds", help="How long it goes on; left out, 1 second.")] = None,
    samples: Annotated[int | None, typer.Option("--samples", help="The same in samples.")] = None,
    temperature: Annotated[
        float, typer.Option("--temperature", help="Below 1 the likelier is taken more often; 0: always the likeliest.")
    ] = 1.0,
    count: Annotated[int, typer.Option("--count", help="How many continuations; each in a file of its own.")] = 1,
    seed: Annotated[int, typer.Option("--seed", help="Another seed, another continuation.")] = 0,
    json: JsonOption = False,
) -> None:
    """How would this recording go on? Writes it, and after it its continuation, by a run for --task continue."""
    from striate import verbs

    found = verbs.load(run)
    places = _name_files(out or Path("go-on.npy" if found.rate is None else "go-on.wav"), count, found.rate)
    with Display(sys.stderr) as display:
        result = verbs.generate(
            found,
            file,
            seconds=seconds,
            samples=samples,
            temperature=temperature,
            seed=seed,
            count=count,
            on_progress=display.show_work,
        )
    for place, values in zip(places, result.whole, strict=True):
        _write(place, values, result.rate)
    print(json_format.dumps(_record(result, places), indent=2) if json else _tell(result, places))


def _name_files(out: Path, count: int, rate: int | None) -> list[Path]:
    """The files to write, none of which is there yet.

    >>> [path.name for path in _name_files(Path("a.wav"), 2, 8000)]
    ['a-1.wav', 'a-2.wav']
    """
    suffix = ".wav" if rate is not None else ".npy"
    if out.suffix.lower() != suffix:
        raise InputError(f"--out {out}: found {out.suffix or 'no suffix'}, needed {suffix}. Change it")
    files = [out] if count == 1 else [out.with_name(f"{out.stem}-{place + 1}{out.suffix}") for place in range(count)]
    for path in files:
        if path.exists():
            raise InputError(f"{path}: is there already. Choose another --out")
        if not path.parent.is_dir():
            raise InputError(f"{path}: there is no folder {path.parent}. Make it, or choose another --out")
    return files


def _write(path: Path, values: Any, rate: int | None) -> None:
    """Write a sound in 16 bits, or bytes; never over a file."""
    import numpy as np

    try:
        with path.open("xb") as stream:
            if rate is None:
                np.save(stream, values)
                return
            import soundfile

            soundfile.write(stream, values, rate, subtype="PCM_16", format="WAV")
    except FileExistsError:
        raise InputError(f"{path}: is there already. Choose another --out") from None
    except OSError as problem:
        raise InputError(f"{path}: can't be written ({problem.strerror}). Choose another --out") from None


def _record(result: Continuation, places: list[Path]) -> dict[str, Any]:
    return {
        "files": [str(place) for place in places],
        "start": result.name,
        "given_samples": len(result.given),
        "samples": result.values.shape[1],
        "rate": result.rate,
        "temperature": result.temperature,
        "seed": result.seed,
    }


def _tell(result: Continuation, places: list[Path]) -> str:
    given, new = len(result.given), result.values.shape[1]
    if result.rate is None:
        said = f"{given:,} samples given, {new:,} after them"
    else:
        said = f"{given / result.rate:.2f} s of {result.name}, and {new / result.rate:.2f} s after it"
    return "\n".join(f"{place}: {said}" for place in places)
