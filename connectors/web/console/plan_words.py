"""What the console says about who has a ticket, how urgent it is and when to look at it."""

from __future__ import annotations

WORDS: dict[str, tuple[str, str]] = {
    "plan": ("관리", "Manage"),
    "plan.priority": ("우선순위", "Priority"),
    "plan.snooze": ("미루기", "Snooze"),
    "plan.snooze.exact": ("또는 정한 시각", "Or an exact time"),
    "plan.snooze.say": (
        "고객이 글을 쓰면 바로 돌아와요.",
        "It comes back at once when the customer writes.",
    ),
    "plan.assign": ("배정", "Assign"),
    "plan.choose": ("상담원 고르기", "Choose an agent"),
    "plan.release": ("대기열로 돌려놓기", "Back to the queue"),
    "plan.release.say": (
        "다른 상담원이 맡을 수 있고, 고객에게도 알려요.",
        "Anybody can take it then, and the customer is told.",
    ),
    "plan.set": ("바꾸기", "Set"),
    "plan.nobody": ("다른 상담원이 없어요.", "There is no other agent."),
    "wake": ("지금 보기", "Look now"),
    "reopen": ("다시 열기", "Reopen"),
    "priority.urgent": ("긴급", "Urgent"),
    "priority.high": ("높음", "High"),
    "priority.normal": ("보통", "Normal"),
    "priority.low": ("낮음", "Low"),
    "snoozed.until": ("미룸 · {time}까지", "Snoozed until {time}"),
    "said.assigned": ("{name} 님에게 배정했어요.", "Assigned to {name}."),
    "said.released": ("대기열로 돌려놓았어요.", "It is back in the queue."),
    "said.priority": ("우선순위를 바꿨어요.", "The priority is changed."),
    "said.snoozed": ("미뤄 두었어요.", "Snoozed."),
    "said.woken": ("지금 보는 문의로 되돌렸어요.", "It is back among those to look at now."),
    "said.reopened": (
        "다시 열었어요. 고객에게 알렸어요.",
        "Reopened. The customer was told.",
    ),
    "error.snooze": (
        "지금부터 60일 안의 시각을 골라 주세요.",
        "Choose a time within 60 days from now.",
    ),
}
