"""Vectors as they are kept in PostgreSQL: read into memory, or of a large base compared there.

``kb_embedding`` holds every vector as plain bytes, which any PostgreSQL takes. Where pgvector is
there, those of a large base lie a second time in a schema of their own, made when it is first
needed: nothing depends on it, a backup leaves it out, and without it memory does the same.
"""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray
from pgvector import Vector
from sqlalchemy import select, text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from knowledge_base import pieces
from knowledge_base.embedding import from_bytes, to_bytes
from knowledge_base.models import Embedding
from knowledge_base.pieces import Pieces

log = logging.getLogger(__name__)

Floats = NDArray[np.float32]
Numbers = NDArray[np.int64]
T = TypeVar("T")

# A base with more texts keeps its vectors in PostgreSQL alone. Not for speed: only those of the
# most promising articles are compared anyway, in memory in 0.4 ms. But every process has its copy,
# which has 150 MB here.
IN_MEMORY = 100_000
ROWS = 5000  # read or written by one statement


def hashed(one: str) -> bytes:
    """What a text is known by in ``kb_embedding``."""
    return hashlib.blake2b(one.encode(), digest_size=16).digest()


def read(session: Session, model: str, texts: Sequence[str]) -> dict[str, Floats]:
    """Those of the texts' vectors that are stored."""
    return {one: from_bytes(stored) for one, stored in _read(session, model, texts)}


def read_pieces(session: Session, model: str, texts: Sequence[str]) -> dict[str, Pieces]:
    """Those of the texts' pieces that are stored."""
    found = _read(session, _of_pieces(model), texts)
    return {one: pieces.from_bytes(stored) for one, stored in found}


def write(session: Session, model: str, vectors: Mapping[str, Floats]) -> None:
    """Store vectors, for all processes."""
    _write(session, model, {one: to_bytes(vector) for one, vector in vectors.items()})


def write_pieces(session: Session, model: str, found: Mapping[str, Pieces]) -> None:
    """Store texts' pieces beside their vectors."""
    _write(session, _of_pieces(model), {one: pieces.to_bytes(some) for one, some in found.items()})


def _of_pieces(model: str) -> str:
    return f"{model}+{pieces.name()}"


def _read(session: Session, model: str, texts: Sequence[str]) -> Iterator[tuple[str, bytes]]:
    for some in _some(texts):
        hashes = {hashed(one): one for one in some}
        rows = session.execute(
            select(Embedding.text_hash, Embedding.vector).where(
                Embedding.model == model, Embedding.text_hash.in_(hashes)
            )
        )
        yield from ((hashes[key], stored) for key, stored in rows)


def _write(session: Session, model: str, found: Mapping[str, bytes]) -> None:
    values = [
        {"model": model, "text_hash": hashed(one), "vector": kept} for one, kept in found.items()
    ]
    if values:
        session.execute(insert(Embedding).values(values).on_conflict_do_nothing())


