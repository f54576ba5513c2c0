"""The gateway's knowledge base while something is published."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Iterator

import pytest
from sqlalchemy import text as sql

from connectors.web.knowledge import PATIENCE_S, Knowledge
from knowledge_base import articles
from knowledge_base.answers import Answer
from ticketing import db
from ticketing.db import Sessions

QUESTION = "우주선 대여료가 얼마예요?"


@pytest.fixture
def sessions(database_url: str) -> Iterator[Sessions]:
    engine = db.connect(database_url)
    yield db.session_factory(engine)
    engine.dispose()


def publish(sessions: Sessions, id: str, title: str) -> None:
    with sessions.begin() as session:
        articles.bump_version(session)
        key = {"id": id, "locale": "ko", "author": "지수"}
        articles.create(session, **key, title=title, questions=[QUESTION], body=f"{title}예요.")
        articles.publish(session, **key)


async def found(knowledge: Knowledge, *, patient: bool) -> str:
    outcome = await knowledge.ask(QUESTION, locale="ko", patient=patient)
    return outcome.article.article if isinstance(outcome, Answer) else ""


def test_the_public_does_not_wait_for_what_takes_long_to_read(sessions: Sessions) -> None:
    knowledge = Knowledge(sessions, model="")
    publish(sessions, "old", "우주선 대여료")

    async def meanwhile() -> None:
        assert await found(knowledge, patient=True) == "old"
        publish(sessions, "new", "새 우주선 대여료")
        with sessions.begin() as session:
            articles.retire(session, id="old", locale="ko", author="지수")
        with sessions() as session:
            # As if there were thousands to read.
            session.execute(sql("LOCK TABLE kb_article IN ACCESS EXCLUSIVE MODE"))
            curator = asyncio.create_task(found(knowledge, patient=True))
            began = time.monotonic()
            assert await found(knowledge, patient=False) == "old"
            assert await found(knowledge, patient=False) == "old", "nor the one after it"
            assert time.monotonic() - began < 4 * PATIENCE_S
            assert not curator.done(), "who has just published is told what is new"
        assert await curator == "new"
        assert await found(knowledge, patient=False) == "new"

    with contextlib.closing(knowledge):
        asyncio.run(meanwhile())
