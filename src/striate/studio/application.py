"""The application behind the guard: the page, its files, its verbs, its news, and the pages of runs."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from urllib.parse import unquote

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import FileResponse, Response, StreamingResponse
from starlette.routing import Route as Path
from starlette.routing import Router

from striate.errors import InputError
from striate.studio.answering import Answering, describe, respond
from striate.studio.assets import INDEX, Asset, read_assets
from striate.studio.doors import list_doors
from striate.studio.guard import Guard
from striate.studio.refusal import Refused
from striate.studio.routes.catalogue import ROUTES
from striate.studio.routes.route import Route
from striate.studio.session import Session
from striate.studio.token import Keys
from striate.studio.uploads import MOST_BYTES, MOST_KEPT, Upload


@dataclass(frozen=True)
class Studio:
    """An application on a port, what opens it, and how it is closed."""

    app: Guard
    keys: Keys
    session: Session
    close: Callable[[], None]


def make_studio(
    session: Session,
    port: int,
    routes: Mapping[str, Route] = ROUTES,
    assets: Mapping[str, Asset] | None = None,
) -> Studio:
    """Put an application together: the guard outside, everything else within."""
    held = read_assets() if assets is None else assets
    names = session.assets = tuple(name for name in held if name != INDEX)
    answering, keys = Answering(session, routes), Keys(port)
    shown = _Shown(session, held)
    inner = Router(
        [
            Path("/", shown.page),
            Path("/assets/{name}", shown.asset),
            Path("/events", shown.events),
            Path("/view/{handle}", shown.view),
            Path("/download/{handle}", shown.download),
            Path("/api/upload", shown.upload, methods=["POST"]),
            Path("/api/{verb}", answering.answer, methods=["POST"]),
        ],
        redirect_slashes=False,
    )
    doors = list_doors(names, {route.name: route.most_bytes for route in routes.values()}, MOST_BYTES)

    def close() -> None:
        session.close()
        answering.close()

    return Studio(Guard(inner, keys, port, doors), keys, session, close)


class _Shown:
    """What is shown, beside the verbs' answers."""

    def __init__(self, session: Session, assets: Mapping[str, Asset]) -> None:
        self.session, self.assets = session, assets

    async def page(self, request: Request) -> Response:
        return _give(self.assets[INDEX])

    async def asset(self, request: Request) -> Response:
        return _give(self.assets[request.path_params["name"]])

    async def view(self, request: Request) -> Response:
        """A run's page, or an explanation's; the guard puts it under a sandbox."""
        try:
            document = self.session.handles.take("view", request.path_params["handle"])
            content = await run_in_threadpool(document.read)
        except (InputError, OSError):
            raise Refused(404, "view", "this page is gone. Open it again from the studio") from None
        return Response(content, media_type="text/html; charset=utf-8")

    async def download(self, request: Request) -> Response:
        """A file that an export wrote, to be kept and never shown."""
        try:
            download = self.session.handles.take("download", request.path_params["handle"])
            size = download.path.stat()
        except (InputError, OSError):
            raise Refused(404, "download", "this file is gone. Export it again from the studio") from None
        kind = "application/octet-stream"
        return FileResponse(download.path, media_type=kind, filename=download.name, stat_result=size)

    async def events(self, request: Request) -> Response:
        if self.session.stream.is_full:
            raise Refused(429, "events", "too many pages listen. Close some")
        news = self.session.stream.follow(request.headers.get("last-event-id"))
        return StreamingResponse(news, media_type="text/event-stream")

    async def upload(self, request: Request) -> Response:
        """An input: its bytes, and in a header its name, of which the ending counts."""
        content = await request.body()
        name = unquote(request.headers.get("studio-name", ""), errors="replace")
        try:
            upload: Upload = await run_in_threadpool(self.session.uploads.keep, content, name)
        except InputError as problem:
            raise Refused(400, "upload", str(describe(problem)["error"])) from None
        uploads = self.session.uploads
        handle = self.session.handles.give("input", upload, on_drop=uploads.forget, most=MOST_KEPT)
        return respond({"input": handle, **upload.describe()})


def _give(asset: Asset) -> Response:
    return Response(asset.content, media_type=asset.type)
