"""A scratch PostgreSQL for these tests, and an encoder that needs no model."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence

import numpy as np
import pytest
from numpy.typing import NDArray
from sqlalchemy import Engine, create_engine
from sqlalchemy.orm import Session, sessionmaker

from knowledge_base.embedding import Embedded
from knowledge_base.models import Base
from tests.conftest import create, database


class WordEncoder:
    """Hashes words into a unit vector: texts that share words are near. Counts what it encodes."""

    name = "words"
    dimensions = 64

    def __init__(self, languages: frozenset[str] = frozenset({"ko", "en"})) -> None:
        self.languages = languages
        self.encoded: list[str] = []

    def encode(self, texts: Sequence[str], *, query: bool = False) -> NDArray[np.float32]:
        if not query:
            self.encoded.extend(texts)
        return np.stack([self._vector(text) for text in texts])

    def embed(self, texts: Sequence[str], *, query: bool = False) -> list[Embedded]:
        return [Embedded(one) for one in self.encode(texts, query=query)]

    def embed_part(self, part: str, *, of: str) -> Embedded:
        return self.embed([part], query=True)[0]

    def has_pieces(self, one: str) -> bool:
        return False

    def _vector(self, text: str) -> NDArray[np.float32]:
        vector = np.full(self.dimensions, 1e-3, dtype=np.float32)
        for word in text.lower().strip("?!.").split():
            vector[hashlib.blake2b(word.encode(), digest_size=2).digest()[0] % 64] += 1
        return vector / np.linalg.norm(vector)


@pytest.fixture(scope="session")
def engine(postgres: str) -> Iterator[Engine]:
    """A database of the shared server with the knowledge base's tables alone."""
    create(postgres, "knowledge_base")
    engine = create_engine(database(postgres, "knowledge_base"))
    Base.metadata.create_all(engine)
    yield engine
    engine.dispose()


def empty(engine: Engine) -> None:
    """Delete every row of the knowledge base."""
    with engine.begin() as connection:
        for table in reversed(Base.metadata.sorted_tables):
            connection.execute(table.delete())


@pytest.fixture
def sessions(engine: Engine) -> sessionmaker[Session]:
    """A session factory on empty tables; sessions see each other's commits."""
    empty(engine)
    return sessionmaker(engine)


@pytest.fixture
def session(sessions: sessionmaker[Session]) -> Iterator[Session]:
    with sessions() as session:
        yield session


@pytest.fixture
def encoder() -> WordEncoder:
    return WordEncoder()
