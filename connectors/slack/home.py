"""Home of the app in Slack: today's figures, my tickets, what waits, what waits too long.

It is made anew when somebody opens it, refreshes it or does something there, for them alone.
"""

from __future__ import annotations

import dataclasses
import logging
from collections.abc import Sequence

from sqlalchemy.orm import Session

from connectors import desk
from connectors.slack.api import Person, SlackSaysNo
from connectors.slack.blocks import CLAIM, DUTY, REFRESH, Block, button, choice, plain
from connectors.slack.hints import words
from connectors.slack.pressing import tried
from connectors.slack.rows import Row, row, rows
from connectors.slack.workspace import Workspace, account, acting, author, nothing
from connectors.worker import Settle
from ticketing import accesses, figures, lanes, routing, tickets
from ticketing.figures import Today
from ticketing.lanes import Work
from ticketing.models import Ticket

log = logging.getLogger(__name__)

HOME = "slack.home"
# Two blocks a row in three lists: well under the hundred that Slack allows.
SHOWN = 10
DUTIES = {
    "on": "🟢 근무 중 · On duty",
    "off": "⚪ 자리 비움 · Away",
    "auto": "Slack 상태 따라 · As Slack shows me",
}


@dataclasses.dataclass(frozen=True, slots=True)
class Tickets:
    """One list: its rows, and how many it has in all."""

    title: str
    rows: Sequence[Row]
    count: int


async def publish(workspace: Workspace, work: Work) -> Settle:
    """The handler of an opened Home, and of one that has to be made anew."""
    user = work.payload["user"]
    person = await account(workspace, work, user)
    blocks = await workspace.store.read(
        look, workspace, user=user, person=person, notice=work.payload.get("notice", "")
    )
    try:
        await workspace.slack.publish_home(user=user, view={"type": "home", "blocks": blocks})
    except SlackSaysNo as error:
        log.warning("a Home was refused: %s", error)
    return nothing


async def press(workspace: Workspace, work: Work) -> Settle:
    """The handler of a press in Home, which then shows what came of it."""
    payload = work.payload
    person = await account(workspace, work, payload["user"])

    def settle(session: Session) -> None:
        agent, refused = acting(session, payload["user"], person)
        said = None
        if agent is not None and refused is None and payload["action"] == CLAIM:
            said = tried(session, lambda: desk.claim(session, code=payload["value"], agent=agent))
        elif agent is not None and refused is None and payload["action"] == DUTY:
            value = payload["value"]
            said = tried(session, lambda: routing.set_state(session, agent, value))
        lanes.enqueue(
            session,
            lane=f"out:slack:user:{payload['user']}",
            kind=HOME,
            dedup=str(work.job),
            payload={
                "what": "home",
                "user": payload["user"],
                "notice": words(said[0], **said[1]) if said else "",
            },
        )

    return settle


def look(
    session: Session, workspace: Workspace, *, user: str, person: Person | None, notice: str
) -> list[Block]:
    """The blocks of somebody's Home. Who is no agent sees how to become one, and no customer."""
    agent, refused = acting(session, user, person)
    if agent is None or refused is not None:
        hint = {"not_linked": "link_how", "not_member": "no_guests"}.get(refused or "", "")
        return [_section(words(hint or "not_verified")), _actions()]
    lists = [
        ("내 접수 · Mine", tickets.listing(session, states=["claimed"], assignee_id=agent.id)),
        ("약속한 시각이 지남 · Overdue", tickets.listing(session, overdue=True)),
        ("대기 중 · Waiting", tickets.listing(session, states=["open"])),
    ]
    people = {ticket.customer_id for _, found in lists for ticket in found[:SHOWN]}
    accesses.listed(session, people, by=author(agent))
    return view(
        figures.today(session),
        [_tickets(session, workspace, title, found) for title, found in lists],
        notice=notice,
        duty=routing.state(session, agent),
    )


def _tickets(session: Session, workspace: Workspace, title: str, found: list[Ticket]) -> Tickets:
    shown = rows(session, found[:SHOWN], console=workspace.console)
    return Tickets(title, shown, len(found))


def view(
    today: Today, lists: Sequence[Tickets], *, notice: str = "", duty: str = "auto"
) -> list[Block]:
    """Home as blocks. Pure."""
    blocks: list[Block] = []
    if notice:
        # Escaped already, as all hints are.
        blocks.append({"type": "section", "text": {"type": "mrkdwn", "text": notice}})
    blocks += [
        _header("오늘 · Today"),
        {
            "type": "section",
            "fields": [
                plain(f"접수 Opened\n{today.opened}"),
                plain(f"해결 Resolved\n{today.resolved}"),
                plain(f"지금 대기 Waiting now\n{today.waiting}"),
                plain(f"첫 답변까지 First reply (median)\n{_span(today.first_reply_s)}"),
                plain(f"만족도 Rating\n{_rating(today)}"),
            ],
        },
        _duty(duty),
        _actions(),
    ]
    for listed in lists:
        blocks += [{"type": "divider"}, _header(f"{listed.title} ({listed.count})")]
        for one in listed.rows:
            blocks += row(one, claim=True)
        if listed.count > len(listed.rows):
            more = plain(words("more", count=listed.count - len(listed.rows)))
            blocks.append({"type": "context", "elements": [more]})
        elif not listed.rows:
            blocks.append({"type": "context", "elements": [plain("없음 · none")]})
    return blocks


def _duty(state: str) -> Block:
    options = {value: choice(value, title) for value, title in DUTIES.items()}
    return {
        "type": "section",
        "text": plain("근무 상태 · Duty"),
        "accessory": {
            "type": "static_select",
            "action_id": DUTY,
            "options": list(options.values()),
            "initial_option": options[state],
        },
    }


def _actions() -> Block:
    return {
        "type": "actions",
        "elements": [button(REFRESH, "새로 고침 · Refresh", "home")],
    }


def _header(text: str) -> Block:
    return {"type": "header", "text": plain(text)}


def _section(text: str) -> Block:
    return {"type": "section", "text": {"type": "mrkdwn", "text": text}}


def _span(seconds: float | None) -> str:
    if seconds is None:
        return "아직 없음 · none yet"
    minutes = round(seconds / 60)
    if minutes < 60:
        return f"{minutes}분 · {minutes} min"
    hours, rest = divmod(minutes, 60)
    return f"{hours}시간 {rest}분 · {hours} h {rest} min"


def _rating(today: Today) -> str:
    if today.csat is None:
        return "아직 없음 · none yet"
    return f"{today.csat}/5 ({today.ratings}건)"
