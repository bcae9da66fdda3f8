"""How a verb is answered: JSON in, its function in a thread, JSON out; the user's mistakes and ours told apart."""

from __future__ import annotations

import asyncio
import gc
import re
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from striate.errors import InputError
from striate.studio.plain import read_json, write_json
from striate.studio.refusal import FAULT, log
from striate.studio.routes.route import Route, say_problem
from striate.studio.session import Session
from striate.studio.tickets import Superseded, Ticket, Tickets

THREADS = {"quick": 3, "heavy": 2}
CALM = 1.5  # seconds without a verb, until garbage is looked for
SUPERSEDED = b'{"superseded":true}'
_PAGE = re.compile(r"[A-Za-z0-9-]{1,64}")


class Answering:
    """Answers verbs in two lanes of threads, so that what is quick never waits behind what is heavy."""

    def __init__(self, session: Session, routes: Mapping[str, Route]) -> None:
        """Answer these routes from what this session holds."""
        self.session, self.routes, self.tickets = session, routes, Tickets()
        self._sweeping: asyncio.TimerHandle | None = None
        self._working, self._closed = 0, False
        self._lanes = {name: ThreadPoolExecutor(most, f"striate-{name}") for name, most in THREADS.items()}

    async def answer(self, request: Request) -> Response:
        """Answer one verb. What the user got wrong is 400 with one line; a fault of ours 500, its traceback logged."""
        route = self.routes[request.path_params["verb"]]
        content = await request.body()
        self._working += 1
        try:
            return give(await self._work(route, content, request))
        except InputError as problem:
            return respond(describe(problem), 400)
        except Exception:
            log.exception("a fault while answering %s", route.name)
            return respond({"error": FAULT}, 500)
        finally:
            self._working -= 1
            self._sweep_later()

    def _sweep_later(self) -> None:
        """Look for garbage once no verb was asked for a while, and none is being answered."""
        if self._sweeping is not None:
            self._sweeping.cancel()
        self._sweeping = asyncio.get_running_loop().call_later(CALM, self._sweep)

    def _sweep(self) -> None:
        if not self._working:
            gc.collect()

    async def _work(self, route: Route, content: bytes, request: Request) -> bytes:
        """Run a route's function in its lane; stop when a later request, or the page's leaving, makes it moot."""
        if self._closed:
            return SUPERSEDED
        body = read_json(content)
        page = request.headers.get("studio-page", "")
        ticket = self.tickets.issue(page if _PAGE.fullmatch(page) else "", route.name, superseding=route.superseding)
        running = asyncio.wrap_future(self._lanes[route.lane].submit(run, route, self.session, body, ticket))
        leaving = asyncio.create_task(_wait_for_leaving(request))
        waited: set[asyncio.Future[Any]] = {running, leaving}
        try:
            await asyncio.wait(waited, return_when=asyncio.FIRST_COMPLETED)
            if not running.done():
                ticket.cancel()
                running.cancel()
                return SUPERSEDED
            return await running
        finally:
            leaving.cancel()
            self.tickets.collect(ticket)

    def close(self) -> None:
        """Tell all work to stop, and begin none."""
        self._closed = True
        self.tickets.cancel_all()
        for lane in self._lanes.values():
            lane.shutdown(wait=False, cancel_futures=True)


def run(route: Route, session: Session, body: dict[str, object], ticket: Ticket) -> bytes:
    """Call a route's function, unless nobody waits for it; its answer, which may be long, is written here too."""
    try:
        ticket.check()
        found = route.answer(session, body, ticket)
        ticket.check()
    except Superseded:
        return SUPERSEDED
    return write_json(found)


def respond(value: object, status: int = 200) -> Response:
    """Give a value as JSON."""
    return give(write_json(value), status)


def give(content: bytes, status: int = 200) -> Response:
    """Give what is JSON already."""
    return Response(content, status, media_type="application/json")


def describe(problem: InputError) -> dict[str, object]:
    """A user's mistake as the page gets it: its message, and of a network's text the place.

    >>> describe(InputError("--lr is 0"))
    {'error': '--lr is 0'}
    """
    place = {name: getattr(problem, name) for name in ("line", "column") if hasattr(problem, name)}
    return {"error": say_problem(problem), **place}


async def _wait_for_leaving(request: Request) -> None:
    """Return when the page has gone away."""
    while not await request.is_disconnected():  # the body was read: what comes next is the end
        await asyncio.sleep(0.2)
