"""Customers who keep writing while things break, and what must be true of it afterwards."""

from __future__ import annotations

import dataclasses
import itertools
import threading
import time
import uuid
from collections import Counter
from collections.abc import Callable

import httpx
from sqlalchemy import text as sql

from tests.connectors.conftest import PAUSE_S
from ticketing import lanes
from ticketing.db import Sessions

# A lease that nobody renews, and what waited for it; no good run takes nearly as long.
SETTLED_WITHIN_S = 90.0


@dataclasses.dataclass
class Person:
    """A customer, and the words they were told are accepted."""

    id: str
    token: str
    accepted: list[str] = dataclasses.field(default_factory=list)


class Crowd:
    """Each sends one message after the other, as the widget does: again, under the same id and to
    any of the gateways, until it is accepted."""

    def __init__(
        self,
        *urls: str,
        people: int = 4,
        words: Callable[[], str] = str,
        patience_s: float = 10,
    ) -> None:
        self.urls = urls
        self.words = words
        self.patience_s = patience_s
        # What every attempt was answered; 0: not at all.
        self.statuses: list[int] = []
        self._changed = threading.Condition()
        self._over = False
        self.people = []
        for _ in range(people):
            session = httpx.post(f"{urls[0]}/chat/sessions", json={}, timeout=30).json()
            self.people.append(Person(session["customer"], session["token"]))
        self._threads = [
            threading.Thread(target=self._write, args=[person], daemon=True)
            for person in self.people
        ]

    def __enter__(self) -> Crowd:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *error: object) -> None:
        self._over = True
        for thread in self._threads:
            thread.join(SETTLED_WITHIN_S)
        assert not any(thread.is_alive() for thread in self._threads), self.seen()

    def _write(self, person: Person) -> None:
        with httpx.Client(timeout=self.patience_s) as http:
            for number in itertools.count():
                if self._over:
                    return
                self._send(http, person, f"{number} {self.words()}".strip())

    def _send(self, http: httpx.Client, person: Person, words: str) -> None:
        message = {"client_id": str(uuid.uuid4()), "text": words}
        headers = {"Authorization": f"Bearer {person.token}"}
        gave_up = time.monotonic() + SETTLED_WITHIN_S
        for url in itertools.cycle(self.urls):
            status = 0
            try:
                answer = http.post(f"{url}/chat/messages", json=message, headers=headers)
                status = answer.status_code
            except httpx.TransportError:
                pass
            if status == 202:
                person.accepted.append(words)
            with self._changed:
                self.statuses.append(status)
                self._changed.notify_all()
                if status == 202 or time.monotonic() > gave_up:
                    return
                self._changed.wait(0.02)

    def until(self, status: int, times: int = 1) -> None:
        """Wait until so many more attempts were answered with ``status``."""
        with self._changed:
            start = len(self.statuses)
            came = self._changed.wait_for(
                lambda: self.statuses[start:].count(status) >= times, SETTLED_WITHIN_S
            )
        assert came, f"no {status}; {self.seen()}"

    def seen(self) -> Counter[int]:
        """How often which answer was given."""
        return Counter(self.statuses)


def settled(sessions: Sessions) -> None:
    """Wait until no work is left and nobody holds a lane."""
    deadline = time.monotonic() + SETTLED_WITHIN_S
    while True:
        with sessions() as session:
            left = lanes.depth(session)["pending"]
            held = session.execute(sql("SELECT key FROM lane WHERE owner IS NOT NULL")).all()
        if not left and not held:
            return
        assert time.monotonic() < deadline, f"{left} jobs are left, {held} are held"
        time.sleep(PAUSE_S)


def check(sessions: Sessions, crowd: Crowd) -> int:
    """All that was accepted is in the history once, in order, and so are its answers; how much."""
    settled(sessions)
    for person in crowd.people:
        for author in ("customer", "bot"):
            with sessions() as session:
                said = session.execute(
                    sql(
                        """SELECT text FROM message WHERE customer_id = :customer
                            AND author = :author ORDER BY id"""
                    ),
                    {"customer": person.id, "author": author},
                ).scalars()
                assert list(said) == person.accepted, author
    return sum(len(person.accepted) for person in crowd.people)
