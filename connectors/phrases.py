"""What the desk itself writes into a conversation, in its language."""

from __future__ import annotations

import re

from connectors.telegram import words as telegram_words

PHRASES: dict[str, dict[str, str]] = {
    "queued": {
        "ko": "상담원에게 전달했어요 · 접수번호 {code}\n"
        "답변이 오면 바로 이 대화창에 보여 드릴게요.",
        "en": "We've passed this to our team · Ticket {code}\n"
        "Their answer will appear right here in this chat.",
    },
    "queued_fetched": {
        "ko": "상담원에게 전달했어요 · 접수번호 {code}\n"
        "답변은 다음 메시지를 보내시거나 ‘답변 확인’을 누르시면 보여 드려요.",
        "en": "We've passed this to our team · Ticket {code}\n"
        "You will see their answer when you write again or press “Check answers”.",
    },
    "tell_more": {
        "ko": "어떤 일인지 미리 적어 주시면 더 빨리 도와드릴 수 있어요.",
        "en": "If you tell us now what it is about, we can help you sooner.",
    },
    "queued_already": {
        "ko": "이미 상담원에게 전달되어 있어요 · 접수번호 {code}\n순서대로 답변드리고 있어요.",
        "en": "Our team already has your request · Ticket {code}\nWe answer in order of arrival.",
    },
    # To somebody who asks how far it is. See connectors/waits.py.
    "place_first": {
        "ko": "아직 상담원을 기다리고 있어요 · 접수번호 {code}\n지금 맨 앞에서 기다리고 계세요.",
        "en": "You are still waiting for an agent · Ticket {code}\n"
        "You are at the front of the queue.",
    },
    "place_behind": {
        "ko": "아직 상담원을 기다리고 있어요 · 접수번호 {code}\n"
        "먼저 기다리고 있는 문의가 {ahead}건 있어요.",
        "en": "You are still waiting for an agent · Ticket {code}\n"
        "Requests that have waited longer: {ahead}.",
    },
    "place_closed": {
        "ko": "지금은 상담 시간이 아니에요 · 접수번호 {code}\n{time} 이후에 답변드려요.",
        "en": "We are closed right now · Ticket {code}\nWe will answer after {time}.",
    },
    "cancel": {"ko": "상담 취소", "en": "Cancel my request"},
    "leaves": {
        "ko": "답변이 더 필요 없으시면 아래 버튼을 눌러 주세요 · 접수번호 {code}",
        "en": "If you no longer need an answer, press the button below · Ticket {code}",
    },
    "cancelled": {
        "ko": "상담을 취소했어요 · 접수번호 {code}\n다시 필요하시면 언제든 말씀해 주세요.",
        "en": "Your request is cancelled · Ticket {code}\nWrite to us any time you need us again.",
    },
    # Outside business hours. See connectors/desk/queue.py.
    "queued_closed": {
        "ko": "상담원에게 전달했어요 · 접수번호 {code}\n"
        "지금은 상담 시간이 아니에요. {time} 이후에 이 대화창에서 답변드려요.\n"
        "그동안 궁금한 점은 저에게 물어보셔도 돼요.",
        "en": "We've passed this to our team · Ticket {code}\n"
        "We are closed right now. We will answer right here after {time}.\n"
        "Meanwhile you can still ask me.",
    },
    "queued_someday": {
        "ko": "상담원에게 전달했어요 · 접수번호 {code}\n"
        "지금은 상담 시간이 아니고, 다음 상담 시간은 아직 정해지지 않았어요.",
        "en": "We've passed this to our team · Ticket {code}\n"
        "We are closed right now, and our next hours are not set yet.",
    },
    "closed_now": {
        "ko": "오늘 상담 시간이 끝났어요. 기다리게 해서 죄송해요.\n"
        "{time} 이후에 이 대화창에서 이어서 답변드려요 · 접수번호 {code}",
        "en": "We have closed for now. Sorry to keep you waiting.\n"
        "We will continue right here after {time} · Ticket {code}",
    },
    "contact_ask": {
        "ko": "이 창을 닫아도 답변을 전할 수 있게 이메일이나 휴대폰 번호를 남겨 주셔도 좋아요.",
        "en": "If you like, leave an email address or a phone number, "
        "so that we can reach you when this window is closed.",
    },
    "contact_kept": {
        "ko": "연락처를 남겨 주셔서 감사해요. 이번 문의에 답할 때만 사용할게요.",
        "en": "Thank you for your contact details. We use them only to answer this request.",
    },
    "still_waiting": {
        "ko": "기다리게 해서 죄송해요. 아직 상담원이 연결되지 않아 팀 리더에게 알렸어요.\n"
        "답변이 오면 이 대화창에 보여 드릴게요 · 접수번호 {code}",
        "en": "Sorry to keep you waiting. Nobody was free yet, so we have told a team lead.\n"
        "The answer will appear right here · Ticket {code}",
    },
    "looking_again": {
        "ko": "{agent} 상담원의 답변이 늦어져 다른 상담원을 찾고 있어요. 기다리게 해서 죄송해요.\n"
        "답변이 오면 이 대화창에 보여 드릴게요 · 접수번호 {code}",
        "en": "{agent} could not answer in time, so we are looking for a colleague. "
        "Sorry to keep you waiting.\nThe answer will appear right here · Ticket {code}",
    },
    "handed_back": {
        "ko": "{agent} 상담원이 더는 담당하지 않게 되어 다른 상담원을 찾고 있어요.\n"
        "답변이 오면 이 대화창에 보여 드릴게요 · 접수번호 {code}",
        "en": "{agent} is no longer looking after this, so we are finding you a colleague.\n"
        "The answer will appear right here · Ticket {code}",
    },
    "with_agent": {
        "ko": "{agent} 상담원과 대화 중이에요 · 접수번호 {code}",
        "en": "You are talking with {agent} · Ticket {code}",
    },
    "claimed": {
        "ko": "{agent} 상담원이 연결되었어요.",
        "en": "{agent} has joined the conversation.",
    },
    "bot_unavailable": {
        "ko": "죄송해요, 지금 자동 답변이 원활하지 않아요. 상담원에게 바로 연결해 드릴게요.",
        "en": "Sorry, our assistant cannot answer right now. We are connecting you to a person.",
    },
    "resolved": {
        "ko": "상담이 종료되었어요. 오늘 상담은 어떠셨나요?",
        "en": "This conversation has been resolved. How was our service?",
    },
    # Nobody had it, and nobody wrote.
    "resolved_unanswered": {
        "ko": "상담이 종료되었어요. 아직 도움이 필요하시면 ‘해결되지 않았어요’를 눌러 주세요.\n"
        "지금까지의 안내는 어떠셨나요?",
        "en": "This conversation has been closed. If you still need help, press "
        "“It is not solved”.\nHow have we done so far?",
    },
    "resolved_only": {
        "ko": "상담이 종료되었어요. 더 궁금한 점이 있으면 언제든 말씀해 주세요.",
        "en": "This conversation has been resolved. Write to us again at any time.",
    },
    "ask_bot": {
        "ko": "답변이 어떠셨나요? 한 번만 눌러 알려 주시면 더 나아질게요.",
        "en": "How was the answer? One tap helps us do better.",
    },
    "low_bot": {
        "ko": "답변이 아쉬우셨군요. 원하시면 상담원에게 연결해 드릴게요.",
        "en": "Sorry that did not help. A person can take over, if you like.",
    },
    "ask_nps": {
        "ko": "저희를 친구나 동료에게 얼마나 추천하고 싶으세요?\n"
        "0(전혀 아니에요)부터 10(꼭 추천해요)까지 숫자로 알려 주세요.",
        "en": "How likely are you to recommend us to a friend or colleague?\n"
        "Please answer with a number from 0 (not at all) to 10 (extremely likely).",
    },
    "no_surveys": {"ko": "설문 그만 받기", "en": "No more surveys"},
    "no_surveys_done": {
        "ko": "알겠어요. 앞으로 설문을 보내지 않을게요.",
        "en": "Understood. We will not send you surveys any more.",
    },
    "now_answered": {
        "ko": "기다려 주셔서 감사해요. 문의하신 내용의 도움말이 새로 올라왔어요.",
        "en": "Thank you for waiting. There is an article now that answers your question.",
    },
    "helped": {"ko": "도움이 됐어요", "en": "That helped"},
    "helped_not": {"ko": "아니에요", "en": "Not really"},
    "not_helpful_again": {
        "ko": "어떤 점이 궁금하신지 조금 더 적어 주시면 다시 찾아볼게요. "
        "상담원에게 연결해 드릴 수도 있어요.",
        "en": "Tell me a little more about what you would like to know and I'll look again, "
        "or I can connect you to a person.",
    },
    "told_unsolved": {
        "ko": "알려 주셔서 감사해요. 상담원이 이어서 답해 드릴게요 · 접수번호 {code}",
        "en": "Thank you for telling us. A person will still answer you · Ticket {code}",
    },
    "not_solved": {"ko": "해결되지 않았어요", "en": "It is not solved"},
    "rated": {
        "ko": "평가해 주셔서 감사합니다. 더 나은 상담을 위해 소중히 살펴볼게요.",
        "en": "Thank you for your rating. It helps us do better.",
    },
    "comment_how": {
        "ko": "하고 싶은 말씀이 있으면 ‘의견:’ 뒤에 적어 주세요.",
        "en": "If you would like to say more, write it after “comment:”.",
    },
    "commented": {
        "ko": "의견 고맙습니다. 담당자에게 전했어요.",
        "en": "Thank you for your comment. We have passed it on.",
    },
    "recovered": {"ko": "낮은 평가 뒤에 한 일: {outcome}", "en": "After the low rating: {outcome}"},
    "rated_anew": {
        "ko": "평가를 {before}점에서 {score}점으로 바꿨어요. 감사합니다.",
        "en": "We have changed your rating from {before} to {score}. Thank you.",
    },
    "reopened": {
        "ko": "아직 해결되지 않으셨군요. 상담을 다시 열었어요 · 접수번호 {code}\n"
        "상담원이 이어서 도와드릴게요.",
        "en": "Sorry it is not solved yet. We have reopened it · Ticket {code}\n"
        "Our team will continue from here.",
    },
    "opened_by": {
        "ko": "{agent} 상담원이 새 상담을 열었어요 · 접수번호 {code}",
        "en": "{agent} has opened a new conversation with you · Ticket {code}",
    },
    "reopened_by": {
        "ko": "{agent} 상담원이 상담을 다시 열었어요 · 접수번호 {code}",
        "en": "{agent} has reopened the conversation · Ticket {code}",
    },
    "deleted": {
        "ko": "상담원이 삭제한 메시지예요",
        "en": "This message was deleted by the agent",
    },
    "correction": {"ko": "정정: {text}", "en": "Correction: {text}"},
    "link_linked": {
        "ko": "연결했어요. 이제 어디에서 말씀하셔도 하나의 상담으로 이어져요.",
        "en": "Connected. Wherever you write from now on, it is one conversation.",
    },
    "link_same": {
        "ko": "이미 연결되어 있어요. 이어서 말씀해 주세요.",
        "en": "This is connected already. Just go on.",
    },
    "link_unknown": {
        "ko": "맞지 않는 코드예요. 먼저 쓰던 곳에서 새 코드를 받아 주세요.",
        "en": "This code is not right. Please get a new one where you wrote before.",
    },
    "link_expired": {
        "ko": "유효 시간이 지난 코드예요. 먼저 쓰던 곳에서 새 코드를 받아 주세요.",
        "en": "This code has expired. Please get a new one where you wrote before.",
    },
    "link_used": {
        "ko": "이미 사용한 코드예요. 먼저 쓰던 곳에서 새 코드를 받아 주세요.",
        "en": "This code was used already. Please get a new one where you wrote before.",
    },
    "link_too_many": {
        "ko": "코드를 너무 여러 번 틀렸어요. 한 시간 뒤에 다시 해 주세요.",
        "en": "There were too many wrong codes. Please try again in an hour.",
    },
    "link_other_customer": {
        "ko": "다른 회원의 코드라서 연결하지 않았어요.",
        "en": "This code belongs to another customer, so nothing was connected.",
    },
    # Of codes by mail. The answer is the same for every address.
    "mail_asked": {
        "ko": "회원 정보에 있는 이메일이라면 방금 코드를 보냈어요. 10분 안에 이렇게 보내 주세요: "
        "이어하기 코드",
        "en": "If a customer of ours has this address, we have just mailed a code to it. "
        "Send it here within ten minutes, like this: continue CODE",
    },
    "mail_too_many": {
        "ko": "코드를 너무 여러 번 요청했어요. 한 시간 뒤에 다시 해 주세요.",
        "en": "You have asked for too many codes. Please try again in an hour.",
    },
    "mail_code_subject": {
        "ko": "상담 이어하기 코드",
        "en": "Your code to continue the conversation",
    },
    "mail_code_body": {
        "ko": "상담을 이어서 하려면 이 코드를 상담 창에 적어 주세요.\n\n    {code}\n\n"
        "10분 동안 한 번만 쓸 수 있어요. 새 코드를 받으면 이 코드는 쓸 수 없어요.\n\n"
        "요청한 적이 없다면 이 메일은 무시해 주세요. 코드를 누구에게도 알려 주지 마세요. "
        "상담원도 이 코드를 묻지 않아요.\n",
        "en": "To go on with your conversation, give this code in the chat.\n\n    {code}\n\n"
        "It works once, for ten minutes, and no more when you get a newer one.\n\n"
        "If you did not ask for it, ignore this mail. Give the code to nobody: "
        "our team never asks for it.\n",
    },
    # Where customers fetch what is said to them. See connectors/kakao.
    "looking": {
        "ko": "확인하고 있어요. 잠시만 기다려 주세요.",
        "en": "We are looking into it. One moment, please.",
    },
    "slow": {
        "ko": "확인 중이에요. 조금 뒤 ‘답변 확인’을 눌러 주시면 답변을 보여 드릴게요.",
        "en": "We are still looking into it. Press “Check answers” in a moment to see it.",
    },
    "nothing_new": {
        "ko": "아직 새 답변이 없어요. 조금 뒤 ‘답변 확인’을 눌러 주세요.",
        "en": "There is no new answer yet. Press “Check answers” in a while.",
    },
    "with_person": {
        "ko": "상담원에게 전달했어요. 답변은 다음 메시지를 보내시거나 ‘답변 확인’을 누르시면 "
        "보여 드려요.",
        "en": "Passed on to our team. You will see their answer when you write again or press "
        "“Check answers”.",
    },
    "go_on_there": {
        "ko": "웹에서 같은 대화를 이어갈 수 있어요. 답변이 오면 바로 보여요. (10분 동안 유효)",
        "en": "Go on with this conversation on the web, where answers appear at once. "
        "(Valid for 10 minutes)",
    },
    "go_on": {"ko": "웹에서 이어가기", "en": "Go on the web"},
    "check": {"ko": "답변 확인", "en": "Check answers"},
    "show_more": {"ko": "이어서 보기", "en": "Show more"},
    "read_more": {"ko": "더 보기", "en": "Read more"},
    "file_on_web": {
        "ko": "파일: {name} (웹에서 열 수 있어요)",
        "en": "File: {name} (open it on the web)",
    },
    "human": {"ko": "상담원 연결", "en": "Talk to a person"},
    "file_to_bot": {
        "ko": "파일은 잘 받았어요. 저는 파일 안을 볼 수 없지만, 상담원은 볼 수 있어요.\n"
        "상담원을 불러 드릴까요?",
        "en": "We have your file. I cannot look into files myself, but a person can.\n"
        "Shall I call one?",
    },
    "score_5": {"ko": "5 · 매우 만족", "en": "5 · Very good"},
    "score_4": {"ko": "4 · 만족", "en": "4 · Good"},
    "score_3": {"ko": "3 · 보통", "en": "3 · Okay"},
    "score_2": {"ko": "2 · 불만족", "en": "2 · Poor"},
    "score_1": {"ko": "1 · 매우 불만족", "en": "1 · Very poor"},
    **telegram_words.PHRASES,
}

