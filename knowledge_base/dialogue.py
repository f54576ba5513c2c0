"""A question within a conversation: what it asks beside what was asked before it."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from knowledge_base import answers, calibration, elliptical, passages, smalltalk, text
from knowledge_base.answers import Answer, Candidate, Clarify, Outcome, Unknown
from knowledge_base.matching import Document
from knowledge_base.search import Index

MOST_OF_ITS_OWN = 2  # with more words of its own a question says what it is about


def may_go_on(question: str) -> bool:
    """Whether a question may say only beside another one what it is about."""
    own = elliptical.of_its_own(smalltalk.strip(question))
    return own is not None and len(own) <= MOST_OF_ITS_OWN


def continued(
    index: Index,
    question: str,
    before: Sequence[str],
    *,
    locale: str,
    exclude: Collection[str] = (),
) -> tuple[str, Outcome] | None:
    """What a question that :func:`may_go_on` asks in full, and what there is to say to that.

    ``before`` is what was asked or chosen before it, the latest last. None where the question
    says itself what it is about, or nothing was asked before.
    """
    asked = smalltalk.strip(question)
    topic = next((one for one in reversed(before) if elliptical.of_its_own(one) != []), None)
    if topic is None:
        return None
    whole = f"{topic.rstrip(' .!?~…')} {asked}"
    ranking = index.search(whole, locale=locale, exclude=exclude)
    if not ranking.hits:
        return None
    outcome = answers.decide(ranking)
    best = ranking.hits[0].document
    if isinstance(outcome, Answer):
        outcome = _told(index, outcome, asked, locale)
    own = elliptical.of_its_own(asked)
    if not own:
        return whole, outcome
    # "카드는요?" goes on with refunds if their article says something of cards.
    said = _said(best)
    if not all(one in said for one in text.terms(text.normalise(" ".join(own)))):
        return None
    alone = answers.answer(index, asked, locale=locale, exclude=exclude)
    if isinstance(alone, Answer):
        if alone.article.article == best.article or not elliptical.goes_on(asked):
            return None
        others: Sequence[Candidate] = [alone.article]
    elif isinstance(alone, Clarify):
        others = [one for one in alone.choices if one.article != best.article]
        if len(others) < len(alone.choices):
            whole = question  # it has a subject of its own, and what follows is asked of that
        if alone.choices[0].article == best.article:
            return whole, outcome
    else:
        return whole, outcome
    # "교환은요?", then "반품은요?": more of the same, or something else.
    choices = (outcome.candidates[0], *others)[: calibration.OFFERED]
    return whole, Clarify(choices, outcome.candidates)


def _told(index: Index, outcome: Answer, asked: str, locale: str) -> Outcome:
    """The answer with the passage that is asked for, or none if the article says no such thing."""
    found = index.find(outcome.article.article, locale=locale, question=asked)
    if found is None:
        return Unknown(outcome.candidates)
    document, passage = found
    said = answers.told(outcome.article, document, passage, outcome.candidates)
    if elliptical.is_answered(asked, said.text):
        return said
    for number, part in enumerate(passages.of(document.body)):
        if elliptical.is_answered(asked, part.whole):
            return answers.told(outcome.article, document, number, outcome.candidates)
    return Unknown(outcome.candidates)


def _said(document: Document) -> set[str]:
    """The words of an article, in every form in which a question may have them."""
    found: set[str] = set()
    for one in (*document.short_texts, *document.tags, document.body):
        normal = text.normalise(one, length=passages.LONG * 10)
        found |= {*text.prefixes(normal), *text.terms(normal)}
    return found
