"""The shortcut "Make this a knowledge-base draft": from an agent's answer to an article's draft.

Curators look at it before anybody else sees it. What is in the fields before the agent reads them
over comes without the personal data that has a form, because articles are public.
"""

from __future__ import annotations

import datetime as dt
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from connectors import personal
from connectors.drafts import free_id
from connectors.phrases import language
from connectors.slack import modals
from connectors.slack.api import Person
from connectors.slack.blocks import LANGUAGES, choice
from connectors.slack.hints import say_back
from connectors.slack.interactions import DRAFT
from connectors.slack.mrkdwn import clip, mentioned, readable
from connectors.slack.thread import CUSTOMER
from connectors.slack.workspace import Workspace, account, acting, author, nothing
from connectors.worker import Settle
from knowledge_base import articles, content
from knowledge_base.errors import Invalid
from ticketing import accesses, tickets
from ticketing.lanes import Work
from ticketing.models import Agent, Message, Ticket

ANSWER_LIMIT = 3000


async def begin(workspace: Workspace, work: Work) -> Settle:
    """The handler of the shortcut: opens the form, for agents."""
    payload = work.payload
    person = await account(workspace, work, payload["user"])
    names = {
        user: named.name
        for user in mentioned(payload["text"])[:5]
        if (named := await account(workspace, work, user)) is not None
    }
    found = await workspace.store.read(form, work, person=person, names=names)
    if isinstance(found, dict):
        if await workspace.slack.open_view(trigger=payload["trigger"], view=found):
            return nothing
        found = "too_late"
    hint = found

    def settle(session: Session) -> None:
        say_back(session, work, hint, user=payload["user"])

    return settle


def form(
    session: Session, work: Work, *, person: Person | None, names: dict[str, str]
) -> modals.View | str:
    """The form with what is known in it, or the hint why this account does not see it."""
    payload = work.payload
    agent, refused = acting(session, payload["user"], person)
    if agent is None or refused is not None:
        return _no_agent(refused)
    ticket = tickets.by_thread(session, place=payload["channel"], thread=payload["thread"])
    if ticket is not None:
        accesses.opened(session, ticket.customer_id, by=author(agent))
    said = readable(payload["text"], names)
    customer = payload["title"].startswith(CUSTOMER)
    question, reply = _asked(session, ticket, payload), "" if customer else said
    if customer:
        question = said
    locale = ticket.conversation.locale if ticket else language(said, "ko")
    private = [ticket.customer.name, *names.values()] if ticket else names.values()
    kept = ("channel", "thread", "in_thread", "response")
    about = {key: payload[key] for key in kept} | {"ticket": ticket.code if ticket else ""}
    return _view(
        about,
        question=personal.without(question, locale=locale, names=private),
        reply=personal.without(reply, locale=locale, names=private),
        locale=locale,
    )


def _asked(session: Session, ticket: Ticket | None, payload: dict[str, Any]) -> str:
    """The customer's last words before the message."""
    if ticket is None:
        return ""
    if payload["ts"] == payload["thread"]:  # the card itself
        return ticket.question
    origin = f"slack:{payload['channel']}:{payload['ts']}"
    of_ticket = Message.conversation_id == ticket.conversation_id
    line = session.scalar(
        select(Message.id).where(of_ticket, Message.meta["from"].astext == origin)
    )
    # What was not written here is shown here a moment later than it was said.
    at = dt.datetime.fromtimestamp(float(payload["ts"]), dt.UTC)
    found = session.scalar(
        select(Message.text)
        .where(of_ticket, Message.author == "customer", Message.kind == "text")
        .where(Message.id < line if line is not None else Message.at < at)
        .order_by(Message.id.desc())
        .limit(1)
    )
    return found or ticket.question


def _view(about: dict[str, Any], *, question: str, reply: str, locale: str) -> modals.View:
    languages = [choice(code, LANGUAGES[code]) for code in sorted(LANGUAGES, key=locale.__ne__)]
    one = content.MAX_QUESTION
    blocks = [
        modals.words(
            "큐레이터가 확인한 뒤에 공개돼요. 이름, 주소 같은 개인정보는 지워 주세요. · "
            "Curators check it before it is published. Please take out personal data."
        ),
        modals.write("title", "제목 · Title", limit=content.MAX_TITLE, lines=False),
        modals.write(
            "question", "고객의 질문 · Question", limit=one, text=clip(question, one), lines=False
        ),
        modals.write("reply", "답변 · Answer", limit=ANSWER_LIMIT, text=reply),
        modals.pick("locale", "언어 · Language", languages, first=True),
        *(
            modals.write(name, label, limit=one, lines=False, optional=True)
            for name, label in (
                ("other", "다르게 묻는 말 · Another way of asking"),
                ("another", "또 다르게 묻는 말 · One more"),
            )
        ),
    ]
    if len(reply) > ANSWER_LIMIT:
        blocks.insert(4, modals.words(f"앞의 {ANSWER_LIMIT}자예요 · The first {ANSWER_LIMIT}"))
    return modals.modal(DRAFT, "지식 초안 · KB draft", "초안 남기기 · Save", about, blocks)


def _no_agent(refused: str | None) -> str:
    return "agents_only" if refused in (None, "not_linked") else refused


async def submit(workspace: Workspace, work: Work) -> Settle:
    """The handler of the form: one draft for each that is sent, however often Slack sends it."""
    payload = work.payload
    person = await account(workspace, work, payload["user"])

    def settle(session: Session) -> None:
        agent, refused = acting(session, payload["user"], person)
        if agent is None or refused is not None:
            say_back(session, work, _no_agent(refused), user=payload["user"])
            return
        try:
            with session.begin_nested():
                id = _create(session, work, agent)
        except Invalid as error:
            say_back(session, work, "not_done", why=str(error))
            return
        values = payload["values"]
        page = f"{workspace.console}/articles/edit/{id}?locale={values['locale']}"
        say_back(
            session, work, "drafted", title=values["title"], page=page if workspace.console else ""
        )

    return settle


def _create(session: Session, work: Work, agent: Agent) -> str:
    values, ticket = work.payload["values"], work.payload["ticket"]
    asked = [values[name] for name in ("question", "other", "another") if values.get(name)]
    article = articles.create(
        session,
        id=free_id(session, values["title"], work.job),
        locale=values["locale"],
        title=values["title"],
        questions=asked,
        body=values["reply"],
        author=agent.name,
        source=ticket or "slack",
    )
    return article.id
