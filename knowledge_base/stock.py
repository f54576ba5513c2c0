"""What there is of the published texts' vectors and word pieces, and encoding what is lacking."""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection, Iterator, Sequence

import numpy as np
from numpy.typing import NDArray
from sqlalchemy.orm import Session

from knowledge_base import text, vectors
from knowledge_base.embedding import Encoder
from knowledge_base.matching import Document, passages
from knowledge_base.pieces import Pieces
from knowledge_base.vectors import StoredVectors

log = logging.getLogger(__name__)

Floats = NDArray[np.float32]
CHUNK = 64  # texts encoded between two commits


class Stock:
    """Vectors and pieces of documents' texts, each encoded once for all processes."""

    def __init__(
        self,
        session_factory: Callable[[], Session],
        encoder: Encoder,
        documents: Sequence[Document],
    ) -> None:
        """Read what is stored; the vectors of a large base stay where they are."""
        self._session_factory = session_factory
        self._encoder = encoder
        texts = _texts(encoder, documents)
        self.vectors = self._stored(texts)
        self._with_pieces: set[str] = set()
        self.pieces: dict[str, Pieces] = {}
        if isinstance(self.vectors, dict):
            short = (one for document in documents for one in document.short_texts)
            self._with_pieces = {one for one in short if encoder.has_pieces(one)}
            with session_factory() as session:
                self.pieces = vectors.read_pieces(session, encoder.name, [*self._with_pieces])
        lacking = self._with_pieces - self.pieces.keys()
        self.missing = [one for one in texts if one not in self.known or one in lacking]

    @property
    def known(self) -> Collection[str]:
        """The texts that have a vector."""
        return self.vectors if isinstance(self.vectors, dict) else self.vectors.numbers

    def complete(self) -> Iterator[int]:
        """Encode and store what is missing, a few at a time; how many are left.

        Raises :class:`~knowledge_base.embedding.EncoderUnavailable`.
        """
        for start in range(0, len(self.missing), CHUNK):
            chunk = self.missing[start : start + CHUNK]
            encoded = dict(zip(chunk, self._encoder.embed(chunk), strict=True))
            made = {one: found.vector for one, found in encoded.items()}
            pieces = {
                one: found.pieces
                for one, found in encoded.items()
                if found.pieces is not None and one in self._with_pieces
            }
            with self._session_factory() as session:
                vectors.write(session, self._encoder.name, made)
                vectors.write_pieces(session, self._encoder.name, pieces)
                session.commit()
            if isinstance(self.vectors, dict):
                self.vectors.update(made)
            self.pieces.update(pieces)
            yield len(self.missing) - start - len(chunk)
        if isinstance(self.vectors, StoredVectors):
            self.vectors.number(self.missing)

    def _stored(self, texts: Sequence[str]) -> dict[str, Floats] | StoredVectors:
        if len(texts) > vectors.IN_MEMORY:
            stored = vectors.open_store(self._session_factory, self._encoder.name)
            if stored is not None:
                stored.number(texts)
                return stored
        with self._session_factory() as session:
            return vectors.read(session, self._encoder.name, texts)


def _texts(encoder: Encoder, documents: Sequence[Document]) -> list[str]:
    languages = encoder.languages
    return [
        *dict.fromkeys(
            piece
            for document in documents
            for piece in (*document.short_texts, *passages(document))
            if text.language(piece, default=document.locale) in languages
        )
    ]
