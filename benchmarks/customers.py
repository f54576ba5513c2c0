"""Customers who talk over the real chat API, each over its own stream, as the widget does.

A turn is measured from the moment the message is posted until the bot's line is in the stream.
"""

from __future__ import annotations

import asyncio
import itertools
import json
import time
import uuid
from collections.abc import Sequence
from urllib.parse import urlsplit

import aiohttp


class Customer:
    """One browser: a session, an open stream, and the lines that came."""

    def __init__(self, http: aiohttp.ClientSession, url: str) -> None:
        self._http = http
        self._url = url
        self._headers: dict[str, str] = {}
        self.token = ""
        self.lines: asyncio.Queue[dict[str, object]] = asyncio.Queue()
        self._reader: asyncio.Task[None] | None = None

    async def arrive(self) -> None:
        """Get a token and open the stream."""
        async with self._http.post(f"{self._url}/chat/sessions", json={}) as answer:
            self.token = (await answer.json())["token"]
        self._headers = {"Authorization": f"Bearer {self.token}"}
        opened = asyncio.Event()
        self._reader = asyncio.create_task(self._read(opened))
        await opened.wait()

    async def _read(self, opened: asyncio.Event) -> None:
        timeout = aiohttp.ClientTimeout(total=None)
        async with self._http.get(
            f"{self._url}/chat/stream", headers=self._headers, timeout=timeout
        ) as stream:
            opened.set()
            event = "message"
            async for raw in stream.content:
                if raw.startswith(b"event: "):
                    event = raw[7:].decode().strip()
                elif raw.startswith(b"data: ") and event == "message":
                    self.lines.put_nowait(json.loads(raw[6:]))
                elif raw == b"\n":
                    event = "message"

    async def post(self, text: str) -> float:
        """Send a message; the seconds until it was accepted."""
        began = time.perf_counter()
        async with self._http.post(
            f"{self._url}/chat/messages",
            json={"client_id": str(uuid.uuid4()), "text": text},
            headers=self._headers,
        ) as answer:
            if answer.status != 202:
                raise RuntimeError(f"{answer.status}: {await answer.text()}")
        return time.perf_counter() - began

    async def hear(self, author: str = "bot") -> dict[str, object]:
        """The next line of this author."""
        while True:
            line = await asyncio.wait_for(self.lines.get(), 20)
            if line["author"] == author:
                return line

    async def turn(self, text: str) -> float:
        """Ask and wait for the answer; seconds."""
        began = time.perf_counter()
        await self.post(text)
        line = await self.hear()
        took = time.perf_counter() - began
        if line["kind"] == "hand_off":  # a person holds now; the next question is a new visitor's
            await self.leave()
            await self.arrive()
        return took

    async def leave(self) -> None:
        """Close the stream."""
        if self._reader is not None:
            self._reader.cancel()
            await asyncio.gather(self._reader, return_exceptions=True)


async def arrivals(http: aiohttp.ClientSession, url: str, count: int) -> list[Customer]:
    """``count`` customers, all connected."""
    customers = [Customer(http, url) for _ in range(count)]
    for customer in customers:
        await customer.arrive()
    return customers


async def turns(
    url: str, questions: Sequence[str], *, customers: int, seconds: float
) -> tuple[list[float], float]:
    """Each customer asks, waits for the answer, asks the next: ``(turn seconds, turns/s)``.

    Questions are dealt out so that no two turns of a run repeat one before all were asked.
    """
    connector = aiohttp.TCPConnector(limit=0)
    async with aiohttp.ClientSession(connector=connector) as http:
        crowd = await arrivals(http, url, customers)
        deal = itertools.cycle(questions)
        for customer in crowd:  # warm: connections, statements, caches of the operating system
            await customer.turn(next(deal))
        took: list[float] = []
        end = time.perf_counter() + seconds

        async def talk(customer: Customer) -> None:
            while time.perf_counter() < end:
                took.append(await customer.turn(next(deal)))

        began = time.perf_counter()
        await asyncio.gather(*(talk(customer) for customer in crowd))
        rate = len(took) / (time.perf_counter() - began)
        for customer in crowd:
            await customer.leave()
        return took, rate


async def flood(
    url: str, *, customers: int, messages: int, window: int = 4
) -> tuple[float, list[float]]:
    """Messages as fast as they are taken, ``window`` of each customer under way at once.

    Returns messages/s from the first post to the last answer, and the seconds of each
    acknowledgement. Raises when an answer is missing, doubled or out of order.
    """
    connector = aiohttp.TCPConnector(limit=0)
    async with aiohttp.ClientSession(connector=connector) as http:
        crowd = await arrivals(http, url, customers)
        accepted: list[float] = []

        async def talk(customer: Customer) -> None:
            slots = asyncio.Semaphore(window)
            heard: list[object] = []
            each = messages // customers

            async def listen() -> None:
                while len(heard) < each:
                    heard.append((await customer.hear())["text"])
                    slots.release()

            listening = asyncio.create_task(listen())
            for number in range(each):
                await slots.acquire()
                accepted.append(await customer.post(f"m{number}"))
            await listening
            if heard != [f"m{number}" for number in range(each)]:
                raise RuntimeError("answers were lost, doubled or reordered")

        began = time.perf_counter()
        await asyncio.gather(*(talk(customer) for customer in crowd))
        rate = (messages // customers) * customers / (time.perf_counter() - began)
        for customer in crowd:
            await customer.leave()
        return rate, accepted


async def steady(url: str, *, customers: int, per_second: int, seconds: float) -> list[float]:
    """``per_second`` messages a second, evenly, whatever the answers do: seconds until accepted."""
    connector = aiohttp.TCPConnector(limit=0)
    async with aiohttp.ClientSession(connector=connector) as http:
        crowd = await arrivals(http, url, customers)
        for customer in crowd:
            await customer.turn("warm")
        posts = []
        began = time.perf_counter()
        for number in range(int(per_second * seconds)):
            await asyncio.sleep(max(0.0, began + number / per_second - time.perf_counter()))
            posts.append(asyncio.create_task(crowd[number % customers].post(f"m{number}")))
        accepted = list(await asyncio.gather(*posts))
        for customer in crowd:
            await customer.leave()
        return accepted


async def idle(url: str, *, streams: int) -> list[asyncio.StreamWriter]:
    """Open this many streams, shared among a few visitors; open as long as the writers are."""
    address = urlsplit(url)
    async with aiohttp.ClientSession() as http:
        visitors = await arrivals(http, url, 20)
        for visitor in visitors:
            await visitor.leave()

    async def connect(number: int) -> asyncio.StreamWriter:
        reader, writer = await asyncio.open_connection(address.hostname, address.port)
        token = visitors[number % len(visitors)].token
        writer.write(
            f"GET /chat/stream HTTP/1.1\r\nHost: {address.netloc}\r\n"
            f"Authorization: Bearer {token}\r\n\r\n".encode()
        )
        await reader.readuntil(b": connected")
        return writer

    made: list[asyncio.StreamWriter] = []
    while len(made) < streams:
        made += await asyncio.gather(*(connect(len(made) + n) for n in range(100)))
    return made
