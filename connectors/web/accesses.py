"""Who looked at customers' data, for administrators: whose, when, from where, and what was done."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query
from pydantic import BeforeValidator, Field
from sqlalchemy import Select
from sqlalchemy.orm import Session

from connectors.web import record_json
from connectors.web.api import Here, Me
from connectors.web.auth import administrator_only
from ticketing import accesses, agents
from ticketing.accesses import What
from ticketing.errors import NotFound
from ticketing.models import Access

router = APIRouter(prefix="/api", tags=["customers"])
# A form sends a field that was left empty, too.
_Empty = BeforeValidator(lambda value: None if value == "" else value)
_Date = Annotated[dt.date, Field(ge=dt.date(2000, 1, 1), le=dt.date(2999, 12, 31))]
Day = Annotated[_Date | None, _Empty, Query(description="in the time zone of the first team")]
RowId = Annotated[int | None, Query(ge=1, le=2**63 - 1, description="the `id` of the last one")]


class Chosen:
    """Which of them."""

    def __init__(
        self,
        agent: Annotated[
            str, Query(max_length=80, pattern=r"^[^\x00]*$", description="an agent's exact name")
        ] = "",
        customer: Annotated[uuid.UUID | None, _Empty, Query()] = None,
        what: Annotated[What | None, _Empty, Query()] = None,
        since: Day = None,
        until: Day = None,
    ) -> None:
        self.agent, self.customer, self.what = agent, customer, what
        self.since, self.until = since, until

    def query(self, session: Session, *, before: int | None = None) -> Select[Access]:
        """They, the newest first. Raises :class:`NotFound` for an agent whom nobody knows."""
        agent = agents.by_name(session, self.agent) if self.agent else None
        if self.agent and agent is None:
            raise NotFound("there is no agent of this name")
        return accesses.chosen(
            session,
            what=self.what,
            agent_id=None if agent is None else agent.id,
            customer_id=self.customer,
            since=self.since,
            until=self.until,
            before=before,
        )


Which = Annotated[Chosen, Depends()]


@router.get("/accesses")
async def listing(
    here: Here,
    me: Me,
    which: Which,
    before: RowId = None,
    limit: Annotated[int, Query(ge=1, le=1000)] = 200,
) -> dict[str, Any]:
    """Who opened, listed, searched or downloaded customers' data, when, from where and whose.

    `source` is what it went through: `console`, `api`, `slack` or `cli`. The last two have no
    network address, or do not tell it: `place` is empty.

    Newest first; `before` goes on after a page. For administrators.
    """
    administrator_only(me)

    def read(session: Session) -> list[dict[str, Any]]:
        found = session.scalars(which.query(session, before=before).limit(limit))
        return [_shown(one) for one in found]

    return {"accesses": await here.store.read(read)}


def _shown(one: Access) -> dict[str, Any]:
    file = {"file": one.file, "form": one.form, "reason": one.reason}
    return {
        "id": one.id,
        "what": one.what,
        "customer": None if one.customer_id is None else str(one.customer_id),
        "people": [str(person) for person in one.people],
        "rows": one.rows,
        **(file if one.file else dict.fromkeys(file)),
        "by": one.by_name,
        "source": one.source,
        "place": one.place,
        "at": record_json.time(one.at),
    }