class StoredVectors:
    """Vectors that stay in PostgreSQL: pgvector compares them with a question's."""

    def __init__(self, session_factory: Callable[[], Session], model: str, schema: str) -> None:
        """Use :func:`open_store`; ``schema`` is where the extension was installed."""
        self._session_factory = session_factory
        self._model = model
        # As in memory: of unit vectors the inner product is the cosine.
        self._cosines = text(
            f'SELECT id, -(vector OPERATOR("{schema}".<#>) CAST(:vector AS "{schema}".vector))'
            " FROM kb_pgvector.embedding WHERE id = ANY(CAST(:ids AS bigint[]))"
        )
        self._insert = text(
            "INSERT INTO kb_pgvector.embedding (model, text_hash, vector)"
            f' VALUES (:model, :text_hash, CAST(:vector AS "{schema}".vector))'
            " ON CONFLICT DO NOTHING"
        )
        # Of the texts that :meth:`number` was given, for as long as an index is built from them.
        self.numbers: dict[str, int] = {}

    def number(self, texts: Sequence[str]) -> None:
        """Learn the texts' :attr:`numbers`; what was only kept as bytes becomes comparable.

        A text without a vector has no number.
        """
        with self._session_factory() as session:
            for some in _some(texts):
                self._known(session, some)
                if lacking := [one for one in some if one not in self.numbers]:
                    kept = read(session, self._model, lacking)
                    if kept:
                        session.execute(
                            self._insert,
                            [
                                {
                                    "model": self._model,
                                    "text_hash": hashed(one),
                                    "vector": Vector(vector).to_text(),
                                }
                                for one, vector in kept.items()
                            ],
                        )
                        self._known(session, [*kept])
                session.commit()

    def means(self, groups: Sequence[Sequence[str]]) -> list[Floats]:
        """The mean vector of each group of texts; those without a vector do not count."""
        found: list[Floats] = []
        with self._session_factory() as session:
            for some in _some(groups, ROWS // 10):
                vectors = read(session, self._model, [one for group in some for one in group])
                for group in some:
                    known = [vectors[one] for one in group if one in vectors]
                    found.append(np.mean(known, axis=0))
        return found

    def cosines(self, vector: Floats, numbers: Numbers) -> Floats:
        """Cosines with the texts of these numbers. Raises ``SQLAlchemyError``."""
        given = {"vector": Vector(vector).to_text(), "ids": numbers.tolist()}
        with self._session_factory() as session:
            rows = session.execute(self._cosines, given)
            found = {number: cosine for number, cosine in rows}
        return np.array([found.get(one, 0.0) for one in numbers.tolist()], np.float32)

    def _known(self, session: Session, texts: Sequence[str]) -> None:
        hashes = {hashed(one): one for one in texts}
        rows = session.execute(
            text(
                # What a restored database does not have is encoded again.
                "SELECT text_hash, id FROM kb_pgvector.embedding"
                " JOIN kb_embedding USING (model, text_hash)"
                " WHERE model = :model AND text_hash = ANY(:hashes)"
            ),
            {"model": self._model, "hashes": [*hashes]},
        )
        self.numbers.update((hashes[bytes(key)], number) for key, number in rows)


def open_store(session_factory: Callable[[], Session], model: str) -> StoredVectors | None:
    """Where PostgreSQL compares vectors; None if it lacks pgvector or may not install it."""
    try:
        with session_factory() as session:
            # One at a time: IF NOT EXISTS looks before somebody else commits.
            session.execute(text("SELECT pg_advisory_xact_lock(hashtext('kb_pgvector'))"))
            offered = "SELECT 1 FROM pg_available_extensions WHERE name = 'vector'"
            if session.scalar(text(offered)) is None:
                return None
            if session.scalar(text("SELECT to_regclass('kb_pgvector.embedding')")) is None:
                if session.scalar(text("SELECT to_regnamespace('kb_pgvector')")) is None:
                    session.execute(text("CREATE SCHEMA kb_pgvector"))
                session.execute(
                    text("CREATE EXTENSION IF NOT EXISTS vector WITH SCHEMA kb_pgvector")
                )
                session.execute(text(_TABLE.format(schema=_schema(session))))
            session.execute(text("SELECT id, vector FROM kb_pgvector.embedding LIMIT 0"))
            allowed = "SELECT has_table_privilege('kb_pgvector.embedding', 'INSERT')"
            if not session.scalar(text(allowed)):
                return None
            schema = _schema(session)
            session.commit()
            return StoredVectors(session_factory, model, schema)
    except SQLAlchemyError as error:
        log.info("vectors stay in memory, pgvector is not usable: %s", type(error).__name__)
        return None


# The numbers of an article's texts follow each other, so that they lie in few pages.
_TABLE = """CREATE TABLE kb_pgvector.embedding (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    model text NOT NULL,
    text_hash bytea NOT NULL,
    vector "{schema}".vector NOT NULL,
    UNIQUE (model, text_hash)
)"""


def _schema(session: Session) -> str:
    named = "SELECT nspname FROM pg_extension e JOIN pg_namespace n ON n.oid = extnamespace"
    return str(session.scalar(text(f"{named} WHERE extname = 'vector'")))


def _some(every: Sequence[T], size: int = ROWS) -> Iterator[Sequence[T]]:
    for start in range(0, len(every), size):
        yield every[start : start + size]
