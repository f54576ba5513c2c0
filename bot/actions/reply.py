"""What an action answers, in the form the gateway reads."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, NotRequired, TypedDict

from bot.actions.texts import TEXTS, Locale
from knowledge_base import elliptical
from knowledge_base.answers import Answer, Candidate, Clarify, Outcome, Unknown
from knowledge_base.matching import Document

Kind = Literal["answer", "clarify", "unknown", "hand_off", "say"]
Vote = Literal["up", "down"]

LONGEST_TITLE = 60  # characters on a button
LONGEST_QUESTION = 4000  # characters, as of a message


class Button(TypedDict):
    """One choice for the customer; the payload comes back when it is pressed."""

    title: str
    payload: str


class ArticleRef(TypedDict):
    """The article an answer comes from."""

    id: str
    locale: str
    title: str
    anchor: NotRequired[str]  # where on its page the text stands, if there is more of it


class Tried(TypedDict):
    """An article the bot looked at."""

    article: str
    title: str
    score: float


class Reply(TypedDict):
    """One message to the customer and what the desk has to do about it."""

    kind: Kind
    text: str
    buttons: list[Button]
    article: ArticleRef | None
    score: float | None
    tried: list[Tried]
    question: str | None  # what was asked in full, where the message says less
    reason: str | None
    vote: Vote | None
    chosen: bool  # the customer picked the article themselves
    asked: bool  # of a choice: something in particular was asked, and not a topic named
    locale: Locale


_HELPFUL: dict[Locale, str] = {"ko": "도움이 됐어요", "en": "That helped"}
_NOT_HELPFUL: dict[Locale, str] = {"ko": "아니에요", "en": "Not really"}
_HUMAN: dict[Locale, str] = {"ko": "상담원 연결", "en": "Talk to a person"}


def person_button(locale: Locale) -> Button:
    """The way to a person, offered wherever the bot is not sure."""
    return {"title": _HUMAN[locale], "payload": "/human"}


def helpful_buttons(locale: Locale) -> list[Button]:
    """The two votes under an answer."""
    return [
        {"title": _HELPFUL[locale], "payload": "/helpful"},
        {"title": _NOT_HELPFUL[locale], "payload": "/not_helpful"},
    ]


def choice_button(candidate: Candidate) -> Button:
    """An article to choose."""
    return article_button(candidate.article, candidate.title)


def article_button(article: str, title: str) -> Button:
    """The article with this id and title to choose."""
    return {
        "title": _shortened(title),
        "payload": f'/choose_article{{"article": "{article}"}}',
    }


def looked_at(candidates: Sequence[Candidate]) -> list[Tried]:
    """What the search looked at, best first."""
    return [
        {"article": one.article, "title": one.title, "score": round(one.score, 4)}
        for one in candidates
    ]


def say(
    key: str,
    locale: Locale,
    *,
    buttons: Sequence[Button] = (),
    vote: Vote | None = None,
    **values: str,
) -> Reply:
    """One of the bot's own sentences."""
    return spoken(_text(key, locale, **values), locale, buttons=buttons, vote=vote)


def spoken(
    text: str, locale: Locale, *, buttons: Sequence[Button] = (), vote: Vote | None = None
) -> Reply:
    """Any sentence that is neither an answer nor a hand-over."""
    return _reply("say", text, locale, buttons=buttons, vote=vote)


def more(document: Document, locale: Locale) -> Reply:
    """Where all of the article stands that was answered with before."""
    source: ArticleRef = {
        "id": document.article,
        "locale": document.locale,
        "title": document.title,
    }
    text = _text("more", locale, title=document.title)
    return _reply("say", text, locale, buttons=[person_button(locale)], article=source)


def hand_off(reason: str, locale: Locale, *, vote: Vote | None = None) -> Reply:
    """Over to a person; ``reason`` is written on the ticket."""
    return _reply("hand_off", _text(f"hand_off_{reason}", locale), locale, vote=vote, reason=reason)


def article(answer: Answer, locale: Locale, *, score: float | None = None) -> Reply:
    """An article as the answer, with the question whether it helped."""
    best = answer.article
    source: ArticleRef = {"id": best.article, "locale": best.locale, "title": best.title}
    if answer.anchor is not None:
        source["anchor"] = answer.anchor
    return _reply(
        "answer",
        answer.text,
        locale,
        buttons=helpful_buttons(locale),
        article=source,
        score=score,
        candidates=answer.candidates,
    )


def picked(answer: Answer, locale: Locale, *, question: str | None) -> Reply:
    """An article that the customer chose, for what they had asked."""
    told = article(answer, locale)
    told["chosen"], told["question"] = True, _bounded(question)
    return told


def found(result: Outcome, locale: Locale) -> Reply:
    """What the knowledge base said to a question."""
    if isinstance(result, Answer):
        return _answer(result, locale)
    if isinstance(result, Clarify):
        return _clarify(result, locale, "clarify")
    return _unknown(result, locale, "unknown")


def sorry(reply: Reply) -> Reply:
    """The same to a complaint: where nothing was found, that is not the first thing to say."""
    if reply["text"] == _text("unknown", reply["locale"]):
        reply["text"] = _text("unknown_sorry", reply["locale"])
    return reply


