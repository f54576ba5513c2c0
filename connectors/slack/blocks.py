"""What Slack shows of a ticket, as Block Kit. Pure: facts in, blocks out.

Everything that somebody else wrote is escaped and stands in ``plain_text``, where Slack forms
neither mentions nor links nor emphasis.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

from connectors.slack.mrkdwn import clip, escape, lines, pieces

Block = dict[str, Any]

CLAIM = "claim"
RESOLVE = "resolve"
REOPEN = "reopen"
PRIORITY = "priority"
ANSWER_AT = "answer_at"
WAKE = "wake"
ASSIGN = "assign"
SNOOZE = "snooze"
NOTE = "note"
REFRESH = "refresh"
DUTY = "duty"
SEND = "send"
CLAIM_SEND = "claim_send"
REOPEN_SEND = "reopen_send"
# Buttons and lists that are ours; those that open a modal; and the link, which does nothing here.
ACTIONS = {
    *(
        CLAIM,
        RESOLVE,
        REOPEN,
        PRIORITY,
        ANSWER_AT,
        WAKE,
        ASSIGN,
        SNOOZE,
        NOTE,
        SEND,
        CLAIM_SEND,
        REOPEN_SEND,
        REFRESH,
        DUTY,
    ),
}
OPENS = {ASSIGN, SNOOZE, NOTE}
LINK = "console"
# Under a suggestion, one for each article: names are told apart within a message.
SEND_ARTICLE = ("send_article:0", "send_article:1", "send_article:2")
EDIT_ARTICLE = ("edit_article:0", "edit_article:1", "edit_article:2")
PRIORITIES = {
    "urgent": "🔴 긴급 · Urgent",
    "high": "🟠 높음 · High",
    "normal": "⚪ 보통 · Normal",
    "low": "🔵 낮음 · Low",
}
# Slack takes 3,000 characters in a section and 150 in a header.
SECTION = 2900
HEADER = 150
REASONS = {
    "customer_asked": "고객이 상담원을 요청했어요 · The customer asked for a person",
    "rejected_twice": "봇의 답변이 두 번 거절되었어요 · The bot's answers were turned down twice",
    "split": "다른 접수에서 나뉘었어요 · Split off from another ticket",
    "agent_opened": "상담원이 열었어요 · An agent opened it",
    "not_solved": "지난 상담이 해결되지 않았대요 · Says the earlier ticket is not solved",
    "bot_unavailable": "봇이 답하지 못했어요 · The bot could not answer",
}
# How another ticket belongs to this one.
LINKED = {
    "follow_up_of": "의 후속 · this follows it",
    "followed_by": " 후속 · follows this",
    "related": " 관련 · related",
    "merged_into": "에 합쳐짐 · merged into it",
    "merged_here": " 여기에 합쳐짐 · merged here",
    "split_from": "에서 나뉨 · split from it",
    "split_off": " 나뉘어 나감 · split off",
}
CHANNELS = {
    "web": "웹 채팅 · Web chat",
    "telegram": "텔레그램 · Telegram",
    "kakao": "카카오톡 · KakaoTalk",
    "webhook": "외부 채널 · Bridged channel",
    "none": "아직 없음 · none yet",
}
LANGUAGES = {"ko": "한국어", "en": "English"}
OUTCOMES = {
    "answer": "답변함 · answered",
    "clarify": "되물음 · asked back",
    "unknown": "모름 · did not know",
    "hand_off": "연결함 · handed over",
}
SPEAKERS = {"customer": "고객", "bot": "봇", "agent": "상담원", "system": "안내"}
REPEAT = "앞서 보낸 것과 같은 메시지일 수 있어요 · This may repeat an earlier message"

INSTEAD = (
    "이 워크스페이스에서는 위의 카드를 더 고칠 수 없어요. 지금은 이래요 · "
    "The card above can no longer be edited in this workspace. This is how it is now"
)


@dataclasses.dataclass(frozen=True, slots=True)
class Joined:
    """A ticket of the same person: ``goes_on``, or it rests for the sake of the one shown.

    ``url`` is where it is found, empty where nobody knows; ``place`` its channel and thread.
    """

    code: str
    goes_on: bool
    url: str = ""
    place: tuple[str, str] | None = None


@dataclasses.dataclass(frozen=True, slots=True)
class Card:
    """What agents see of a ticket before they open its thread; nothing else leaves for Slack."""

    code: str
    customer: str
    channel: str
    locale: str
    reason: str
    question: str
    tried: Sequence[Mapping[str, Any]]
    said: Sequence[tuple[str, str]]
    state: str
    assignee: str | None
    reopened: int
    opened_at: dt.datetime
    priority: str = "normal"
    snoozed_until: dt.datetime | None = None
    # What stands beside its state: see ``promises.marks``.
    marks: Sequence[Block] = ()
    # The customer's record in short: earlier tickets, and their ratings if they gave any.
    earlier: int = 0
    rating: Mapping[str, Any] | None = None
    # Tier, purchases and own agent, where they are known.
    standing: str = ""
    # Other tickets it has to do with, as ``(relation, code)``: see ``ticketing.ticket_links``.
    linked: Sequence[tuple[str, str]] = ()
    tags: Sequence[str] = ()
    # Where the customer can be answered, as ``(address, channel)``, where they are now first.
    addresses: Sequence[tuple[int, str]] = ()
    console: str = ""
    # The tickets that are one with it since customers were linked: see ``joined``.
    joined: Sequence[Joined] = ()


def card(view: Card) -> list[Block]:
    """The card of a ticket."""
    title = f"{view.code} · {view.customer}"
    made: list[Block] = [
        {"type": "header", "text": escaped(pieces(clip(title, 140), HEADER)[0])},
        {
            "type": "section",
            "fields": [
                plain(f"채널 Channel\n{CHANNELS.get(view.channel, view.channel)}"),
                plain(f"언어 Language\n{LANGUAGES.get(view.locale, view.locale)}"),
                plain(f"이유 Reason\n{clip(REASONS.get(view.reason, view.reason), 300)}"),
                {"type": "mrkdwn", "text": f"접수 Opened\n{date(view.opened_at)}"},
                plain(f"지난 접수 Earlier tickets\n{_earlier(view)}"),
                plain(f"만족도 Rating\n{_rating(view)}"),
                *([plain(f"고객 Customer\n{clip(view.standing, 200)}")] if view.standing else []),
                *([plain(f"이어진 접수 Linked\n{_linked(view)}")] if view.linked else []),
                *([plain(f"태그 Tags\n{clip(_tags(view), 300)}")] if view.tags else []),
            ],
        },
    ]
    if view.question:
        made.append(_section("질문 Question", lines(view.question, 1200, most=20)))
    tried = [line for entry in view.tried[-4:] for line in _tried(entry)]
    if tried:
        made.append(_section("봇이 찾아본 것 What the bot tried", "\n".join(tried)))
    if view.said:
        said = [f"{SPEAKERS.get(who, who)}: {lines(text, 200, most=5)}" for who, text in view.said]
        made.append(_section("지금까지의 대화 So far", "\n".join(said)))
    return made + _foot(view)


def _foot(view: Card) -> list[Block]:
    made: list[Block] = [{"type": "context", "elements": _state(view)}]
    made += _joined(view.joined)
    buttons = _buttons(view)
    if buttons:
        made.append({"type": "actions", "block_id": "ticket", "elements": buttons})
    return made


def summary(view: Card) -> str:
    """The card in one line, escaped: for notifications and screen readers."""
    return escape(clip(f"{view.code} · {view.customer} · {view.question or view.reason}", 300))


def instead(view: Card) -> list[Block]:
    """What has changed, for below a card that Slack does not let us change any more."""
    return [{"type": "context", "elements": [plain(INSTEAD)]}, *_foot(view)]


def repeated(blocks: list[Block]) -> list[Block]:
    """The same blocks with the remark that they may be there twice."""
    return [*blocks, {"type": "context", "elements": [plain(REPEAT)]}]


def _tried(entry: Mapping[str, Any]) -> list[str]:
    outcome = OUTCOMES.get(str(entry.get("outcome")), str(entry.get("outcome")))
    vote = {"up": " · 도움됨 helpful", "down": " · 거절됨 turned down"}.get(
        str(entry.get("vote")), ""
    )
    found = [f"“{clip(str(entry.get('question') or ''), 120)}” → {outcome}{vote}"]
    for article in list(entry.get("articles") or [])[:3]:
        title = clip(str(article.get("title") or article.get("article") or ""), 80)
        found.append(f"   • {title} ({float(article.get('score') or 0):.2f})")
    return found


def _earlier(view: Card) -> str:
    return f"{view.earlier}건" if view.earlier else "없음 · none"


def _linked(view: Card) -> str:
    return "\n".join(f"{code}{LINKED[relation]}" for relation, code in view.linked[:5])


def _tags(view: Card) -> str:
    return " ".join(f"#{tag}" for tag in view.tags)


def _rating(view: Card) -> str:
    if not view.rating or view.rating.get("last") is None:
        return "아직 없음 · none yet"
    last = int(view.rating["last"])
    return f"최근 last {last}/5 · 평균 average {view.rating['average']} ({view.rating['count']}건)"


def _state(view: Card) -> list[Block]:
    name = clip(view.assignee or "", 80)
    again = f" · 다시 열림 reopened ×{view.reopened}" if view.reopened else ""
    match view.state:
        case "claimed":
            words = f"🟢 {name} 담당 중 · Claimed by {name}{again}"
        case "resolved":
            words = f"✅ {name} 해결 · Resolved by {name}{again}"
        case _:
            words = f"⏳ 대기 중 · Waiting{again}"
    made = [plain(words)]
    if view.priority != "normal":
        made.append(plain(PRIORITIES[view.priority]))
    if view.snoozed_until is not None:
        made.append({"type": "mrkdwn", "text": f"💤 미룸 Snoozed · {date(view.snoozed_until)}"})
    return [*made, *view.marks][:10]  # Slack takes no more in one line


def _joined(joined: Sequence[Joined]) -> list[Block]:
    if not joined:
        return []
    names = ", ".join(f"<{escape(one.url)}|{one.code}>" if one.url else one.code for one in joined)
    words = (
        f"🔗 이 접수는 {names}에서 이어져요 · Goes on in {names}"
        if joined[0].goes_on
        else f"🔗 같은 고객의 {names}도 여기서 이어져요 · Stands in for {names}, the same customer"
    )
    said = {"type": "mrkdwn", "text": words, "verbatim": True}
    return [{"type": "context", "elements": [said]}]


def _buttons(view: Card) -> list[Block]:
    claim = button(CLAIM, "담당하기 · Claim", view.code) | {"style": "primary"}
    resolve = button(RESOLVE, "해결 · Resolve", view.code)
    later = (
        button(SNOOZE, "미루기 · Snooze…", view.code)
        if view.snoozed_until is None
        else button(WAKE, "지금 보기 · Look now", view.code)
    )
    plan = [
        button(ASSIGN, "배정 · Assign…", view.code),
        later,
        _priority(view),
        button(NOTE, "메모 · Note…", view.code),
        *_answer_at(view),
    ]
    made = {
        "open": [claim, *plan, resolve],
        "claimed": [resolve, *plan],
        "resolved": [button(REOPEN, "다시 열기 · Reopen", view.code)],
    }.get(view.state, [])
    if any(one.goes_on for one in view.joined):
        made = []  # the other card is where it is worked on
    if view.console:
        made.append(button(LINK, "콘솔에서 보기 · Open in console", "") | {"url": view.console})
    return made


def button(action: str, title: str, value: str) -> Block:
    """A button; ``value`` comes back with the press."""
    made = {"type": "button", "action_id": action, "text": plain(title)}
    return made | {"value": value} if value else made


def choice(value: str, title: str) -> Block:
    """An entry of a list. Slack cuts none of it: at most 75 characters are shown."""
    return {"text": escaped(pieces(clip(title, 70), 75)[0]), "value": value}


def _priority(view: Card) -> Block:
    options = {name: choice(f"{view.code}:{name}", PRIORITIES[name]) for name in PRIORITIES}
    return {
        "type": "static_select",
        "action_id": PRIORITY,
        "options": list(options.values()),
        "initial_option": options[view.priority],
    }


def _answer_at(view: Card) -> list[Block]:
    """The channel for answers, where there is a choice."""
    if len(view.addresses) < 2:
        return []
    options = [
        choice(f"{view.code}:{address}", f"답할 곳 Answer on: {CHANNELS.get(channel, channel)}")
        for address, channel in view.addresses
    ]
    made = {"type": "static_select", "action_id": ANSWER_AT, "options": options}
    return [made | {"initial_option": options[0]}]


def _section(title: str, text: str) -> Block:
    # pieces() escapes, and cuts no entity in two.
    body = f"{title}\n{text}"
    return {"type": "section", "text": escaped(pieces(body, SECTION)[0])}


def plain(text: str) -> Block:
    """Words in which Slack forms nothing."""
    return escaped(escape(text))


def escaped(text: str) -> Block:
    """What is escaped already, and forms nothing either."""
    return {"type": "plain_text", "text": text, "emoji": False}


def date(at: dt.datetime) -> str:
    """In the reader's own time zone, as mrkdwn."""
    stamp = int(at.timestamp())
    utc = at.astimezone(dt.UTC).strftime("%Y-%m-%d %H:%M UTC")
    return f"<!date^{stamp}^{{date_num}} {{time}}|{utc}>"
