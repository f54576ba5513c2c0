"""Every address of the console and the API that says whose data it shows writes down who looks.

Nobody has to list a new one: each is asked for as an administrator, and what names the one customer
who is everywhere (:mod:`tests.connectors.canary`) must be in the log before it is answered.
"""

from __future__ import annotations

import datetime as dt
import itertools
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from fastapi.routing import iter_route_contexts
from httpx import Response
from sqlalchemy import select, text

from connectors.app import build
from connectors.settings import Settings
from knowledge_base import articles, batches, catalogue
from knowledge_base import gaps as gap_list
from tests.connectors import canary
from tests.connectors.browser import signed_in
from tests.connectors.canary import EMAIL, NAME, ORDER, TRACES, WORDS, Canary, Talk
from tests.connectors.conftest import App, running
from tests.connectors.test_accesses import SHOP
from ticketing import agents, macros, record, tickets
from ticketing.db import Sessions
from ticketing.models import Access, Attachment, CustomerImport, Job

# Words of customers, or ids, from which nobody sees who somebody is: why nothing is written down.
WITHOUT_WHOSE = {
    "/console/gaps": "questions, and how many people asked them",
    **dict.fromkeys(
        (
            "/console/articles", "/console/articles/edit/{id}", "/console/articles/export",
            "/console/articles/edit/{id}/compare", "/api/kb/articles", "/api/kb/articles/{id}",
        ),
        "articles, some made of questions and answers",
    ),
    **dict.fromkeys(
        (
            "/console/customers/accesses", "/console/customers/accesses.csv", "/api/accesses",
            "/api/downloads",
        ),
        "who looked at which random id",
    ),
}  # fmt: skip
# What answers with nothing but what it was told, or of no customer.
TOLD = {
    "DELETE /api/customers/{customer}": "that they are erased",
    "POST /api/orders": "the order that it was sent",
    "PUT /api/customer-fields/{key}": "a field of all records",
    "DELETE /api/customer-fields/{key}": "a field of all records",
    **{
        f"{method} /api/kb/{path}": "articles"
        for method, path in (
            ("POST", "ask"), ("POST", "articles"), ("PUT", "articles/{id}"),
            ("POST", "articles/{id}/publish"), ("POST", "articles/{id}/retire"),
        )
    },
}  # fmt: skip
# Of each address that needs to be told, or shows more of it, what it is told.
ASKED: dict[str, tuple[dict[str, str], ...]] = {
    "/api/customers": ({}, {"q": NAME}),
    "/api/tickets": ({}, {"customer": "{customer}"}),
    "/console": ({}, {"view": "open"}, {"q": WORDS}),
    "/console/customers": ({}, {"q": EMAIL}),
    "/console/others/customers": ({"but": "{other}", "q": NAME},),
    "/console/others/tickets": ({"but": "T-222222", "q": WORDS},),
    "/console/helped/{id}": ({"locale": "ko"},),
    "/console/figures/rows": ({"kind": "messages"},),
    "/console/figures/rows.csv": ({"kind": "messages"},),
    "/console/articles/edit/{id}": ({"locale": "ko"},),
    "/console/articles/edit/{id}/compare": ({"locale": "ko", "before": "1", "after": "1"},),
    "/console/gaps": ({"state": "drafted"},),
    "/console/recovery": ({}, {"state": "done"}),
}
# No pages: one never ends, and says of whom it was asked for only that there is news.
APART = {"/console/stream", "/console/welcome", "/console/{path:path}"}
REASON = {"reason": "본인 요청"}
DEAD = select(Job.id).where(Job.state == "dead", Job.kind == "telegram.update")
# The bot's first words to them become an article.
ANSWERED = text(
    """UPDATE message SET kind = 'answer', article = '{"id": "time", "locale": "ko", "title": "x"}',
              meta = jsonb_build_object('question', CAST(:words AS text))
        WHERE id = (SELECT min(id) FROM message
                     WHERE author = 'bot' AND customer_id = ANY(:people))"""
)


