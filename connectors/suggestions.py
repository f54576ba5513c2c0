"""Which articles customers chose for which questions, gathered from the history."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from sqlalchemy import text as sql
from sqlalchemy.orm import Session

from connectors import personal
from knowledge_base import articles, content, smalltalk
from knowledge_base.elliptical import APART
from knowledge_base.suggestions import Chosen

if TYPE_CHECKING:
    from knowledge_base.search import Index

DAYS = 90
MOST = 2000  # choices that are looked at, the newest
_PARTICLES = ("이", "가", "은", "는", "을", "를")

# A choice counts if nobody said, by a button or in words, that it did not help, and no ticket came
# of the episode. An article that is retired since was the right one for nobody.
_CHOSEN = sql(
    """
    SELECT m.id AS line, m.at, c.root_id AS customer_id, m.article->>'id' AS article,
           m.article->>'locale' AS locale, m.meta->>'question' AS question,
           c.name, root.name AS root_name
      FROM message m
      JOIN customer c ON c.id = m.customer_id
      JOIN customer root ON root.id = c.root_id
     WHERE m.author = 'bot' AND m.kind = 'answer' AND m.meta ? 'chosen'
       AND m.at > now() - make_interval(days => :days) AND m.vote IS DISTINCT FROM 'down'
       AND NOT EXISTS (SELECT FROM ticket t WHERE t.conversation_id = m.conversation_id)
       AND EXISTS (SELECT FROM kb_article a
                    WHERE a.id = m.article->>'id' AND a.state = 'published')
     ORDER BY m.id DESC LIMIT :most
    """
)


def chosen(session: Session) -> list[Chosen]:
    """What customers chose of late, newest first, without what is said around a question and the
    personal data that has a form. Left out is a question that is none without the one before it,
    and one with the name of who asks."""
    found = []
    for row in session.execute(_CHOSEN, {"days": DAYS, "most": MOST}):
        names = (row.name, row.root_name)
        question = _wording(row.question or "", locale=row.locale, names=names)
        if question and row.locale in articles.LOCALES:
            found.append(
                Chosen(question, row.article, row.locale, row.customer_id, row.line, row.at)
            )
    return found


def _wording(question: str, *, locale: str, names: Iterable[str | None]) -> str:
    named = any(len(one.strip()) > 1 and one.strip() in question for one in filter(None, names))
    if named or APART in question:
        return ""
    asked = smalltalk.strip(question)
    after = question.partition(asked)[2] if asked else ""
    # "기간이 궁금해요": what is left says nothing to people without the polite word behind it.
    if asked.endswith(_PARTICLES) and after:
        asked += after
    return personal.taken_out(asked, locale=locale)[: content.MAX_QUESTION]


def needless(index: Index, rows: Iterable[Chosen]) -> set[Chosen]:
    """Those of them that are answered with their article at once by now, and those that only name
    a topic, about which several articles are."""
    from knowledge_base import answers, topics

    found = set()
    for one in answers.in_turn(index, rows, lambda one: (one.question, one.locale)):
        ranking = answers.rank(index, one.question, locale=one.locale, limit=answers.MAX_CANDIDATES)
        outcome = None if ranking is None else answers.decide(ranking)
        told = isinstance(outcome, answers.Answer) and outcome.article.article == one.article
        if ranking is None or told or topics.is_topic(ranking.question, ranking.terms):
            found.add(one)
    return found
