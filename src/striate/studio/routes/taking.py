"""The verbs by which a run is taken away: the formats, and a file of one of them, under a handle to download it by."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from striate.errors import InputError
from striate.studio.downloads import MOST_KEPT, Download
from striate.studio.routes.questioning import take_folder
from striate.studio.routes.route import Body, answers, read_text
from striate.studio.session import Session
from striate.studio.tickets import Ticket


def list_formats(session: Session, body: Body, ticket: Ticket) -> Mapping[str, Any]:
    """The formats of the export's catalogue."""
    from striate.verbs.taking import list_formats as find

    return {"formats": find()}


@answers
def take_away(session: Session, body: Body, ticket: Ticket) -> Mapping[str, Any]:
    """Write a run in a format; give the handle to download it by, its size, and how far its outputs agree."""
    from striate.verbs.taking import take_away as write

    folder, suffix = take_folder(session, body), read_text(body, "suffix", 20)
    options = {name: body.get(name) is True for name in ("whole", "half")}
    room = session.downloads.make_room()
    try:
        with session.questions.using(folder) as run:
            taken = write(run, suffix, room, **options)
    except BaseException as error:
        session.downloads.forget(Download(room / "none", ""))
        if isinstance(error, InputError):  # whose message names the file, in a folder of no interest
            raise InputError(str(error).replace(f"{room}/", "")) from None
        raise
    download = Download(taken.path, taken.path.name)
    handle = session.handles.give("download", download, on_drop=session.downloads.forget, most=MOST_KEPT)
    found = taken.exported
    told = {name: getattr(found, name) for name in ("format", "parameters", "relative_error", "agrees", "note")}
    return {**told, "download": handle, "name": download.name, "bytes": taken.bytes, "files": len(found.files)}
