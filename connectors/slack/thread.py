"""What stands in the thread under a card, as Block Kit: whose words, and what happened. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from connectors.slack.blocks import CHANNELS, SECTION, Block, escaped, plain
from connectors.slack.mrkdwn import clip, escape, pieces
from connectors.slack.promises import mentions

# Over what the customer wrote in a thread.
CUSTOMER = "고객 Customer"
UNREACHABLE = (
    "여기에 쓴 글은 내부 메모로 남아요. 연락처는 고객 기록에 있어요. "
    "고객이 웹이나 메신저로 오면 두 기록을 연결해 주세요: 그때부터 여기서 답할 수 있어요.\n"
    "What is written here is kept as an internal note. How to contact them is in their record. "
    "When they come by web or messenger, link the two: from then on you answer here."
)


def line(payload: Mapping[str, Any], *, customer: str) -> tuple[str, list[Block]]:
    """A line of the thread, as ``(text for notifications, blocks)``, for a ``slack.post`` job."""
    event = payload["event"]
    text = str(payload.get("text") or "")
    match event:
        case "customer":
            where = str(payload.get("channel") or "")
            at = f" · {CHANNELS.get(where, where)}" if where else ""
            return _said(f"{CUSTOMER} · {customer}{at}", text, called=mentions(payload))
        case "bot":
            return _said("봇 Bot", text)
        case "customer_edited":
            return _said(f"{CUSTOMER} · {customer} · 고쳐 쓴 말 Edited", text)
        case "blocked":
            return _said("🚫 고객이 메신저에서 우리를 차단했어요 · The customer has blocked us", "")
        case "unreachable":
            title = (
                "⚠️ 이 고객에게 답을 보낼 채널이 아직 없어요 · There is no channel to answer on yet"
            )
            return _said(title, UNREACHABLE)
        case "unblocked":
            return _said("고객이 차단을 풀었어요 · The customer has unblocked us", "")
        case "undelivered":
            title = f"⚠️ 고객에게 전달되지 않았어요 Not delivered · {payload['why']}"
            return _said(title, text)
        case "agent":
            article = f" · 문서 Article: {payload['article']}" if payload.get("article") else ""
            return _said(f"상담원 Agent · {payload['agent']}{article}", text)
        case "note":
            return _said(f"내부 메모 Internal note · {payload['agent']}", text)
        case "rating":
            score = int(payload["score"])
            stars = "★" * score + "☆" * (5 - score)
            words = f"고객 평가 Rating · {stars} {score}/5"
            comment = str(payload.get("comment") or "")
            if payload.get("before") is not None and not comment:
                words += f" · 바뀜 changed: {payload['before']} → {score}"
            return _said(words, comment)
        case "woke":
            words = "💤 미뤄 둔 시간이 되었어요 · It is time to look at this again"
            return _said(words, "", called=mentions(payload))
        case "came_back":
            words = "💤 미뤄 둔 접수에 고객이 글을 썼어요 · Back, as the customer has written"
            return _said(words, "", called=mentions(payload))
        case "merged":
            words = f"🔗 {payload['other']}에 합쳐졌어요. 여기 쓴 답은 그 접수의 고객에게 가요"
            return _said(f"{words} · Merged into {payload['other']}, where it goes on", "")
        case "unmerged":
            other = payload["other"]
            return _said(f"🔗 {other}와 합친 것을 되돌렸어요 · No longer part of {other}", "")
        case "rejoined":
            other = payload["other"]
            return _said(f"🔗 {other}로 다시 합쳐졌어요 · Part of {other} again", "")
        case "reopened":
            words = "고객이 해결되지 않았다고 했어요 · The customer says it is not solved"
            return _said(words, "", called=mentions(payload))
        case "cancelled":
            return _said("고객이 상담을 취소했어요 · The customer cancelled the request", "")
        case "told":
            title = f"새 문서로 고객에게 답했어요 · A new article was sent: {payload['article']}"
            return _said(f"📄 {title}", "")
        case "told_solved":
            return _said("고객이 새 문서로 해결됐다고 했어요 · The customer says it helped", "")
        case "told_unsolved":
            return _said("새 문서는 답이 아니래요 · The new article did not help", "")
        case other:
            raise ValueError(f"a thread has no line for {other}")


def sender(payload: Mapping[str, Any], *, customer: str) -> str:
    """What stands over a file of a ``slack.file`` job, escaped: whose it is."""
    if not payload.get("agent"):
        return escape(clip(f"{CUSTOMER} · {customer}", 200))
    title = "내부 메모 Internal note" if payload.get("internal") else "상담원 Agent"
    return escape(clip(f"{title} · {payload['agent']}", 200))


def _said(title: str, text: str, *, called: str = "") -> tuple[str, list[Block]]:
    blocks: list[Block] = [{"type": "context", "elements": [plain(clip(title, 200))]}]
    if called:
        said = {"type": "mrkdwn", "text": called, "verbatim": True}
        blocks[0]["elements"].append(said)
    if text:
        blocks += [{"type": "section", "text": escaped(piece)} for piece in pieces(text, SECTION)]
    words = escape(clip(f"{title}: {text}" if text else title, 300))
    return f"{called} {words}".lstrip(), blocks