# An address says nothing of the language of who gives it.
_ADDRESS = re.compile(r"\S+@\S+|(?:https?://|www\.)\S+", re.IGNORECASE)
_LATIN_WORD = re.compile(r"[A-Za-z]{2,}")
# "how r u", but neither "A/S" nor "XL L".
_BESIDE_A_LETTER = re.compile(
    r"\b(?:[A-Za-z]\s+[A-Za-z]?[a-z]{2,}|[A-Za-z]?[a-z]{2,}\s+[A-Za-z])\b"
)
_HANGUL = re.compile(r"[\uac00-\ud7a3\u1100-\u11ff\u3130-\u318f]")


def say(key: str, locale: str, **values: str) -> str:
    """A phrase in ``locale`` (``ko`` or ``en``), with its values filled in."""
    text = PHRASES[key][locale]
    for name, value in values.items():
        text = text.replace("{" + name + "}", value)
    return text


def language(text: str, default: str) -> str:
    """``ko`` where there is Hangul, ``en`` for two or more Latin words, of which one may be a
    letter, else ``default``."""
    if _HANGUL.search(text):
        return "ko"
    said = _ADDRESS.sub(" ", text)
    is_english = len(_LATIN_WORD.findall(said)) >= 2 or _BESIDE_A_LETTER.search(said)
    return "en" if is_english else default
