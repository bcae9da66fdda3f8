from __future__ import annotations

import asyncio
import json
import re
from collections.abc import AsyncIterator
from threading import Thread

from striate.studio.stream import Stream


async def take(news: AsyncIterator[bytes], count: int) -> list[tuple[str, str, object]]:
    """The next events: id, kind, data; heartbeats are left out."""
    found: list[tuple[str, str, object]] = []
    while len(found) < count:
        text = (await asyncio.wait_for(anext(news), 5)).decode()
        if match := re.fullmatch(r"id: (.*)\nevent: (.*)\ndata: (.*)\n\n", text):
            found.append((match[1], match[2], json.loads(match[3])))
    return found


def test_news_come_in_order_from_any_thread() -> None:
    async def run() -> None:
        stream = Stream()
        news = stream.follow()
        ((_, kind, _),) = await take(news, 1)
        assert kind == "hello"

        def publish() -> None:
            for number in range(50):
                stream.publish("step", {"n": number})

        thread = Thread(target=publish)
        thread.start()
        assert [data for _, _, data in await take(news, 50)] == [{"n": number} for number in range(50)]
        thread.join()
        stream.close()

    asyncio.run(run())


def test_a_page_that_comes_back_gets_what_it_missed() -> None:
    async def run() -> None:
        stream = Stream()
        news = stream.follow()
        await take(news, 1)
        stream.publish("a", {})
        last = (await take(news, 1))[0][0]
        stream.publish("b", {})
        stream.publish("c", {})
        assert [kind for _, kind, _ in await take(stream.follow(last), 3)] == ["hello", "b", "c"]

    asyncio.run(run())


def test_who_missed_more_than_is_kept_is_told() -> None:
    async def run() -> None:
        stream = Stream(kept=3)
        stream.publish("a", {})
        first = f"{stream.name}-1"
        for _ in range(5):
            stream.publish("b", {})
        for last in (first, f"{stream.name}-99", f"{stream.name}-x", "another-1", "-", f"{stream.name}-" + "9" * 400):
            ((at, kind, _),) = await take(stream.follow(last), 1)
            assert (at, kind) == (f"{stream.name}-6", "missed"), last
        kinds = [kind for _, kind, _ in await take(stream.follow(f"{stream.name}-3"), 4)]
        assert kinds == ["hello", "b", "b", "b"]

    asyncio.run(run())


def test_a_slow_page_is_told_that_something_is_gone() -> None:
    async def run() -> None:
        stream = Stream(kept=2)
        news = stream.follow()
        await take(news, 1)
        for number in range(5):
            stream.publish("n", {"n": number})
        assert [(kind, data) for _, kind, data in await take(news, 3)] == [
            ("missed", {}),
            ("n", {"n": 3}),
            ("n", {"n": 4}),
        ]

    asyncio.run(run())


def test_a_heart_beats_and_the_end_is_an_end() -> None:
    async def run() -> None:
        stream = Stream(beat_seconds=0.01)
        news = stream.follow()
        assert b"hello" in await anext(news)
        assert await anext(news) == b": still here\n\n"
        stream.close()
        assert [each async for each in news] in ([], [b": still here\n\n"])
        assert stream.followers == 0
        assert [b"hello" in each async for each in stream.follow()] == [True]

    asyncio.run(run())