class Walk:
    """An administrator who asks for everything, each time from another address."""

    def __init__(self, app: App, known: Canary, values: dict[str, Any]) -> None:
        self.app, self.known, self.values = app, known, values
        self.program, self.seat = app.agent("장", "admin"), signed_in(app, "장", "admin")
        self.numbers = itertools.count(1)
        self.place = ""

    def ask(self, method: str, path: str, **options: Any) -> Response:
        """The answer, after which :meth:`looked` says who was seen by it."""
        self.place = f"203.0.113.{next(self.numbers)}"
        http = self.program if path.startswith("/api/") else self.seat.http
        url = path.format(**self.values_of(path))
        headers = {"X-Forwarded-For": self.place}
        answer = http.request(method, url, headers=headers, **options)
        assert answer.status_code in (200, 201, 303), (method, url, answer.status_code, answer.text)
        assert "/login" not in answer.headers.get("location", ""), path
        return answer

    def values_of(self, path: str) -> dict[str, Any]:
        """What stands in the places of an address."""
        ids = {name: one for name, one in self.values.items() if path.startswith(name)}
        return {**self.values, **(max(ids.items())[1] if ids else {})}

    def looked(self) -> list[Access]:
        """What was written down of the last one."""
        with self.app.sessions() as session:
            return list(session.scalars(select(Access).where(Access.place == self.place)))

    def names_them(self, answer: Response) -> bool:
        """Whether it says who they are, or what they said."""
        if answer.headers.get("content-type") == "application/zip":
            return True
        theirs = (*TRACES, *map(str, self.known.people))
        return any(one in answer.text for one in theirs)


@pytest.fixture
def walk(database_url: str, tmp_path: Path, sessions: Sessions) -> Iterator[Walk]:
    with sessions.begin() as session:
        known = canary.fill(session, agents.add(session, name="관리자", role="admin"))
        articles.create(
            session, id="time", locale="ko", title="기간", body="3일이에요.", author="지수"
        )
        articles.publish(session, id="time", locale="ko", author="지수")
        session.execute(ANSWERED, {"people": known.people, "words": WORDS})
        other, gone = (
            record.at_shop(session, number, values={"name": "남"}, by=SHOP)
            for number in ("C-2", "C-3")
        )
        assert other is not None and gone is not None
        macro = macros.save(session, None, name="인사", text_ko="{customer.name}님", text_en="")
        values = {
            "customer": known.id, "customer_id": known.id, "other": other.id, "gone": gone.id,
            "code": known.tickets[1],
            "file": session.scalars(select(Attachment.id)).first(), "number": ORDER,
            "macro": macro.id,
            "gap": gap_list.listing(session, state="drafted")[0].gap.id,
            "job": session.scalars(DEAD).one(),
            "id": catalogue.listing(session, state="draft")[0].id,
            "/api/erasures": {"number": 1},
            "/console/helped": {"id": "time"},
            "/console/customers/imports": {"id": session.scalars(select(CustomerImport.id)).one()},
            "/console/articles/imports": {
                "id": batches.begin(session, source="x.csv", author="지수", publish=False).id
            },
        }  # fmt: skip
    with running(database_url, tmp_path) as app:
        yield Walk(app, known, values)


def routes(tmp_path: Path, database_url: str) -> set[tuple[str, str]]:
    """All there are, as ``(method, path)``."""
    gateway = build(Settings(data_dir=tmp_path), database_url=database_url)
    return {
        (method, route.path or "")
        for route in iter_route_contexts(gateway.routes)
        for method in (route.methods or set()) - {"HEAD", "OPTIONS"}
        if (route.path or "").startswith(("/api", "/console"))
    }