def found_beside(
    result: Outcome, locale: Locale, *, asked: str, question: str | None, told: Sequence[str]
) -> Reply:
    """What the knowledge base said to what was ``asked``, which is ``question`` beside what was
    asked before, None where it says all itself; ``told`` is what was answered before."""
    reply = found(result, locale)
    reply["question"] = _bounded(question)
    if reply["kind"] != "answer":
        return reply
    paragraphs = reply["text"].split("\n\n")
    above = {part for one in told for part in one.split("\n\n")}
    known = [one for one in paragraphs if one in above]
    new = [one for one in paragraphs if one not in above]
    if not new:
        if elliptical.is_tried(asked):
            return tried(locale, question=reply["question"], candidates=result.candidates)
        # It still stands above: of it the sentences that matter, and who wants more wants a person.
        point = elliptical.point(asked, reply["text"], whole=question or asked)
        near = result.sentence if isinstance(result, Answer) else ""
        # With no word in common a sentence that denies something may not be true of it.
        sure = point == "" or not (elliptical.measures(asked) or elliptical.denies(near))
        if near and (near in point if point else sure):
            point = near
        states = elliptical.of_its_own(asked) is None and not elliptical.supposes(asked)
        if states and not point:
            return noted(locale, question=reply["question"], candidates=result.candidates)
        before = _text("told_before", locale)
        said = [point, _text("the_point", locale)] if point else [before]
        reply["text"] = "\n\n".join([before, reply["text"]] if point is None else said)
        reply["buttons"].append(person_button(locale))
    elif not (elliptical.measures(asked) and elliptical.is_answered(asked, "\n\n".join(known))):
        # What an article says first of all stands above as well, unless it is what is asked for.
        reply["text"] = "\n\n".join(new)
    return reply


def tried(
    locale: Locale, *, question: str | None = None, candidates: Sequence[Candidate] = ()
) -> Reply:
    """To somebody for whom what was told did not do: ``question`` is what they asked in full."""
    return _for_a_person("tried", locale, question, candidates)


def noted(
    locale: Locale, *, question: str | None = None, candidates: Sequence[Candidate] = ()
) -> Reply:
    """To somebody who states something of which articles say nothing, or no more than was told."""
    return _for_a_person("noted", locale, question, candidates)


def _for_a_person(
    key: str, locale: Locale, question: str | None, candidates: Sequence[Candidate]
) -> Reply:
    """What articles have no more to say to: a person has."""
    reply = _unknown(Unknown(tuple(candidates)), locale, key)
    reply["question"] = question
    return reply


def found_instead(result: Outcome, locale: Locale, *, question: str | None = None) -> Reply:
    """What the knowledge base said after the customer turned an answer down, to ``question`` if
    they asked something else with that."""
    if isinstance(result, Answer):
        reply = _answer(result, locale)
        reply["text"] = f"{_text('another', locale)}\n\n{reply['text']}"
    elif isinstance(result, Clarify):
        reply = _clarify(result, locale, "another_choice")
    else:
        reply = _unknown(result, locale, "nothing_else")
    reply["vote"] = "down"
    reply["question"] = _bounded(question)
    return reply


def _answer(result: Answer, locale: Locale) -> Reply:
    return article(result, locale, score=result.article.score)


def _clarify(result: Clarify, locale: Locale, key: str) -> Reply:
    reply = _reply(
        "clarify",
        _text(key if len(result.choices) > 1 else f"{key}_one", locale),
        locale,
        buttons=[*map(choice_button, result.choices), person_button(locale)],
        score=_best_score(result),
        candidates=result.candidates,
    )
    reply["asked"] = not result.of_topic
    return reply


def _unknown(result: Unknown, locale: Locale, key: str) -> Reply:
    return _reply(
        "unknown",
        _text(key, locale),
        locale,
        buttons=[person_button(locale)],
        score=_best_score(result),
        candidates=result.candidates,
    )


def _reply(
    kind: Kind,
    text: str,
    locale: Locale,
    *,
    buttons: Sequence[Button] = (),
    article: ArticleRef | None = None,
    score: float | None = None,
    candidates: Sequence[Candidate] = (),
    reason: str | None = None,
    vote: Vote | None = None,
) -> Reply:
    return {
        "kind": kind,
        "text": text,
        "buttons": list(buttons),
        "article": article,
        "score": None if score is None else round(score, 4),
        "tried": looked_at(candidates),
        "question": None,
        "reason": reason,
        "vote": vote,
        "chosen": False,
        "asked": False,
        "locale": locale,
    }


def _best_score(result: Outcome) -> float | None:
    return result.candidates[0].score if result.candidates else None


def _text(key: str, locale: Locale, **values: str) -> str:
    text = TEXTS[key][locale]
    for name, value in values.items():
        text = text.replace("{" + name + "}", value)
    return text


def _bounded(question: str | None) -> str | None:
    """Its end is what was asked last."""
    return question and question[-LONGEST_QUESTION:]


def _shortened(title: str) -> str:
    return title if len(title) <= LONGEST_TITLE else title[: LONGEST_TITLE - 1].rstrip() + "…"
