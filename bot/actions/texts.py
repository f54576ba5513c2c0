"""Every sentence the bot says itself, in both languages."""

from __future__ import annotations

from typing import Literal

Locale = Literal["ko", "en"]

TEXTS: dict[str, dict[Locale, str]] = {
    "clarify": {
        "ko": "혹시 이런 내용을 찾으시나요?",
        "en": "Are you looking for one of these?",
    },
    "clarify_one": {
        "ko": "혹시 이 내용을 찾으시나요?",
        "en": "Is this what you are looking for?",
    },
    "no_number": {
        "ko": "그 번호의 내용은 없어요. 이 중에서 골라 주세요.",
        "en": "There is no such number. Please choose one of these.",
    },
    "which": {
        "ko": "네, 어느 내용인지 골라 주세요.",
        "en": "All right, which one is it?",
    },
    "unknown": {
        "ko": "죄송해요, 그 질문에 정확히 답해 드릴 내용을 찾지 못했어요. "
        "조금 다르게 적어 주시면 다시 찾아볼게요. 상담원에게 바로 연결해 드릴 수도 있어요.",
        "en": "Sorry, I couldn't find a reliable answer to that. "
        "Try putting it another way, or I can connect you to a person.",
    },
    "unknown_sorry": {
        "ko": "불편을 드려 정말 죄송해요. 도움말에는 알맞은 답이 없어서, "
        "상담원이 직접 확인해 드리는 것이 좋겠어요. 바로 연결해 드릴까요?",
        "en": "I'm really sorry about that. Our help pages have no good answer, "
        "so a person should look into it. Shall I connect you right away?",
    },
    "unknown_again": {
        "ko": "이번에도 알맞은 답을 찾지 못했어요, 죄송해요. 상담원에게 바로 연결해 드릴까요?",
        "en": "Sorry, I couldn't find an answer to that either. Shall I connect you to a person?",
    },
    "unknown_still": {
        "ko": "제가 답을 찾기 어려운 내용인 것 같아요. ‘상담원 연결’을 눌러 주시면 "
        "지금까지 적어 주신 내용을 그대로 전해 드릴게요.",
        "en": "This seems to be something I can't find an answer to. Press “Talk to a person” "
        "and I'll pass on everything you have written.",
    },
    "sorry_again": {
        "ko": "거듭 불편을 드려 정말 죄송해요. 제가 더 도와드리기 어려우니 "
        "상담원에게 바로 연결해 드릴까요?",
        "en": "I'm truly sorry. I don't think I can put this right myself. "
        "Shall I connect you to a person right away?",
    },
    "another": {
        "ko": "그럼 이 내용은 어떠세요?",
        "en": "Then maybe this helps:",
    },
    "another_choice": {
        "ko": "제가 잘못 이해했네요. 혹시 이 중에 있을까요?",
        "en": "Sorry, I got that wrong. Is it one of these?",
    },
    "another_choice_one": {
        "ko": "제가 잘못 이해했네요. 혹시 이 내용일까요?",
        "en": "Sorry, I got that wrong. Is it this one?",
    },
    "told_before": {
        "ko": "방금 안내해 드린 내용이에요. 찾으시는 내용이 없으면 상담원에게 물어봐 주세요.",
        "en": "This is what I just showed you. If it isn't what you need, please ask a person.",
    },
    "the_point": {
        "ko": "더 필요한 내용이 있으면 상담원에게 물어봐 주세요.",
        "en": "If you need more than that, please ask a person.",
    },
    "noted": {
        "ko": "알려 주셔서 감사해요. 그 점은 도움말에 더 나와 있지 않아서, "
        "상담원이 확인해 드리는 것이 좋겠어요. 연결해 드릴까요?",
        "en": "Thanks for telling me. Our help pages say no more about that, "
        "so a person should look into it. Shall I connect you?",
    },
    "tried": {
        "ko": "안내해 드린 방법으로 해결되지 않았군요, 죄송해요. "
        "상담원이 직접 확인해 드릴 수 있어요. 연결해 드릴까요?",
        "en": "I'm sorry that didn't solve it. A person can look into it. Shall I connect you?",
    },
    "nothing_else": {
        "ko": "죄송해요, 더 알맞은 답을 찾지 못했어요. 상담원에게 연결해 드릴까요?",
        "en": "Sorry, I couldn't find a better answer. Shall I connect you to a person?",
    },
    "say_it_again": {
        "ko": "제가 잘못 이해했나 봐요. 어떤 점이 궁금하신지 조금 더 자세히 알려 주세요.",
        "en": "Sorry, I may have misunderstood. "
        "Could you tell me a little more about what you need?",
    },
    # To one word of the other language, which may be the only one that somebody speaks.
    "in_english_too": {
        "ko": "한국어로 쓰셔도 돼요.",
        "en": "You can write to me in English, too.",
    },
    "listening": {
        "ko": "네, 더 궁금한 점이 있으면 편하게 말씀해 주세요.",
        "en": "Okay. Let me know if there is anything you would like to ask.",
    },
    "go_on": {
        "ko": "네, 어떤 점이 궁금하신가요?",
        "en": "All right. What would you like to know?",
    },
    "glad": {
        "ko": "다행이에요! 더 궁금한 점이 있으면 언제든 물어보세요.",
        "en": "Glad to hear it! Ask me any time if there is anything else.",
    },
    "unsure": {
        "ko": "괜찮아요. 어떤 일인지 편한 말로 적어 주시면 다시 찾아볼게요. "
        "상담원에게 물어보셔도 돼요.",
        "en": "That's fine. Tell me in your own words what it is about and I'll look again, "
        "or talk to a person.",
    },
    "urgent": {
        "ko": "급하시군요. 어떤 일인지 적어 주시면 바로 찾아볼게요. "
        "상담원에게 연결해 드릴 수도 있어요.",
        "en": "Tell me what it is about and I'll look it up right away, "
        "or I can connect you to a person.",
    },
    "upset": {
        "ko": "속상하게 해 드려 죄송해요. 더 궁금한 점이 있으면 말씀해 주세요. "
        "상담원과 이야기하셔도 돼요.",
        "en": "I'm sorry about that. Tell me if there is anything else I can look up, "
        "or talk to a person.",
    },
    "sure": {
        "ko": "네, 도움말에 나와 있는 내용이에요. "
        "한 번 더 확인하고 싶으시면 ‘상담원 연결’이라고 적어 주세요.",
        "en": "Yes, that is what our help pages say. "
        "Write “talk to a person” if you would like somebody to check it.",
    },
    "serious": {
        "ko": "이렇게까지 불편을 드려 정말 죄송해요. "
        "이 일은 상담원이 직접 듣고 확인해 드려야 해요. 지금 바로 연결해 드릴까요?",
        "en": "I'm really sorry that it has come to this. A person should hear about this and "
        "look into it. Shall I connect you right away?",
    },
    "known_by": {
        "ko": "알려 주셔서 감사해요. 저는 주문이나 회원 정보를 볼 수 없어서, "
        "상담원이 직접 확인해 드려야 해요. 상담원에게 연결해 드릴까요?",
        "en": "Thank you. I can't look into orders or accounts myself, but a person can. "
        "Shall I connect you?",
    },
    "more": {
        "ko": "‘{title}’ 도움말에 자세히 나와 있어요. 더 궁금한 점은 상담원에게 물어보셔도 돼요.",
        "en": "The article “{title}” has all the details. You can also ask a person.",
    },
    "hand_off_customer_asked": {
        "ko": "네, 상담원에게 연결해 드릴게요.",
        "en": "Of course, I'll connect you to a person.",
    },
    "hand_off_rejected_twice": {
        "ko": "원하시는 답을 드리지 못해 죄송해요. 상담원에게 바로 연결해 드릴게요.",
        "en": "I'm sorry I couldn't help with this. I'll connect you to a person right away.",
    },
    "article_gone": {
        "ko": "죄송해요, 그 내용은 지금 볼 수 없어요. "
        "궁금한 점을 다시 적어 주시거나 상담원에게 물어봐 주세요.",
        "en": "Sorry, that page is not available any more. "
        "Ask me again in other words, or talk to a person.",
    },
    "ticket_none": {
        "ko": "아직 접수된 문의가 없어요. 궁금한 점을 알려 주시거나 상담원에게 문의를 남겨 주세요.",
        "en": "You have no request with our team yet. "
        "Ask me your question, or leave it with a person.",
    },
    "ticket_open": {
        "ko": "접수번호 {code} 문의는 {when}에 접수되어 상담원을 기다리고 있어요. "
        "답변은 이 대화창으로 보내 드려요.",
        "en": "Your request {code} from {when} is waiting for an agent. "
        "The answer will appear in this chat.",
    },
    "ticket_claimed": {
        "ko": "접수번호 {code} 문의는 {assignee} 상담원이 확인하고 있어요. "
        "답변은 이 대화창으로 보내 드려요.",
        "en": "{assignee} is working on your request {code}. The answer will appear in this chat.",
    },
    "ticket_claimed_unnamed": {
        "ko": "접수번호 {code} 문의는 상담원이 확인하고 있어요. 답변은 이 대화창으로 보내 드려요.",
        "en": "An agent is working on your request {code}. The answer will appear in this chat.",
    },
    "ticket_resolved": {
        "ko": "접수번호 {code} 문의는 처리가 끝났어요. "
        "아직 해결되지 않은 점이 있으면 상담원에게 다시 연결해 드릴게요.",
        "en": "Your request {code} has been resolved. "
        "If anything is still open, I can connect you to a person again.",
    },
}
