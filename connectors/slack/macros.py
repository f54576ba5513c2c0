"""The command ``/macro [CODE] NAME``: a macro's words in a form, to be edited and sent."""

from __future__ import annotations

from sqlalchemy.orm import Session

from connectors.desk import macros as sending
from connectors.slack import modals
from connectors.slack.commands import NOT_YOU, Unclear, about
from connectors.slack.hints import answer, words
from connectors.slack.interactions import MACRO
from connectors.slack.pressing import tried
from connectors.slack.workspace import Workspace, account, acting, author, nothing
from connectors.worker import Settle
from ticketing import accesses, macros
from ticketing.lanes import Work
from ticketing.macros import Filled
from ticketing.models import Macro

# What Slack's field takes.
LIMIT = 3000


async def begin(workspace: Workspace, work: Work) -> Settle:
    """The handler of the command: opens the form, or says which macros there are."""
    person = await account(workspace, work, work.payload["user"])

    def look(session: Session) -> modals.View | str:
        agent, refused = acting(session, work.payload["user"], person)
        if agent is None or refused is not None:
            return words(NOT_YOU.get(refused or "", "not_verified"))
        if not work.payload["text"].strip():
            return _listed(session)
        try:
            ticket, name = about(session, agent, work.payload["text"])
        except Unclear as error:
            return words(error.hint, **error.values)
        macro = macros.find(session, name)
        if macro is None:
            return _listed(session)
        accesses.opened(session, ticket.customer_id, by=author(agent))
        made = macros.fill(session, macro, ticket, agent=agent)
        return _view(macro, made, code=ticket.code, response=work.payload["response"])

    found = await workspace.store.read(look)
    if isinstance(found, dict):
        if await workspace.slack.open_view(trigger=work.payload["trigger"], view=found):
            return nothing
        found = words("macro_late")
    text = found

    def settle(session: Session) -> None:
        answer(session, work, text)

    return settle


async def submit(workspace: Workspace, work: Work) -> Settle:
    """The handler of the form: sends what the agent made of it, and does what the macro does."""
    payload = work.payload
    person = await account(workspace, work, payload["user"])

    def settle(session: Session) -> None:
        agent, refused = acting(session, payload["user"], person)
        if agent is None or refused is not None:
            answer(session, work, words(NOT_YOU.get(refused or "", "not_verified")))
            return
        said = tried(
            session,
            lambda: sending.send(
                session,
                code=payload["ticket"],
                agent=agent,
                macro_id=int(payload["macro"]),
                text=payload["values"]["text"],
            ),
        )
        hint, values = said or ("replied", {"code": payload["ticket"]})
        answer(session, work, words(hint, **values))

    return settle


def _listed(session: Session) -> str:
    names = ", ".join(one.name for one in macros.listing(session))
    return words("macros" if names else "macros_none", names=names)


def _view(macro: Macro, made: Filled, *, code: str, response: str) -> modals.View:
    notes = []
    if made.missing:
        names = ", ".join(made.missing)
        notes.append(f"⚠️ 값이 없어 다른 말을 넣었어요: {names} · No value for {names}")
    if made.locale != made.wanted:
        notes.append("⚠️ 고객의 언어로 된 글이 없어요 · Not in the customer's language")
    does = [f"#{tag}" for tag in macro.tags]
    does += [f"우선순위 priority {macro.priority}"] if macro.priority else []
    does += ["해결 resolve"] if macro.resolves else []
    if does:
        notes.append(f"보내면 함께 When sent: {', '.join(does)}")
    blocks = [
        modals.write("text", f"{code} 고객에게 · To the customer", limit=LIMIT, text=made.text),
        *(modals.words(note) for note in notes),
    ]
    kept = {"ticket": code, "macro": str(macro.id), "response": response}
    return modals.modal(MACRO, "매크로 · Macro", "보내기 · Send", kept, blocks)
