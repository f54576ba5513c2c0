"""A question to an outcome: answer it, ask which of a few articles is meant, or say unknown.

The ranking's signals become calibrated probabilities (:mod:`knowledge_base.calibration`), and the
outcome with the least expected cost is taken. A confident wrong answer costs most.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache, partial
from itertools import islice
from typing import Protocol, TypeVar

from knowledge_base import (
    calibration,
    clauses,
    contrasts,
    elliptical,
    passages,
    rendering,
    smalltalk,
    spelling,
    text,
    topics,
)
from knowledge_base.matching import Document
from knowledge_base.search import Index
from knowledge_base.snapshot import Ranking

MAX_CANDIDATES = 5
CHAT_LENGTH = 400
# A choice that is less likely only looks silly. A fifth of all are; of 637 right ones two were.
LEAST_LIKELY = 0.01
# Beside a first choice that is nearly an answer, more of them do: three in four of 884 such
# questions are asked with that one alone, and 20 lose their right choice.
NEARLY_SURE, BESIDE_IT = 0.8, 0.05
# A sentence that nothing published answers, more likely than not, is what people say around a
# question. With more sentences than this the message is looked for as a whole.
TO_THE_POINT, MOST_SENTENCES = 0.5, 12
# A message whose answer is surer than that is looked at in parts only if it asks before its last
# sentence, and so seems to ask several things: in a large base a part costs as much as a question.
CERTAIN = 0.95
# One clause alone must find what the message finds, and hardly ever does where that is less likely.
HOPELESS = 0.05
_ASKS = re.compile(r"(?:[?？]|[나까가]요)\W*$")
AHEAD = 128  # questions that the model reads together; what it made of more is not kept

Row = TypeVar("Row")


class Search(Protocol):
    """Gives the ranking of each of some questions; of parts, ``within`` what they are parts of."""

    def __call__(self, questions: Sequence[str], *, within: str | None = None) -> list[Ranking]: ...


@dataclass(frozen=True, slots=True)
class Candidate:
    """An article that may answer, with the probability 0..1 that it does."""

    article: str
    locale: str
    title: str
    score: float


@dataclass(frozen=True, slots=True)
class Answer:
    """The article answers the question; ``text`` is for a chat, without markup: all of a short
    article, else its beginning and the passage that matters.

    ``anchor`` says where that passage stands on the article's page: empty for its top, None if
    there is no more of the article. Pictures are more. ``sentence`` is the one of it that a message
    is near to, where only that led to the article.
    """

    article: Candidate
    text: str
    candidates: tuple[Candidate, ...]
    anchor: str | None = None
    sentence: str = ""


@dataclass(frozen=True, slots=True)
class Clarify:
    """One of ``choices`` (one to three) probably answers it: let the customer choose.

    Where several things are asked that are each answered, ``each`` has the answers, and the choices
    are their articles. ``of_topic``: nothing in particular is asked, and they are all about it.
    """

    choices: tuple[Candidate, ...]
    candidates: tuple[Candidate, ...]
    each: tuple[Answer, ...] = ()
    of_topic: bool = False


@dataclass(frozen=True, slots=True)
class Unknown:
    """Nothing published answers this; ``candidates`` are what was looked at, for the agent."""

    candidates: tuple[Candidate, ...]


Outcome = Answer | Clarify | Unknown


def answer(index: Index, question: str, *, locale: str, exclude: Collection[str] = ()) -> Outcome:
    """Decide what to tell a customer who asks ``question`` in ``locale`` (``ko`` or ``en``).

    Articles in ``exclude`` (shown before and rejected) are left out. Any text is accepted; what
    holds no question (greetings, thanks, signs) is :class:`Unknown`.
    """
    ranking = rank(index, question, locale=locale, limit=MAX_CANDIDATES, exclude=exclude)
    return Unknown(candidates=()) if ranking is None else decide(ranking)


def rank(
    index: Index, question: str, *, locale: str, limit: int, exclude: Collection[str] = ()
) -> Ranking | None:
    """The articles for what a message asks, without what is said around it; None if nothing is
    left of it.

    Mere small talk has a ranking only if somebody wrote an article for just that. Korean typed on
    an English keyboard has that of the Korean if this is known and what was typed is not. What is
    said not to be meant ("교환 말고 환불이요") counts only where an article is asked for so.
    """
    ranking = _typed(index, question, locale=locale, limit=limit, exclude=exclude)
    meant = contrasts.meant(question)
    if meant == question or (ranking is not None and _is_contrast(ranking)):
        return ranking
    other = _typed(index, meant, locale=locale, limit=limit, exclude=exclude)
    return ranking if _tells_the_same(ranking, other) else other


def _is_contrast(ranking: Ranking) -> bool:
    texts = [one for hit in ranking.hits[:1] for one in hit.document.short_texts]
    return any(contrasts.meant(one) != one for one in texts)


def _tells_the_same(ranking: Ranking | None, other: Ranking | None) -> bool:
    if ranking is None or other is None or not other.hits:
        return False
    return isinstance(decide(ranking), Answer) and _first(ranking) == _first(other)


def _typed(
    index: Index, question: str, *, locale: str, limit: int, exclude: Collection[str]
) -> Ranking | None:
    ranking = _rank(index, question, locale=locale, limit=limit, exclude=exclude)
    if (meant := spelling.in_korean(question)) and not _is_known(ranking):
        korean = _rank(index, meant, locale="ko", limit=limit, exclude=exclude)
        return korean if _is_known(korean) else ranking
    return ranking


def in_turn(
    index: Index, rows: Iterable[Row], asked: Callable[[Row], tuple[str, str]]
) -> Iterator[Row]:
    """The rows again, each to be asked when it comes: by then the model has read a few questions
    together, in half the time. ``asked`` gives a row's question and locale."""
    coming = iter(rows)
    while some := [*islice(coming, AHEAD)]:
        index.expect(_read(index, map(asked, some)))
        yield from some


