"""What the desk tells agents in a conversation, in the language of whoever reads it.

No customer sees these lines. A line keeps the name of its phrase and its values, so that each
agent has it in their own language; its text, for everything else, is in the customer's.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any
from zoneinfo import ZoneInfo

from connectors import cause_words
from connectors.promises import on
from ticketing import money

PHRASE, VALUES = "phrase", "values"

# A name, a code, a number: said as it is. What depends on the language is one of those below.
Value = str | dict[str, Any]
Values = Mapping[str, Value]

PHRASES: dict[str, dict[str, str]] = {
    # What a customer is worth.
    "valued": {
        "ko": "{amount} 이상 구매한 고객이라 우선순위 '{priority}'에서 시작해요",
        "en": "The customer has bought for {amount} or more: priority {priority}",
    },
    "priority_low": {"ko": "낮음", "en": "low"},
    "priority_normal": {"ko": "보통", "en": "normal"},
    "priority_high": {"ko": "높음", "en": "high"},
    "priority_urgent": {"ko": "긴급", "en": "urgent"},
    # What a colleague did to the ticket, where the customer is not told of it.
    "prioritised": {
        "ko": "{agent} 님이 우선순위를 바꿨어요 · {before} → {priority}",
        "en": "{agent} changed the priority · {before} → {priority}",
    },
    "given": {"ko": "{by} 님이 {agent} 님에게 맡겼어요", "en": "{by} gave this to {agent}"},
    "put_back": {
        "ko": "{agent} 님이 대기열로 돌려보냈어요",
        "en": "{agent} put this back into the queue",
    },
    "snoozed": {
        "ko": "{agent} 님이 미뤘어요 · {until}까지",
        "en": "{agent} put this off until {until}",
    },
    "woken": {"ko": "{agent} 님이 다시 꺼냈어요", "en": "{agent} took this up again"},
    "solved": {"ko": "{agent} 님이 해결로 마쳤어요", "en": "{agent} resolved this"},
    # Tickets that were linked to this one.
    "related_to": {
        "ko": "{agent} 님이 관련 문의 {code}를 이었어요",
        "en": "{agent} linked the related ticket {code}",
    },
    "unrelated": {
        "ko": "{agent} 님이 문의 {code}와의 잇기를 해제했어요",
        "en": "{agent} removed the link to ticket {code}",
    },
    "merged_into": {
        "ko": "{agent} 님이 이 문의를 {code}에 합쳤어요",
        "en": "{agent} merged this ticket into {code}",
    },
    "merged_here": {
        "ko": "{agent} 님이 문의 {code}를 이 문의에 합쳤어요",
        "en": "{agent} merged ticket {code} into this one",
    },
    "merge_undone": {
        "ko": "{agent} 님이 {code}와 합친 것을 되돌렸어요",
        "en": "{agent} took the merge with {code} back",
    },
    "split_off": {
        "ko": "{agent} 님이 둘째 용건을 {code}로 나눴어요",
        "en": "{agent} split a second matter off as {code}",
    },
    "split_from": {
        "ko": "{agent} 님이 {code}에서 나눈 문의예요",
        "en": "{agent} split this off from {code}",
    },
    "split_undone": {
        "ko": "{agent} 님이 {code}와 나눈 것을 되돌렸어요",
        "en": "{agent} took the split from {code} back",
    },
    # Who a ticket was offered or given to, and why. See ticketing/routing.py.
    "offered": {
        "ko": "{agent} 님에게 먼저 제안했어요 · {why}",
        "en": "Offered to {agent} first · {why}",
    },
    "assigned": {
        "ko": "{agent} 님에게 자동으로 배정했어요 · {why}",
        "en": "Assigned to {agent} automatically · {why}",
    },
    "why_owner": {"ko": "이 고객의 전담 상담원", "en": "this customer's own agent"},
    "why_topic": {"ko": "담당 주제: {detail}", "en": "takes this topic: {detail}"},
    "why_language": {"ko": "고객의 언어로 상담", "en": "speaks the customer's language"},
    "why_load": {
        "ko": "근무 중이고 맡은 문의가 가장 적음({detail}건)",
        "en": "on duty with the fewest tickets ({detail})",
    },
    # What a bad rating asks for. See ticketing/recovery.py.
    "recovery": {
        "ko": "낮은 평가({score}점)예요. {agent} 님이 {time}까지 고객에게 연락해 주세요.",
        "en": "A low rating ({score} of 5): {agent} gets in touch by {time}.",
    },
    "nobody": {"ko": "팀", "en": "somebody"},
    "linked_by_token": {
        "ko": "쇼핑몰 로그인으로 확인되어 고객 기록이 연결되었어요",
        "en": "Customers linked: the shop's site signed this person in",
    },
    "linked_by_code": {
        "ko": "일회용 코드로 확인되어 고객 기록이 연결되었어요",
        "en": "Customers linked: they gave a one-time code",
    },
    "linked_by_email": {
        "ko": "이메일로 보낸 코드로 확인되어 고객 기록이 연결되었어요",
        "en": "Customers linked: they gave the code mailed to their address",
    },
    "linked_by_agent": {
        "ko": "{agent} 상담원이 고객 기록을 연결했어요 · 이유: {why}",
        "en": "{agent} linked these customers · Reason: {why}",
    },
    "unlinked": {
        "ko": "{agent} 상담원이 고객 기록의 연결을 해제했어요 · 이유: {why}",
        "en": "{agent} took the link between these customers back · Reason: {why}",
    },
    # What was given up after all its tries. See connectors/desk/dead.py.
    "dead_turn": {
        "ko": "챗봇이 고객의 메시지를 처리하지 못했어요 · {why}",
        "en": "The bot could not handle the customer's message · {why}",
    },
    "dead_card": {
        "ko": "이 문의의 카드를 Slack에 보여 주지 못했어요 · {why}",
        "en": "The card of this ticket did not reach Slack · {why}",
    },
    "dead_customer": {
        "ko": "고객의 메시지를 Slack에 전하지 못했어요 · {why}",
        "en": "A message of the customer did not reach Slack · {why}",
    },
    "dead_agent": {
        "ko": "다른 곳에서 쓴 답장이 Slack 스레드에 나타나지 않았어요 · {why}",
        "en": "A reply written elsewhere did not appear in the Slack thread · {why}",
    },
    "dead_note": {
        "ko": "다른 곳에서 쓴 메모가 Slack 스레드에 나타나지 않았어요 · {why}",
        "en": "A note written elsewhere did not appear in the Slack thread · {why}",
    },
    "dead_rating": {
        "ko": "고객의 평가를 Slack에 전하지 못했어요 · {why}",
        "en": "The customer's rating did not reach Slack · {why}",
    },
    "dead_post": {
        "ko": "이 문의의 소식을 Slack에 전하지 못했어요 · {why}",
        "en": "News of this ticket did not reach Slack · {why}",
    },
    "dead_event": {
        "ko": "Slack에서 한 일이 처리되지 않았어요. 답장이었다면 고객이 받지 못했어요 · {why}",
        "en": "Something done in Slack had no effect. If it was a reply, "
        "the customer did not get it · {why}",
    },
    "dead_deliver": {
        "ko": "이 메시지가 고객의 메신저에 전달되지 않았어요 · {why}",
        "en": "A line did not reach the customer's messenger · {why}",
    },
    "dead_hint": {
        "ko": "Slack에 있는 상담원에게 안내를 전하지 못했어요 · {why}",
        "en": "A notice for an agent did not reach Slack · {why}",
    },
    "dead_other": {
        "ko": "이 문의에 관한 것을 전달하지 못했어요 · {why}",
        "en": "Something about this ticket could not be delivered · {why}",
    },
    **cause_words.PHRASES,
    # The customer on Telegram.
    "tg_blocked": {
        "ko": "고객이 텔레그램에서 우리를 차단했어요. 풀 때까지 답변이 전달되지 않아요.",
        "en": "The customer has blocked us on Telegram. Until they undo it, no answer arrives.",
    },
    "tg_unblocked": {
        "ko": "고객이 텔레그램에서 차단을 풀었어요.",
        "en": "The customer has unblocked us on Telegram.",
    },
}


def phrase(key: str, **values: Value) -> Value:
    """A value that is a phrase itself."""
    return {PHRASE: key, VALUES: values}


def amount(minor: int, currency: str) -> Value:
    """A value that is money."""
    return {"minor": minor, "currency": currency}


def moment(at: dt.datetime, *, zone: str) -> Value:
    """A value that is a time, told with its date: who reads it may do so much later."""
    return {"at": at.isoformat(), "zone": zone}


def say(key: str, locale: str, values: Values, *, zone: dt.tzinfo | None = None) -> str:
    """A phrase in ``locale`` (``ko`` or ``en``), with its values filled in.

    Times are those of ``zone``, the reader's, else those of the zone they were kept with.
    """
    return PHRASES[key][locale].format_map(
        {name: _said(value, locale, zone) for name, value in values.items()}
    )


def of_line(meta: Mapping[str, Any], locale: str, zone: dt.tzinfo) -> str | None:
    """The words of a line with this ``meta``; None for a line of another kind, or an old one.

    A line is kept for longer than a phrase stays as it was: what lacks a value now has its text.
    """
    if meta.get(PHRASE) not in PHRASES:
        return None
    try:
        return say(meta[PHRASE], locale, meta[VALUES], zone=zone)
    except KeyError:
        return None


def _said(value: Value, locale: str, zone: dt.tzinfo | None) -> str:
    if isinstance(value, str):
        return value
    if PHRASE in value:
        return say(value[PHRASE], locale, value[VALUES], zone=zone)
    if "currency" in value:
        return money.say(value["minor"], value["currency"], locale)
    return on(dt.datetime.fromisoformat(value["at"]), zone or ZoneInfo(value["zone"]), locale)
