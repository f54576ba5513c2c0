"""The index in memory over everything published, and how it keeps itself fresh."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from functools import lru_cache, partial

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import select
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from knowledge_base import articles, sentences, text
from knowledge_base.embedding import Embedded, Encoder, EncoderUnavailable
from knowledge_base.matching import Document
from knowledge_base.models import Article, Revision
from knowledge_base.sentences import Near, Sentence
from knowledge_base.snapshot import Ranking, Snapshot
from knowledge_base.stock import Stock
from knowledge_base.vectors import StoredVectors

log = logging.getLogger(__name__)

Floats = NDArray[np.float32]
MANY = 64  # more texts than this without a vector: serve words first, vectors when ready
TALKED_ABOUT = 100  # articles whose sentences' vectors are kept, 120 kB each at most


class Index:
    """Searches what is published. Thread-safe; a rebuild never blocks a query.

    The published version is polled every ``poll_seconds``: by the thread that :meth:`start`
    starts, or, without one, in the background of the queries themselves. A changed version is
    read, built aside and swapped in. Without a usable ``encoder`` words alone are compared and
    :attr:`degraded` says why.
    """

    def __init__(
        self,
        session_factory: Callable[[], Session],
        encoder: Encoder | None = None,
        *,
        poll_seconds: float = 0.5,
    ) -> None:
        self._session_factory = session_factory
        self._encoder = encoder
        self._poll_seconds = poll_seconds
        self._snapshot: Snapshot | None = None
        self._building = threading.Lock()
        self._polled_at = 0.0
        self._thread: threading.Thread | None = None
        self._stop = threading.Event()
        self._encoder_error: str | None = None
        self._poll_error: str | None = None
        # Of articles that are talked about, when they are: most never are.
        self._sentences = lru_cache(maxsize=TALKED_ABOUT)(self._read_sentences)

    @property
    def degraded(self) -> str | None:
        """Why answers are worse than they could be now, or None."""
        return self._poll_error or self._encoder_error

    @property
    def version(self) -> int:
        """The published version that queries see; -1 before the first build."""
        snapshot = self._snapshot
        return -1 if snapshot is None else snapshot.version

    @property
    def documents(self) -> Sequence[Document]:
        """Everything published, as queries see it."""
        return self._current().documents

    def document(self, article: str, *, locale: str) -> Document | None:
        """An article in this locale, else in another one, else None."""
        return self._current().document(article, locale=locale)

    def find(self, article: str, *, locale: str, question: str = "") -> tuple[Document, int] | None:
        """As :meth:`document`, with the number of the passage that ``question`` is about."""
        snapshot = self._current()
        found = snapshot.document(article, locale=locale)
        if found is None:
            return None
        language = text.language(question, default=locale)
        asked = self._embedded(question, language, snapshot) if question else None
        try:
            return found, snapshot.passage(found, question, asked.vector if asked else None)
        except SQLAlchemyError as error:
            self._away(error)
            return found, snapshot.passage(found, question)

    def near(self, article: str, *, locale: str, question: str) -> Near | None:
        """The sentence of an article that ``question`` is most like; None without vectors."""
        snapshot = self._current()
        document = snapshot.document(article, locale=locale)
        if document is None:
            return None
        asked = self._embedded(question, text.language(question, default=locale), snapshot)
        if asked is None:
            return None
        try:
            said, vectors = self._sentences(document)
            return snapshot.near(document, said, vectors, asked.vector)
        except EncoderUnavailable as error:
            self._encoder_error = str(error)
        except SQLAlchemyError as error:
            self._away(error)
        return None

    def _read_sentences(self, document: Document) -> tuple[Sequence[Sentence], Floats]:
        said = sentences.of(document)
        assert self._encoder is not None
        return said, self._encoder.encode([_encodable(one.text) for one in said])

    def start(self) -> None:
        """Build now and keep fresh in a daemon thread until :meth:`stop`."""
        self._current()
        if self._thread is None:
            self._stop.clear()
            self._thread = threading.Thread(target=self._keep_fresh, name="kb-index", daemon=True)
            self._thread.start()

    def stop(self) -> None:
        """End the thread of :meth:`start`; waits for a rebuild in progress."""
        thread, self._thread = self._thread, None
        if thread is not None:
            self._stop.set()
            thread.join()

    def forked(self) -> None:
        """To be called in a process that was forked off: what its parent says to the database is
        none of its business."""
        with self._session_factory() as session:
            session.get_bind().engine.dispose(close=False)

    def refresh(self, *, force: bool = False) -> bool:
        """Rebuild if something was published since (or ``force``); whether it was rebuilt."""
        with self._building:
            self._polled_at = time.monotonic()
            with self._session_factory() as session:
                version = articles.published_version(session)
                if not force and version == self.version:
                    return False
                documents = _published(session)
            self._build(version, documents)
            return True

    def shares(self, terms: Sequence[str]) -> list[float]:
        """How much of a question each of its terms says, 0..1; the rarer, the more."""
        return self._current()._matcher.shares(terms)

    def impersonal(self, question: str) -> str:
        """A question without numbers and addresses that only say who asks."""
        return self._current().particulars.strip(question)

    def corrected(self, question: str) -> str:
        """A question with its slips mended."""
        return self._current().spelling.corrected(question)

    def rehearse(self, changes: Mapping[tuple[str, str], Document | None]) -> Index:
        """An index that answers as if these were published, by article and locale; None is taken
        away. It is not kept fresh. Texts that are new are encoded, as their publication would."""
        known = {(one.article, one.locale): one for one in self.documents}
        for key, document in changes.items():
            known.pop(key, None)
            if document is not None:
                known[key] = document
        made = Index(self._session_factory, self._encoder, poll_seconds=float("inf"))
        made._snapshot = self._snapshot
        made._build(self.version, [known[key] for key in sorted(known)])
        return made

    def search(
        self, question: str, *, locale: str, limit: int = 5, exclude: Collection[str] = ()
    ) -> Ranking:
        """The best articles for a question; those in ``exclude`` are left out."""
        return self.search_all([question], locale=locale, limit=limit, exclude=exclude)[0]

    def search_all(
        self,
        questions: Sequence[str],
        *,
        locale: str,
        limit: int = 5,
        exclude: Collection[str] = (),
        within: str | None = None,
    ) -> list[Ranking]:
        """The same for each of several questions, in less time than one after the other.

        Parts ``within`` a question that was searched just now are taken as they stand there.
        """
        snapshot = self._current()
        languages = [text.language(question, default=locale) for question in questions]
        asked = [
            (question, self._embedded(question, language, snapshot, within))
            for question, language in zip(questions, languages, strict=True)
        ]
        rank = partial(snapshot.rank_all, locale=locale, limit=limit, exclude=exclude)
        try:
            return rank(asked)
        except SQLAlchemyError as error:
            # Vectors of a large base lie in the database; words are here.
            self._away(error)
            return rank([(question, None) for question in questions])

    def expect(self, questions: Iterable[tuple[str, str]]) -> None:
        """Make the vectors of questions, each with its locale, that will be searched next: of
        several together the model makes them in half the time."""
        encoder = self._encoder
        if encoder is None or not self._current().has_vectors:
            return
        try:
            known = encoder.languages
            wanted = [
                _encodable(question)
                for question, locale in questions
                if text.language(question, default=locale) in known
            ]
            if wanted:
                encoder.embed(wanted, query=True)
        except EncoderUnavailable as error:
            self._encoder_error = str(error)

    def _current(self) -> Snapshot:
        snapshot = self._snapshot
        if snapshot is None:
            self.refresh()
            snapshot = self._snapshot
            assert snapshot is not None
        elif self._thread is None and time.monotonic() - self._polled_at > self._poll_seconds:
            # Many queries may come here at once; one of them is enough.
            self._polled_at = time.monotonic()
            if not self._building.locked():
                threading.Thread(target=self._poll, name="kb-index-poll", daemon=True).start()
        return snapshot

    def _keep_fresh(self) -> None:
        while not self._stop.wait(self._poll_seconds):
            self._poll()

    def _poll(self) -> None:
        try:
            self.refresh()
            self._poll_error = None
        except Exception as error:
            # The database may be away for a while; what was published last still answers.
            self._away(error)

    def _away(self, error: Exception) -> None:
        if self._poll_error is None:
            log.warning("the knowledge base cannot be read: %s", type(error).__name__)
        self._poll_error = f"the knowledge base cannot be read: {type(error).__name__}"

    def _build(self, version: int, documents: Sequence[Document]) -> None:
        encoder = self._encoder
        if encoder is None or not documents:
            self._encoder_error = None if encoder else "no embedding model is configured"
            self._swap(version, documents, None)
            return
        stock = Stock(self._session_factory, encoder, documents)
        many = len(stock.missing) > MANY
        if many:
            self._encoder_error = f"{len(stock.missing)} texts are being encoded"
            self._swap(version, documents, stock)
        try:
            for left in stock.complete():
                if many:
                    self._encoder_error = f"{left} texts are being encoded"
                    log.info("%d of %d texts are to be encoded", left, len(stock.missing))
            if stock.known:
                # Load now: the first question should not wait for seconds.
                encoder.encode(["warm"], query=True)
            self._encoder_error = None
        except EncoderUnavailable as error:
            self._encoder_error = str(error)
            log.warning("search by words only: %s", error)
        self._swap(version, documents, stock)
        if isinstance(stock.vectors, StoredVectors):
            stock.vectors.numbers.clear()

    def _swap(self, version: int, documents: Sequence[Document], stock: Stock | None) -> None:
        self._snapshot = Snapshot(
            documents,
            stock.vectors if stock else None,
            pieces=stock.pieces if stock else None,
            version=version,
            previous=self._snapshot,
        )

    def _embedded(
        self, question: str, language: str, snapshot: Snapshot, within: str | None = None
    ) -> Embedded | None:
        encoder = self._encoder
        if encoder is None or not snapshot.has_vectors:
            return None
        try:
            if language not in encoder.languages:
                return None
            if within is not None:
                return encoder.embed_part(_encodable(question), of=_encodable(within))
            return encoder.embed([_encodable(question)], query=True)[0]
        except EncoderUnavailable as error:
            self._encoder_error = str(error)
            return None


def _encodable(question: str) -> str:
    return question[: text.MAX_ANALYSED].encode("utf-8", "replace").decode()


def _published(session: Session) -> list[Document]:
    rows = session.execute(
        select(Article.id, Article.locale, Revision.content)
        .join(
            Revision,
            (Revision.article_id == Article.id)
            & (Revision.locale == Article.locale)
            & (Revision.revision == Article.published_revision),
        )
        .where(Article.state == "published")
        .ext(distinct_on(Article.id, Article.locale))
        .order_by(Article.id, Article.locale, Revision.seq.desc())
    )
    return [
        Document(
            article=id,
            locale=locale,
            title=content["title"],
            questions=tuple(content["questions"]),
            body=content["body"],
            tags=tuple(content["tags"]),
        )
        for id, locale, content in rows
    ]
