"""What the console says of customers who rated badly and are to be made good to."""

from __future__ import annotations

WORDS: dict[str, tuple[str, str]] = {
    "nav.recovery": ("챙길 고객", "Follow-ups"),
    "nav.recovery.count": ("챙길 고객 {n}명", "{n} to follow up"),
    "recovery": ("챙길 고객", "Follow-ups"),
    "recovery.lead": (
        "낮게 평가한 고객이에요. 기한 안에 연락하고, 어떻게 했는지 적어 주세요.",
        "Customers who rated low. Get in touch before the task is due, and say what was done.",
    ),
    "recovery.open": ("할 일", "To do"),
    "recovery.done": ("끝난 일", "Done"),
    "recovery.empty": ("챙길 고객이 없어요", "Nobody to follow up"),
    "recovery.empty.say": (
        "1점이나 2점을 받으면 여기에 담당자와 기한이 있는 할 일이 생겨요.",
        "A rating of 1 or 2 becomes a task here, with an owner and a time by which it is due.",
    ),
    "recovery.empty.done": ("아직 끝난 일이 없어요", "Nothing is done yet"),
    "recovery.due": ("{time} 남음", "due in {time}"),
    "recovery.overdue": ("기한이 {time} 지남", "overdue by {time}"),
    "recovery.owner": ("담당", "Owner"),
    "recovery.nobody": ("담당자 없음", "Nobody"),
    "recovery.finish": ("끝냈어요", "Done"),
    "recovery.outcome": ("어떻게 했나요?", "What was done?"),
    "recovery.outcome.hint": (
        "예: 전화로 사과하고 배송비를 돌려드림",
        "For example: called, apologised, refunded the delivery fee",
    ),
    "recovery.by": ("{name} · {at}", "{name} · {at}"),
    "recovery.changed": (
        "고객이 평가를 높여 저절로 끝났어요.",
        "The customer rated better; nothing was left to do.",
    ),
    "recovery.said.done": ("끝낸 일로 적었어요.", "Noted as done."),
    "recovery.said.given": ("담당을 바꿨어요.", "The owner is changed."),
    "record.outcome": ("어떻게 했나요", "What was done"),
}
