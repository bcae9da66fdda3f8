"""One module into one file: the format by the suffix, the place checked first, the facts told at the end."""

from __future__ import annotations

from dataclasses import fields
from pathlib import Path

from striate.nets.export.catalogue import find_format
from striate.nets.export.exported import Exported, Facts
from striate.nets.export.placing import placing
from striate.nets.export.subject import Subject


def write(subject: Subject, path: Path, *, overwrite: bool = False) -> Exported:
    """Write a module in the format that the suffix names; the module is left as it was.

    Raises:  InputError, in one line, for another suffix, a place that is taken, or a module that can't be written so.
    """
    form = find_format(path)
    with placing(path, overwrite=overwrite) as file:
        facts = form.write(subject, file)
        names = sorted(each.name for each in file.parent.iterdir())
    files = tuple(path.with_name(name) for name in names)
    return Exported(
        **{each.name: getattr(facts, each.name) for each in fields(Facts)},
        path=path,
        format=form.name,
        bytes=sum(each.stat().st_size for each in files),
        parameters=sum(parameter.numel() for parameter in subject.module.parameters()),
        files=files,
    )