def _read(index: Index, questions: Iterable[tuple[str, str]]) -> Iterator[tuple[str, str]]:
    for question, locale in questions:
        if said := searched(index.impersonal(question)):
            yield said, locale
            yield index.corrected(said), locale


def _is_known(ranking: Ranking | None) -> bool:
    return ranking is not None and not isinstance(decide(ranking), Unknown)


def _rank(
    index: Index, question: str, *, locale: str, limit: int, exclude: Collection[str]
) -> Ranking | None:
    search = partial(index.search_all, locale=locale, limit=limit, exclude=exclude)
    question = index.impersonal(question)
    if asked := searched(question):
        return surest(asked, index.corrected(asked), search)
    if not any(letter.isalnum() for letter in question):
        return None
    (ranking,) = search([question])
    texts = [one for hit in ranking.hits[:1] for one in hit.document.short_texts]
    return ranking if any(not searched(one) for one in texts) else None


def searched(question: str) -> str:
    """What of a question is looked for; empty for mere small talk."""
    asked = smalltalk.strip(question)
    # Greetings are words like others in Korean, where words are counted; English vectors lose
    # more by what is torn from a sentence than by a "hi" before it.
    return asked if not asked or text.has_hangul(asked) else question


def surest(asked: str, mended: str, search: Search) -> Ranking:
    """The ranking of a message as it was typed or with its slips ``mended``, whichever is surer: a
    word that nobody knows may be a name."""
    wholes = search([*dict.fromkeys((asked, mended))])
    readings = [to_the_point(whole, search) for whole in wholes]
    found = [one for one in readings if one.hits]
    return max(found, key=lambda one: calibration.judge(one).p_first, default=readings[0])


