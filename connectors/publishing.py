"""Publishing an article, and what follows from it: its gaps are answered, so are those who wait."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy.orm import Session

from connectors import personal
from connectors.gaps import TO_WRITE
from knowledge_base import articles, drafts
from knowledge_base.errors import Invalid
from knowledge_base.models import Article
from ticketing import lanes

PUBLISHED = "kb.published"


def publish(
    session: Session, *, id: str, locale: str, author: str, revision: int | None = None
) -> Article:
    """Show the working copy to customers, and have those answered who still wait for it.

    Raises what :func:`knowledge_base.articles.publish` does, and :class:`Invalid` for a draft
    whose answer nobody has written yet, or one made of a conversation in which a placeholder still
    stands for what was taken out.
    """
    from_talk = (id, locale) in articles.sources(session, [id])
    article = articles.publish(session, id=id, locale=locale, author=author, revision=revision)
    if any(words in article.body for words in TO_WRITE.values()):
        raise Invalid("body", "is still to be written")
    for field in ("title", "body") if from_talk else ():
        if place := personal.placeholder(getattr(article, field)):
            raise Invalid(field, f"still has the placeholder {place}")
    # Once for every revision, however often somebody presses the button.
    announce(session, [id], by=author, once=f"{id}:{locale}:{article.revision}")
    return article


def announce(session: Session, ids: Sequence[str], *, by: str, once: str) -> None:
    """Articles are there for customers: their gaps are answered, and so are those who wait.

    ``once`` names the occasion: announced again, nobody is told again.
    """
    if ids:
        drafts.published(session, articles=ids, by=by)
        payload = {"articles": list(ids)}
        lanes.enqueue(session, lane="kb", kind=PUBLISHED, dedup=once, payload=payload)
