"""The first steps of whoever has installed it: what is left to do before customers come."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from connectors.settings import Settings
from knowledge_base import batches
from knowledge_base.models import Article
from ticketing import agents
from ticketing.models import Ticket


def left(session: Session, settings: Settings) -> list[dict[str, Any]]:
    """Each with its ``name``, whether it is ``done``, and where in the console it is done, if it is
    there; none once there was a ticket."""
    if session.scalar(select(Ticket.id).limit(1)) is not None:
        return []
    published = select(Article.id).where(Article.state == "published").limit(1)
    own = session.scalar(published) is not None and batches.sample(session) is None
    return [
        {"name": "articles", "done": own, "link": "/console/articles"},
        {"name": "name", "done": any(settings.names().values())},
        {"name": "chat", "done": bool(settings.origins())},
        {"name": "agents", "done": len(agents.active(session)) > 1, "link": "/console/agents"},
        {"name": "slack", "done": settings.slack()},
    ]
