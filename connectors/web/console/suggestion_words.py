"""What the console says about questions to add to articles."""

from __future__ import annotations

WORDS: dict[str, tuple[str, str]] = {
    "shelf.suggestions": ("더할 질문", "Suggestions"),
    "suggestions.lead": (
        "챗봇이 되물어서 고객이 직접 문서를 고른 질문이에요. "
        "문서의 질문에 더하면 다음부터는 되묻지 않고 바로 답해요.",
        "The bot asked which article is meant, and the customer chose this one. "
        "With these among its questions, the bot answers at once next time.",
    ),
    "suggestions.customers": ("고객 {n}명", "{n} customers"),
    "suggestions.customers.one": ("고객 {n}명", "{n} customer"),
    "suggestions.leave": ("빼기", "Leave out"),
    "suggestions.leave.say": (
        "이 문서가 답하지 않는 질문이면 빼세요. 다시 추천하지 않아요.",
        "If the article does not answer it. It is not suggested again.",
    ),
    "suggestions.publish": ("질문에 더하고 게시", "Add and publish"),
    "suggestions.save": ("초안에 더하고 열기", "Add to the draft and open"),
    "suggestions.changed": (
        "게시하지 않은 수정이 있는 문서예요. 더한 질문은 그 수정과 함께 게시하세요.",
        "There are changes that are not published. Publish the questions together with them.",
    ),
    "suggestions.looking": (
        "게시한 문서로 이미 답하는 질문을 가려내고 있어요.",
        "Leaving out what is answered by now.",
    ),
    "suggestions.again": ("다시 보기", "Look again"),
    "suggestions.empty": ("더할 질문이 없어요", "Nothing to add"),
    "suggestions.empty.say": (
        "고객이 되물음에서 문서를 고르면 그 질문이 여기 모여요. 최근 90일을 봐요.",
        "When customers choose an article, their questions gather here. Of the last 90 days.",
    ),
    "said.suggestions_published": ("더하고 게시했어요.", "Added and published."),
    "said.suggestions_added": ("초안에 더했어요.", "Added to the draft."),
    "said.left_out": ("다시 추천하지 않아요.", "It is not suggested again."),
}
