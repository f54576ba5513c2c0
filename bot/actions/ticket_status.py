"""How the customer's ticket is doing."""

from __future__ import annotations

import datetime as dt
import re
from zoneinfo import ZoneInfo

from bot.actions import asides, reply
from bot.actions.reply import Reply
from bot.actions.texts import Locale
from bot.actions.turn import SURE, Turn
from knowledge_base import elliptical, smalltalk
from knowledge_base.answers import NEARLY_SURE, Answer, Clarify

# The shop's customers and agents live by Korean time, in whichever language they write.
SHOP_TIME = ZoneInfo("Asia/Seoul")


# What people call what they left with an agent; "채용 문의" is about something else.
_OF_TICKETS = frozenset(
    word
    for line in (
        "문의 접수 번호 상담 상담원 상담사 담당자 직원 답 답변 답장 회신 연락 연결 처리",
        "상태 결과 확인 진행 티켓 신청 요청 대기 순서 차례 건 글 내역 상황 배정 아까 어제 방금",
        "지난주 저번 업데이트 소식",
        "ticket request inquiry question case status update agent reply answer someone somebody",
        "anyone person response news progress message support team check checked heard hear back",
        "said waiting wait",
    )
    for word in line.split()
)

# Of something that was left with an agent: "아까 남긴 문의 답변 언제 와요", "any news of my case";
# not of what might be: "문의 남기면 언제 답 와요?".
_LEFT = re.compile(
    r"[가-힣](?:했|았|었|겼|냈|렸|드렸)|(?:남긴|신청한|접수한|접수된|요청한|문의한|문의드린|보낸|한)\s*(?:거|것|건|지|문의)"
    r"|아직|아까|어제|지난|며칠|기다리고|기다리는|^\W*(?:제|내|저)\s"
    r"|\b(?:my|still|yet|so far|been|waiting|yesterday|last|nobody|no ?one"
    r"|i(?:['’]ve| have)? (?:contacted|opened|left|sent|wrote|asked|submitted|messaged))\b",
    re.IGNORECASE,
)


def ticket_status(turn: Turn) -> Reply:
    """State and agent of the latest ticket; without one, perhaps it was another question."""
    if asides.is_over(turn.text):
        return asides.kind_word(turn, "goodbye")
    if turn.confidence < SURE and (continued := turn.continued()) is not None:
        return continued
    ticket = turn.context().ticket
    person = [reply.person_button(turn.locale)]
    if ticket is None:
        if turn.confidence < SURE:
            result = turn.look_up(turn.text)
            if isinstance(result, Answer) or not _OF_TICKETS.issuperset(
                elliptical.names(smalltalk.strip(turn.text))
            ):
                return reply.found(result, turn.locale)
        elif elliptical.measures(turn.text) and not _LEFT.search(turn.text):
            result = turn.look_up(turn.text)
            nearly = isinstance(result, Clarify) and result.choices[0].score >= NEARLY_SURE
            if nearly or isinstance(result, Answer):
                return reply.found(result, turn.locale)
        return reply.say("ticket_none", turn.locale, buttons=person)
    if ticket.state == "resolved":
        return reply.say("ticket_resolved", turn.locale, buttons=person, code=ticket.code)
    if ticket.state == "claimed":
        if ticket.assignee is None:
            return reply.say("ticket_claimed_unnamed", turn.locale, code=ticket.code)
        return reply.say("ticket_claimed", turn.locale, code=ticket.code, assignee=ticket.assignee)
    return reply.say(
        "ticket_open", turn.locale, code=ticket.code, when=moment(ticket.opened_at, turn.locale)
    )


def moment(at: dt.datetime, locale: Locale) -> str:
    """A point in time as a customer reads it, in the shop's time zone."""
    local = at.astimezone(SHOP_TIME)
    if locale == "en":
        hour = f"{local.hour % 12 or 12}:{local.minute:02} {'am' if local.hour < 12 else 'pm'}"
        return f"{local.day} {local:%B}, {hour} (Korean time)"
    half = "오전" if local.hour < 12 else "오후"
    return f"{local.month}월 {local.day}일 {half} {local.hour % 12 or 12}시 {local.minute}분"