def test_what_is_asked_for(walk: Walk, tmp_path: Path, database_url: str) -> None:
    walk.program.request("DELETE", f"/api/customers/{walk.values['gone']}", params=REASON)
    pages = {path for method, path in routes(tmp_path, database_url) if method == "GET"}
    assert len(pages) > 60, pages
    wrong = []
    for path in sorted(pages - APART, reverse=True):  # the log itself comes late
        for query in ASKED.get(path, ({},)):
            told = {name: one.format(**walk.values) for name, one in query.items()}
            named = walk.names_them(walk.ask("GET", path, params=REASON | told))
            looks = [(one.what, set(one.people)) for one in walk.looked()]
            kept = any(people & set(walk.known.people) for _, people in looks)
            kept |= [what for what, _ in looks] == ["downloaded"]  # of all there are
            if (named and path not in WITHOUT_WHOSE) is not kept:
                wrong.append((path, query, named, looks))
            elif any(people < set(walk.known.people) for what, people in looks if what == "opened"):
                wrong.append((path, query, named, "not all who are linked"))
            elif path in WITHOUT_WHOSE and not named:
                wrong.append((path, query, named, "needs no reason"))
    assert not wrong, "\n".join(["see ticketing.accesses", *map(str, wrong)])


def test_what_is_done(walk: Walk, tmp_path: Path, database_url: str) -> None:
    """The answer to what a program does shows them, too."""
    done: set[str] = set()

    def act(method: str, path: str, **body: Any) -> Any:
        answer = walk.ask(method, path, json=body)
        assert walk.names_them(answer), (path, answer.text)
        seen = {person for one in walk.looked() for person in one.people}
        assert seen & set(walk.known.people), (method, path)
        done.add(f"{method} {path}")
        return answer.json()

    def link(answer: Any, relation: str) -> int:
        return next(one["id"] for one in answer["links"] if one["relation"] == relation)

    ticket, customer = "/api/tickets/{code}", "/api/customers/{customer}"
    first, code = walk.known.tickets
    soon = dt.datetime.now(dt.UTC) + dt.timedelta(days=1)
    act("POST", f"{ticket}/claim")
    act("POST", f"{ticket}/reply", text="네")
    act("POST", f"{ticket}/note", text="메모")
    act("POST", f"{ticket}/priority", priority="high")
    act("POST", f"{ticket}/snooze", until=soon.isoformat())
    act("POST", f"{ticket}/assign", agent="장")
    act("POST", f"{ticket}/resolve")
    act("POST", f"{ticket}/reopen")
    act("POST", f"{ticket}/tags", tag="배송")
    act("POST", f"{ticket}/tags/remove", tag="배송")
    walk.values["link"] = link(act("POST", f"{ticket}/tags", tag="환불"), "related")
    act("DELETE", f"{ticket}/links/{{link}}")
    act("POST", f"{ticket}/links", ticket=first)
    with walk.app.sessions.begin() as session:
        held = tickets.get(session, code)
        assert held.conversation.identity_id is not None
        talk = Talk(session, held.conversation.identity_id, held.customer_id)
        seq = talk.says(f"{WORDS} 또 하나요")
    walk.values["code"] = act("POST", f"{ticket}/split", seq=seq)["code"]
    act("POST", f"{ticket}/front")
    walk.values["link"] = link(act("POST", f"{ticket}/merge", into=code), "merged_here")
    walk.values["code"] = code
    act("POST", f"{ticket}/links/{{link}}/undo")
    act("PATCH", customer, tier="VVIP")
    act("POST", f"{customer}/consents", purpose=WORDS, text_version="v1", channel="web")
    act("POST", f"{customer}/consents/withdraw", purpose=WORDS)
    walk.values["claim"] = act("POST", f"{customer}/claims", kind="other", text=WORDS)["id"]
    act("POST", f"{customer}/claims/{{claim}}/settle", settlement="사과")
    other = str(walk.values["other"])
    made = act("POST", f"{customer}/links", other=other, reason="같은 사람")
    walk.values["link_id"] = max(one["id"] for one in made["links"])
    act("POST", f"{customer}/links/{{link_id}}/undo", reason="아님")
    acts = {
        f"{method} {path}"
        for method, path in routes(tmp_path, database_url)
        if method != "GET" and path.startswith("/api/")
    }
    assert acts == done | set(TOLD), "what else does something, and whose does it answer with?"
