"""The knowledge base inside the gateway: loaded behind the scenes, asked in a thread."""

from __future__ import annotations

import asyncio
import contextlib
import dataclasses
import logging
import threading
import time
from collections.abc import Callable, Collection, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TYPE_CHECKING, TypeVar

from knowledge_base import regressions
from ticketing.db import Sessions

if TYPE_CHECKING:
    from knowledge_base.answers import Outcome
    from knowledge_base.content import Content
    from knowledge_base.embedding import Encoder
    from knowledge_base.regressions import Result, Saved
    from knowledge_base.search import Index

log = logging.getLogger(__name__)

T = TypeVar("T")

# With more at once, the public's searches are left to words: agents ask in the same thread.
MOST_ASKING = 4
# How long the public waits for what was published just now: a changed article is read within that,
# and of an import of thousands, for which it takes seconds, the question after it knows.
PATIENCE_S = 0.5


@dataclasses.dataclass(frozen=True, slots=True)
class Near:
    """An article that may answer, with its text for a chat and the probability that it does."""

    article: str
    locale: str
    title: str
    text: str
    score: float


class Knowledge:
    """Answers questions for the console, the API, agents in Slack and the help centre's search.

    The bot asks its own copy, in the actions.

    Questions are answered in one thread: the encoder computes with one, and those who ask here are
    people. What is published is read in another, so that nobody's question waits for somebody
    else's import. Its libraries take seconds and half a gigabyte to load, so they are loaded when
    the first curator comes or somebody asks the help centre (:meth:`warm`), and never where nobody
    does.
    """

    def __init__(self, sessions: Sessions, *, model: str) -> None:
        self._sessions = sessions
        self._model = model
        self._index: Index | None = None
        self._encoder: Encoder
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="knowledge")
        self._reader = ThreadPoolExecutor(1, thread_name_prefix="knowledge-reader")
        self._reading: Future[bool] | None = None
        self._reading_since = 0.0
        self._warming: Future[None] | None = None
        self._ready = False
        self._asking = self._using = 0

    def warm(self) -> None:
        """Begin to load, once, so that the first question need not wait for all of it."""
        if self._warming is None:
            self._warming = self._thread.submit(self._load)

    @property
    def degraded(self) -> str | None:
        """Why answers here are worse than they could be; None if not, or if nobody has asked."""
        return None if self._index is None else self._index.degraded

    async def ask(self, question: str, *, locale: str, patient: bool = True) -> Outcome:
        """What a customer would get for this question, with all candidates.

        A curator who has just published asks at once, and must not get the old answer. Who is not
        ``patient`` gets it, for once, where reading what is new takes long.
        """
        self._asking += 1
        try:
            await self._read(patient=patient)
            return await asyncio.get_running_loop().run_in_executor(
                self._thread, self._ask, question, locale
            )
        finally:
            self._asking -= 1

    @property
    def free(self) -> bool:
        """Whether a question would be answered soon: all is loaded, few ask just now, and nothing
        long, such as foreseeing an import, is before it."""
        return self._ready and not self._using and self._asking < MOST_ASKING

    async def near(
        self, question: str, *, locale: str, exclude: Collection[str], limit: int, least: float
    ) -> list[Near]:
        """What may answer it in this language, best first; nothing for mere small talk.

        At most ``limit`` articles, with a score of ``least`` or more, none of ``exclude``.
        """
        await self._read()
        return await asyncio.get_running_loop().run_in_executor(
            self._thread, self._near, question, locale, exclude, limit, least
        )

    async def corrected(self, question: str) -> str:
        """The question without its slips of the finger, by what is published."""
        self._asking += 1
        try:
            return await asyncio.get_running_loop().run_in_executor(
                self._thread, lambda: self._opened().corrected(question)
            )
        finally:
            self._asking -= 1

    async def use(self, function: Callable[[Index], T]) -> T:
        """``function(index)`` on what is published at this moment, in the thread."""

        await self._read()
        self._using += 1
        try:
            return await asyncio.get_running_loop().run_in_executor(
                self._thread, lambda: function(self._opened())
            )
        finally:
            self._using -= 1

    async def _read(self, *, patient: bool = True) -> None:
        """Read what was published since, if anything was. What is not loaded yet will be read."""
        if self._index is None:
            return
        reading = self._reading
        # One that began before may have seen what was there before: who is patient begins another.
        if patient or reading is None or reading.done():
            reading = self._reader.submit(self._index.refresh)
            reading.add_done_callback(_told)
            self._reading, self._reading_since = reading, time.monotonic()
        if patient:
            await asyncio.wrap_future(reading)
        else:
            left = self._reading_since + PATIENCE_S - time.monotonic()
            await asyncio.wait([asyncio.wrap_future(reading)], timeout=max(left, 0))

    async def foresee(
        self,
        contents: Sequence[Content],
        questions: Sequence[Saved],
        *,
        gone: Collection[tuple[str, str]] = (),
    ) -> list[tuple[Result, Result]]:
        """Which saved questions would find less if ``contents`` were published and ``gone``, by id
        and locale, retired."""
        if not questions or not (contents or gone):
            return []
        return await self.use(
            lambda index: regressions.foresee(index, contents, questions, gone=gone)
        )

    def _near(
        self, question: str, locale: str, exclude: Collection[str], limit: int, least: float
    ) -> list[Near]:
        from knowledge_base import dialogue
        from knowledge_base.answers import answer, chosen

        question = dialogue.spoken(question)
        index = self._opened()
        found = answer(index, question, locale=locale, exclude=exclude).candidates
        made = []
        for one in found[:limit]:
            known = chosen(index, one.article, locale=locale, question=question)
            if one.score >= least and one.locale == locale and known is not None:
                made.append(Near(one.article, one.locale, one.title, known.text, one.score))
        return made

    def _load(self) -> None:
        try:
            self._opened()
            # Beside the questions: Korean ones are answered without the encoder.
            threading.Thread(target=self._load_encoder, name="knowledge-encoder").start()
        except Exception as error:
            # Whoever asks next meets the same, and is told.
            log.warning("the knowledge base could not be loaded: %s", type(error).__name__)
            self._warming = None

    def _load_encoder(self) -> None:
        from knowledge_base.embedding import EncoderUnavailable

        with contextlib.suppress(EncoderUnavailable):  # search then says so itself
            self._encoder.encode(["How do I return an item?"], query=True)
        self._ready = True

    def _ask(self, question: str, locale: str) -> Outcome:
        from knowledge_base.answers import answer

        return answer(self._opened(), question, locale=locale)

    def _opened(self) -> Index:
        from knowledge_base.embedding import open_encoder
        from knowledge_base.search import Index

        if self._index is None:
            self._encoder = open_encoder(self._model or None)
            index = Index(self._sessions, self._encoder)
            index.refresh()
            self._index = index
        return self._index

    def close(self) -> None:
        """Take nothing more. A thread that imports a library cannot be stopped, nor waited for.

        How the process ends all the same: :func:`connectors.cli.serve`.
        """
        for one in (self._thread, self._reader):
            one.shutdown(wait=False, cancel_futures=True)


def _told(reading: Future[bool]) -> None:
    """What was published last still answers; whoever waited is told why that is not the newest."""
    if not reading.cancelled() and (error := reading.exception()) is not None:
        log.warning("the knowledge base cannot be read: %s", type(error).__name__)