def to_the_point(whole: Ranking, search: Search) -> Ranking:
    """The ranking of a message without the sentences that nothing published answers.

    "Hope you are well", "I have been waiting for days" make a clear question look unlike every
    question that is known. ``search`` gives the ranking of each part. Parts only make surer what
    the whole finds: "it is so late, when does it come" is not what "when does it come" is alone.
    If several sentences find several articles, the ranking of each is in
    :attr:`~knowledge_base.snapshot.Ranking.several`.
    """
    sentences = text.sentences(whole.question)
    pieces = [one for sentence in sentences for one in clauses.questions(sentence)]
    said = looked_for = elliptical.together(pieces)
    asks_before = len(pieces) > len(sentences) or any(_ASKS.search(one) for one in said[:-1])
    if len(said) == 1:
        said = elliptical.together(clauses.split(said[0]))
        looked_for = clauses.asking(said)
    if not whole.hits or not 1 < len(said) <= MOST_SENTENCES:
        return whole
    likely_whole = calibration.judge(whole).p_first
    if likely_whole > CERTAIN and not asks_before:
        return whole
    if len(looked_for) == 1 and likely_whole < HOPELESS:
        return whole
    parts = [(one, part) for one in looked_for if (part := searched(one))]
    # Of two questions each has something of the other's in its words, so those are read alone.
    within = whole.question if len(looked_for) == 1 else None
    rankings = search([part for _, part in parts], within=within)
    asked = [
        (one, ranking) for (one, _), ranking in zip(parts, rankings, strict=True) if ranking.hits
    ]
    likely = [calibration.judge(ranking).p_offered for _, ranking in asked]
    least = min(TO_THE_POINT, max(likely, default=0.0))
    kept = [one for one, chance in zip(asked, likely, strict=True) if chance >= least]
    best = whole
    if kept and len(kept) < len(said) and not _beside_the_point(said, [one for one, _ in kept]):
        short = kept[0][1] if len(kept) == 1 else search([" ".join(one for one, _ in kept)])[0]
        same = bool(short.hits) and _first(short) == _first(whole)
        if same and calibration.judge(short).p_first >= calibration.judge(whole).p_first:
            best = short
    near = {hit.document.article for hit in whole.hits}
    several = {_first(one): one for _, one in reversed(kept) if _first(one) in near}
    return replace(best, several=(*reversed(several.values()),)) if len(several) > 1 else best


def _beside_the_point(said: Sequence[str], kept: Sequence[str]) -> bool:
    """Whether something is asked, and kept is only why or of what: "어린이날 전에 받을 수 있나요?
    선물이에요" is no question about presents."""
    asks = any(elliptical.of_its_own(one) is not None for one in said)
    return asks and all(
        elliptical.of_its_own(one) is None and elliptical.depends(one) for one in kept
    )


def _first(ranking: Ranking) -> str:
    return ranking.hits[0].document.article


def decide(ranking: Ranking) -> Outcome:
    """The outcome of least expected cost for a ranking."""
    if not ranking.hits:
        return Unknown(candidates=())
    judged = calibration.judge(ranking)
    candidates = tuple(
        Candidate(
            article=hit.document.article,
            locale=hit.document.locale,
            title=hit.document.title,
            score=round(score, 4),
        )
        for hit, score in zip(ranking.hits, judged.scores, strict=True)
    )
    if ranking.several:
        return _decide_several(ranking, candidates)
    best = ranking.hits[0].document
    topic = topics.named(ranking.terms)
    about = _on_topic(ranking, candidates, topic)
    bare = len(about) > 1 and topics.is_bare(ranking.question, ranking.terms)
    if bare and not topics.is_title(best, topic):
        # Whatever the probabilities say: they were fitted on questions that have a right article.
        return Clarify(choices=about, candidates=candidates, of_topic=True)
    if judged.outcome == "answer":
        return told(candidates[0], best, ranking.hits[0].passage, candidates)
    if judged.outcome == "clarify" and len(candidates) > 1:
        least = BESIDE_IT if candidates[0].score >= NEARLY_SURE else LEAST_LIKELY
        likely = [one for one in candidates[1:] if one.score >= least]
        choices = (candidates[0], *likely)[: calibration.OFFERED]
        return Clarify(choices=choices, candidates=candidates)
    if judged.outcome == "unknown" and about:
        return Clarify(choices=about, candidates=candidates, of_topic=True)
    return Unknown(candidates=candidates)


