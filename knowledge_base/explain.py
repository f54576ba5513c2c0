"""Why a question gets what it gets: candidates, and what words and likenesses speak for each."""

from __future__ import annotations

from dataclasses import dataclass

from knowledge_base import answers, text
from knowledge_base.answers import Candidate, Outcome, Unknown
from knowledge_base.search import Index
from knowledge_base.snapshot import Hit


@dataclass(frozen=True, slots=True)
class Word:
    """A term of the question: its share 0..1 of what the question says, and where it is found.

    ``place`` is ``title``, ``question``, ``body`` or nowhere.
    """

    term: str
    share: float
    place: str


@dataclass(frozen=True, slots=True)
class Reason:
    """A candidate and what speaks for it, all 0..1.

    ``matched`` is the title or question most like the question, ``words`` how like it is;
    ``meaning`` the likeness of the vectors, 0 where none were compared.
    """

    candidate: Candidate
    matched: str
    words: float
    meaning: float
    terms: tuple[Word, ...]


@dataclass(frozen=True, slots=True)
class Explanation:
    """The outcome and its reasons, best first; ``asked`` is what of the question was looked for."""

    outcome: Outcome
    reasons: tuple[Reason, ...]
    asked: str


def explain(index: Index, question: str, *, locale: str) -> Explanation:
    """The same decision as :func:`knowledge_base.answers.answer`, with its reasons."""
    ranking = answers.rank(index, question, locale=locale, limit=answers.MAX_CANDIDATES)
    if ranking is None:
        return Explanation(Unknown(candidates=()), (), question)
    outcome = answers.decide(ranking)
    terms = list(dict.fromkeys(ranking.terms))
    shares = index.shares(terms)
    return Explanation(
        outcome,
        tuple(
            Reason(
                candidate,
                hit.matched,
                max(hit.terms, hit.ngrams),
                max(hit.nearest, 0.0),
                tuple(
                    Word(term, share, _place(term, hit))
                    for term, share in zip(terms, shares, strict=True)
                ),
            )
            for candidate, hit in zip(outcome.candidates, ranking.hits, strict=False)
        ),
        ranking.question,
    )


def _place(term: str, hit: Hit) -> str:
    document = hit.document
    if term in text.terms(text.normalise(document.title)):
        return "title"
    if any(term in text.terms(text.normalise(one)) for one in document.questions):
        return "question"
    return "body" if term in text.prefixes(text.normalise(document.body, length=8000)) else ""
