"""A message within a conversation: what it asks beside what was asked before it."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace

from knowledge_base import (
    answers,
    calibration,
    contrasts,
    elliptical,
    passages,
    smalltalk,
    text,
    topics,
)
from knowledge_base.answers import Answer, Candidate, Clarify, Outcome, Unknown
from knowledge_base.elliptical import APART
from knowledge_base.matching import Document
from knowledge_base.search import Index
from knowledge_base.sentences import Near

# With more words of its own a question says what it is about, and so does what states something.
MOST_ASKED, MOST_STATED = 2, 3
LIKELY = 0.5  # from here on what a question is about alone is not passed over
# How like a sentence of the article told a message is that goes on with it; one that says itself
# that it goes on ("it's padded", "불량이면요"); one that another article answers by itself.
ALIKE, ALIKE_ENOUGH, MUCH_ALIKE = 0.38, 0.3, 0.55
# How much more like another article a question may be, and one that says itself that it goes on.
NEARER, MUCH_NEARER = 0.1, 0.25


def asked_alone(
    index: Index, question: str, *, locale: str, exclude: Collection[str] = ()
) -> Outcome:
    """What there is to say to a question in full; of a thing that no article names ("원피스 환불
    되나요") what there is about what is asked of it."""
    asked = spoken(question)
    found = answers.answer(index, asked, locale=locale, exclude=exclude)
    topic = topics.of_a_thing(asked) if isinstance(found, Unknown) else ""
    about = answers.answer(index, topic, locale=locale, exclude=exclude) if topic else found
    return about if isinstance(about, Clarify) and about.of_topic else found


def spoken(question: str) -> str:
    """A question in full as somebody would say it, to look it up."""
    return question.replace(APART, " ")


def may_go_on(question: str, *, stated: bool = True) -> bool:
    """Whether a message may say only beside a question before it what it is about; unless
    ``stated``, only one that is a question itself."""
    asked = contrasts.meant(smalltalk.strip(question))
    own = elliptical.of_its_own(asked)
    if own is not None:
        return len(own) <= MOST_ASKED
    own = elliptical.added(asked) if stated else None
    return own is not None and len(own) <= MOST_STATED


def continued(
    index: Index,
    question: str,
    before: Sequence[str],
    *,
    locale: str,
    exclude: Collection[str] = (),
    unanswered: Collection[str] = (),
    shown: str | None = None,
) -> tuple[str, Outcome] | None:
    """What a message that :func:`may_go_on` asks in full, and what there is to say to that.

    ``before`` is what was asked or chosen before it, the latest last, ``unanswered`` what of that
    nothing was found for; ``shown`` is the article that
    was told last, which is meant rather than others that may be. None where the message
    says itself what it is about, or nothing was asked before.
    """
    asked = contrasts.meant(smalltalk.strip(question))
    topic = _topic(before, unanswered)
    if topic is None:
        return None
    topic = topic.rstrip(" .!?~…")
    whole = f"{topic}{APART}{asked}"
    ranking = index.search(spoken(whole), locale=locale, exclude=exclude)
    if not ranking.hits:
        return None
    best = ranking.hits[0].document
    outcome = answers.decide(ranking)
    candidates = outcome.candidates
    own = _own(asked)
    if shown is not None and (of_day := _of_day(index, shown, asked, candidates, locale=locale)):
        return whole, of_day
    if isinstance(outcome, Clarify) and not own:
        last = next((one for one in outcome.choices if one.article == shown), None)
        said = last and _told(index, Answer(last, "", candidates), asked, locale)
        if isinstance(said, Answer):
            return whole, said
    if isinstance(outcome, Answer):
        outcome = _told(index, outcome, asked, locale)
        if isinstance(outcome, Unknown):
            # Refunds, and "how long does it take?" of an article that says no time: another may.
            next_best = index.search(spoken(whole), locale=locale, exclude={*exclude, best.article})
            outcome = _offered(index, answers.decide(next_best), asked, locale)
    asks = elliptical.of_its_own(asked) is not None
    if asks and not own:
        return whole, outcome
    alone = answers.answer(index, asked, locale=locale, exclude=exclude)
    if not any(one.article == shown for one in candidates):
        shown = None  # told of something else, before that
    near = _near(
        index, asked, spoken(whole), outcome, alone, shown=shown, exclude=exclude, locale=locale
    )
    if isinstance(near, Answer) and any(
        one.article == near.article.article for one in _meant(alone)
    ):
        return question, near  # it has a subject of its own
    if near is not None:
        return whole, near
    if not own:
        # "받은 지 10일 됐어요" may be said of what is asked next.
        clear = isinstance(alone, Answer) and _first(alone) != _first(outcome)
        counts = elliptical.lasts(asked) and any(one.isdigit() for one in asked)
        return None if clear and counts else (whole, outcome)
    if not _says(best, own):
        return None
    meant = _meant(alone)
    others = [one for one in meant if one.article != best.article]
    if len(others) < len(meant):
        whole = question  # it has a subject of its own, and what follows is asked of that
    if not meant:
        return whole, outcome
    if isinstance(outcome, Unknown):
        return None
    clear = isinstance(alone, Answer)
    if clear and not others:
        return None
    depends = elliptical.depends(asked)
    goes_on = depends or elliptical.goes_on(asked)
    states = not asks and elliptical.states(asked)
    if isinstance(outcome, Answer) and (
        depends
        or _is_asked(best, own, topic)
        or (not clear and (states or goes_on or meant[0].score < LIKELY))
    ):
        return whole, outcome
    if clear and not goes_on:
        return None
    if meant[0].article == best.article:
        return whole, outcome
    # "교환은요?", then "반품은요?": more of the same, or something else.
    first = outcome.choices[0] if isinstance(outcome, Clarify) else candidates[0]
    return whole, _choice(first, others, candidates)


def _topic(before: Sequence[str], unanswered: Collection[str]) -> str | None:
    """What it is about: the last thing that says so. What was only said of something before it, and
    understood by nobody ("밤에도 되나요?"), is passed over."""
    named = [one for one in reversed(before) if elliptical.subject(one)]
    own = [one for one in named if one not in unanswered or not elliptical.leans(one)]
    return next(iter(own or named), None)


def _near(
    index: Index,
    asked: str,
    whole: str,
    outcome: Outcome,
    alone: Outcome,
    *,
    shown: str | None,
    exclude: Collection[str],
    locale: str,
) -> Outcome | None:
    """What the article that was told says to a message, if a sentence of it is near enough; where
    none was told but the message goes on, also one that may be meant.

    ``alone`` is what the message would be told by itself: the clearer that is, the nearer.
    """
    asks, depends = elliptical.of_its_own(asked) is not None, elliptical.depends(asked)
    about = [shown] if shown else [one.article for one in _meant(outcome)] if depends else []
    found = [index.near(one, locale=locale, question=asked) for one in about if one not in exclude]
    near = max((one for one in found if one), key=lambda one: one.likeness, default=None)
    if near is None:
        return None
    article = near.document.article
    others = [one for one in _meant(alone) if one.article != article]
    clear = isinstance(alone, Answer)
    if isinstance(alone, Answer) and not others:
        if shown is None or near.closeness < ALIKE_ENOUGH:
            return None
        # The same article by itself: told is where it says that.
        said = _says_near(index, near, whole, alone, locale=locale)
        return replace(said, article=alone.article)
    if clear and _first(outcome) == _first(alone):
        return None
    likeness = near.likeness
    if likeness < (ALIKE_ENOUGH if depends and not clear else ALIKE):
        return None
    said = _says_near(index, near, whole, outcome, locale=locale)
    if not elliptical.is_answered(asked, said.text):
        return None
    if not asks and (depends or not clear):
        return said
    goes_on = elliptical.goes_on(asked)
    # "환불 언제 돼요?", "무통장은요?": one sentence says when for just that.
    measured = elliptical.measures(whole) and elliptical.is_answered(whole, said.sentence)
    if asks and goes_on and measured and likeness >= MUCH_ALIKE:
        return said
    if clear:
        also = asks and likeness >= MUCH_ALIKE and elliptical.asks_as_well(asked)
        choose = goes_on or also if asks else likeness >= MUCH_ALIKE
        return _choice(said.article, others, said.candidates) if choose else None
    rivals = [index.near(one.article, locale=locale, question=asked) for one in others]
    most = likeness + (MUCH_NEARER if goes_on else NEARER)
    return said if all(one.likeness <= most for one in rivals if one) else None


def _of_day(
    index: Index, shown: str, asked: str, candidates: tuple[Candidate, ...], *, locale: str
) -> Answer | None:
    """What the article that was told last says of the day that is asked of, if nothing else is."""
    document = index.document(shown, locale=locale)
    if document is None:
        return None
    for number, part in enumerate(passages.of(document.body)):
        if sentence := elliptical.day(asked, part.text):
            best = next((one for one in candidates if one.article == shown), None)
            best = best or Candidate(shown, document.locale, document.title, LIKELY)
            return replace(answers.told(best, document, number, candidates), sentence=sentence)
    return None


def _says_near(index: Index, near: Near, whole: str, outcome: Outcome, *, locale: str) -> Answer:
    """The passage in which the nearest sentence stands, or, if that is not near itself but a
    question of the article is, the one that is asked for."""
    document, part, sentence = near.document, near.sentence.passage, near.sentence.text
    if part is None or near.closeness < ALIKE_ENOUGH:
        found = index.find(document.article, locale=locale, question=whole)
        part, sentence = found[1] if found else 0, ""
    score = round(min(near.likeness, 1.0), 4)
    best = Candidate(document.article, document.locale, document.title, score)
    best = next((one for one in outcome.candidates if one.article == best.article), best)
    said = answers.told(best, document, part, outcome.candidates)
    return replace(said, sentence=sentence)


def _choice(
    first: Candidate, others: Sequence[Candidate], candidates: tuple[Candidate, ...]
) -> Clarify:
    choices = (first, *(one for one in others if one.article != first.article))
    return Clarify(choices[: calibration.OFFERED], candidates)


def _first(outcome: Outcome) -> str | None:
    return outcome.article.article if isinstance(outcome, Answer) else None


def _meant(alone: Outcome) -> Sequence[Candidate]:
    """What a message that is looked for alone would be told or offered."""
    if isinstance(alone, Answer):
        return [alone.article]
    return alone.choices if isinstance(alone, Clarify) else ()


def _own(message: str) -> Sequence[str] | None:
    asked = elliptical.of_its_own(message)
    return elliptical.added(message) if asked is None else asked


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


def _offered(index: Index, outcome: Outcome, asked: str, locale: str) -> Outcome:
    """What of an outcome says what is asked for, as a choice; else nothing."""
    found = [outcome.article] if isinstance(outcome, Answer) else []
    if isinstance(outcome, Clarify):
        found.extend(outcome.choices)
    choices = []
    for one in found:
        document = index.document(one.article, locale=locale)
        if document is not None and elliptical.is_answered(asked, document.body):
            choices.append(one)
    return Clarify(tuple(choices), outcome.candidates) if choices else Unknown(outcome.candidates)


def _is_asked(document: Document, words: Sequence[str], topic: str) -> bool:
    """Whether a question of an article has these words and one of the topic's: "탈퇴하면 포인트는
    어떻게 되나요?", where "포인트는 어떻게 돼요?" goes on with "탈퇴하려고요"."""
    own = _terms(" ".join(words))
    about = _terms(" ".join(elliptical.subject(topic))) - own
    asked = [_terms(one) for one in document.short_texts]
    return any(own <= one and about & one for one in asked)


def _terms(short: str) -> set[str]:
    return set(text.terms(text.normalise(short)))


def _says(document: Document, words: Sequence[str]) -> bool:
    """Whether an article has all of some words, in whatever form: "카드는요?" goes on with refunds
    if their article says something of cards."""
    found: set[str] = set()
    for one in (*document.short_texts, *document.tags, document.body):
        normal = text.normalise(one, length=passages.LONG * 10)
        found |= {*text.prefixes(normal), *text.terms(normal)}
    return found >= _terms(" ".join(words))