def _decide_several(ranking: Ranking, candidates: tuple[Candidate, ...]) -> Outcome:
    """Of what is asked in several sentences, all that has an answer; what they may be about, if
    at most one has and the message as a whole has none."""
    outcomes = [decide(one) for one in ranking.several]
    each = tuple(one for one in outcomes if isinstance(one, Answer))[: calibration.OFFERED]
    if len(each) > 1:
        return Clarify(tuple(one.article for one in each), candidates, each)
    whole = decide(replace(ranking, several=()))
    if not isinstance(whole, Clarify):
        return whole
    firsts = [one.candidates[0] for one in outcomes]
    choices = {one.article: one for one in (*firsts, *whole.choices)}
    return replace(whole, choices=tuple(choices.values())[: calibration.OFFERED])


def _on_topic(
    ranking: Ranking, candidates: Sequence[Candidate], topic: Sequence[str]
) -> tuple[Candidate, ...]:
    """The choices for a question that only names a topic of ours; none for any other."""
    if not topic:
        return ()
    about = tuple(
        candidate
        for candidate, hit in zip(candidates, ranking.hits, strict=True)
        if topics.is_about(hit.document, topic)
    )
    return about[: calibration.OFFERED]


def chosen(index: Index, article: str, *, locale: str, question: str = "") -> Answer | None:
    """An article the customer chose, as an answer to what was asked before; None if it is not
    published any more."""
    found = index.find(article, locale=locale, question=question[:CHAT_LENGTH])
    if found is None:
        return None
    document, passage = found
    best = Candidate(document.article, document.locale, document.title, 1.0)
    return told(best, document, passage)


def told(
    best: Candidate, document: Document, passage: int, candidates: tuple[Candidate, ...] = ()
) -> Answer:
    """The document as an answer: what it says at first, and the passage that is asked for."""
    parts = passages.of(document.body)
    if not parts:
        said, is_all = chat_text(document.body)
        return Answer(best, said or document.title, candidates, anchor=None if is_all else "")
    part, first = parts[passage], parts[0]
    words = part.text if len(part.text) <= passages.LONG else _cut(part.text, passages.LONG)
    told_of = [part.heading, words]
    # What stands before the first heading says most in few words, and what the rest belongs to.
    both = passage > 0 and not first.heading and len(first.text) + len(words) <= passages.LONG
    if both:
        told_of.insert(0, first.text)
    is_all = len(parts) == (2 if both else 1) and words == part.text
    return Answer(
        best,
        "\n\n".join(filter(None, told_of)),
        candidates,
        anchor=None if is_all and not rendering.has_pictures(document.body) else part.anchor,
    )


@lru_cache(maxsize=1000)
def chat_text(body: str) -> tuple[str, bool]:
    """The beginning of an article as plain text for a chat, and whether that is all: what stands
    before its first section or table, at most about CHAT_LENGTH characters; a short one whole.

    A leading heading is left out: the title says it. Who wants all of it opens the article.
    """
    blocks = rendering.blocks(body)
    while blocks and blocks[0].is_heading:
        blocks.pop(0)
    whole = "\n\n".join(block.text for block in blocks)
    said = whole if len(whole) <= passages.SHORT else _beginning(blocks)
    return said, said == whole and not rendering.has_pictures(body)


def _beginning(blocks: Sequence[rendering.Block]) -> str:
    parts: list[str] = []
    used = 0
    for block in blocks:
        more = block.is_heading or block.is_table or used + len(block.text) > CHAT_LENGTH
        if parts and more:
            break
        parts.append(block.text)
        used += len(block.text) + 2
    said = "\n\n".join(parts)
    return said if len(said) <= CHAT_LENGTH else _cut(said, CHAT_LENGTH)


def _cut(whole: str, length: int) -> str:
    """The first ``length`` characters, ending at a line or sentence if there is one."""
    for ends in (("\n",), (". ", "! ", "? ", "。")):
        at = max(whole.rfind(end, length // 2, length) for end in ends)
        if at > 0:
            return whole[: at + 1].rstrip() + "\n…"
    return whole[: whole.rfind(" ", 0, length) if " " in whole[:length] else length] + "…"
