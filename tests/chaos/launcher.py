"""The honest start: a third gateway on the same database, under the real `sangdam up`."""

from __future__ import annotations

import asyncio
import os
import signal
import time
import uuid
from typing import TYPE_CHECKING

import aiohttp
import psutil

from tests.product import Product

if TYPE_CHECKING:
    from tests.chaos.faults import Scene

ANSWERS_WITHIN_S = 60.0
STOPS_WITHIN_S = 10.0


async def kill_under_launcher(scene: Scene) -> None:
    """SIGKILL the gateway of `sangdam up`, and time until it accepts and answers a message."""
    system = scene.system
    data_dir = system.folder / "launched"
    data_dir.mkdir(exist_ok=True)
    # It works the same lanes as the other two, so it has to know the same channels.
    settings = {f"SANGDAM_{name.upper()}": str(value) for name, value in system.settings().items()}
    settings |= {
        "SANGDAM_DATABASE_URL": system.url,
        "SANGDAM_ACTIONS_URL": system.bot.actions_url or f"{system.bot.url}/webhook",
    }
    product = Product(data_dir, **settings)
    try:
        await asyncio.to_thread(product.until, "Demo shop", within_s=120)
        async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=2)) as http:
            await _answered(http, product.url)
            (gateway,) = _gateways(product)
            scene.strike()
            began = time.monotonic()
            os.kill(gateway, signal.SIGKILL)
            await _answered(http, product.url)
            took = time.monotonic() - began
        scene.notes.append(f"`sangdam up` answered again {took:.1f} s after the kill")
    finally:
        began = time.monotonic()
        status = await asyncio.to_thread(product.stop)
        took = time.monotonic() - began
        if status != 0 or took > STOPS_WITHIN_S:
            scene.problems.append(f"`sangdam up` ended with status {status} after {took:.1f} s")


def _gateways(product: Product) -> list[int]:
    return [
        child.pid
        for child in psutil.Process(product.process.pid).children()
        if "connectors.cli" in child.cmdline() and "serve" in child.cmdline()
    ]


async def _answered(http: aiohttp.ClientSession, url: str) -> None:
    """Ask as a new visitor until the answer is in the history."""
    deadline = time.monotonic() + ANSWERS_WITHIN_S
    while time.monotonic() < deadline:
        try:
            async with http.post(f"{url}/chat/sessions", json={}) as answer:
                headers = {"Authorization": f"Bearer {(await answer.json())['token']}"}
            body = {"client_id": str(uuid.uuid4()), "text": "거기 있나요?"}
            async with http.post(f"{url}/chat/messages", json=body, headers=headers) as answer:
                accepted = answer.status == 202
            while accepted and time.monotonic() < deadline:
                async with http.get(f"{url}/chat/messages", headers=headers) as answer:
                    lines = (await answer.json())["messages"]
                if any(line["author"] == "bot" for line in lines):
                    return
                await asyncio.sleep(0.02)
        except (aiohttp.ClientError, TimeoutError, OSError, KeyError):
            await asyncio.sleep(0.05)
    raise RuntimeError("the launched gateway does not answer")
