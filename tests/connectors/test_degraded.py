"""Without its model the knowledge base answers by words, and everybody who should know is told."""

from __future__ import annotations

from pathlib import Path

import httpx
import pytest

from knowledge_base import articles
from knowledge_base.embedding import EncoderUnavailable, SentenceTransformerEncoder
from tests.connectors.browser import name, signed_in
from tests.connectors.conftest import running


def test_a_model_that_is_not_there_is_said_and_words_still_answer(
    database_url: str, tmp_path: Path
) -> None:
    with running(database_url, tmp_path, embedding_model="/no/such/model") as app:
        assert httpx.get(f"{app.url}/readyz").json() == {"status": "ready"}, "nobody asked yet"
        with app.sessions.begin() as session:
            articles.create(
                session, id="boat", locale="ko", title="보트 대여", author="지수",
                questions=["보트 빌릴 수 있나요?", "보트 대여 얼마예요?"], body="만 원이에요.",
            )  # fmt: skip
            articles.publish(session, id="boat", locale="ko", author="지수")
        lead = signed_in(app, name(), role="lead")
        page = lead.get("/console/articles/try?q=보트 대여 얼마예요?")
        assert "만 원이에요." in page.text or "보트 대여" in page.text
        assert "낱말로만 찾아요" in page.text and "/no/such/model" in page.text
        assert "Meanings cannot be compared" in lead.get("/console/articles?lang=en").text
        ready = httpx.get(f"{app.url}/readyz")
        (reason,) = ready.json()["degraded"]
        assert ready.status_code == 200 and "'/no/such/model' cannot be loaded" in reason
        asked = app.agent(name()).post("/api/kb/ask", json={"question": "보트 대여 얼마예요?"})
        assert asked.json()["outcome"] == "answer"


def test_a_folder_that_is_not_there_is_not_looked_for_elsewhere() -> None:
    with pytest.raises(EncoderUnavailable, match="there is no such folder"):
        SentenceTransformerEncoder("./no-such-model").encode(["x"])
