"""What the console says when somebody or something was first, for each reason of a conflict."""

from __future__ import annotations

WORDS: dict[str, tuple[str, str]] = {
    "conflict.claimed": (
        "{winner} 님이 먼저 맡은 문의예요.",
        "{winner} has claimed this ticket already.",
    ),
    "conflict.resolved": (
        "이미 해결된 문의예요. 먼저 다시 열어 주세요.",
        "This ticket is resolved. Reopen it first.",
    ),
    "conflict.another_open": (
        "이 고객의 다른 문의가 열려 있어요. 거기에 답해 주세요.",
        "This customer has another open ticket. Please answer there.",
    ),
    "conflict.name_taken": (
        "이미 있는 이름이에요: {winner}. 다른 이름을 적어 주세요.",
        "There is one called {winner} already. Choose another name.",
    ),
    "conflict.done": (
        "{winner} 님이 이미 끝낸 일이에요.",
        "{winner} has done this already.",
    ),
    "conflict.settled": (
        "{winner} 님이 이미 해결한 클레임이에요.",
        "{winner} has settled this claim already.",
    ),
    "conflict.deleted": ("이미 지운 글이에요.", "It was deleted."),
    "conflict.one_person": (
        "이미 한 사람으로 연결된 고객이에요.",
        "These two are linked as one person already.",
    ),
    "conflict.undone": ("이미 해제한 연결이에요.", "This link was undone already."),
    "conflict.busy": (
        "이미 진행 중이거나 끝난 가져오기예요.",
        "This import is being worked on, or is over.",
    ),
}
