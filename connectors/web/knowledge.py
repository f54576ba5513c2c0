"""The knowledge base inside the gateway: loaded behind the scenes, asked in a thread."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

from ticketing.db import Sessions

if TYPE_CHECKING:
    from knowledge_base.answers import Outcome
    from knowledge_base.search import Index


class Knowledge:
    """Answers questions for the console and the API. The bot asks its own copy, in the actions.

    Everything happens in one thread: the encoder computes with one, and those who ask here are
    people. It is also where the encoder's libraries are imported, seconds after the start.
    """

    def __init__(self, sessions: Sessions, *, model: str) -> None:
        self._sessions = sessions
        self._model = model
        self._index: Index | None = None
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="knowledge")

    async def ask(self, question: str, *, locale: str) -> Outcome:
        """What a customer would get for this question, with all candidates."""
        return await asyncio.get_running_loop().run_in_executor(
            self._thread, self._ask, question, locale
        )

    def _ask(self, question: str, locale: str) -> Outcome:
        from knowledge_base.answers import answer
        from knowledge_base.embedding import SentenceTransformerEncoder
        from knowledge_base.search import Index

        if self._index is None:
            self._index = Index(self._sessions, SentenceTransformerEncoder(self._model or None))
        return answer(self._index, question, locale=locale)

    def close(self) -> None:
        """Stop the thread."""
        self._thread.shutdown(wait=False, cancel_futures=True)
