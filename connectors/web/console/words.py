"""Everything the console says, in Korean and English, in one place."""

from __future__ import annotations

import re

from connectors.web.console import (
    access_words,
    account_words,
    agent_words,
    article_words,
    composer_words,
    conflict_words,
    customer_import_words,
    dead_words,
    desk_words,
    erasure_words,
    figure_words,
    first_step_words,
    gap_words,
    helped_words,
    link_words,
    plan_words,
    record_form_words,
    record_words,
    recovery_words,
    retention_words,
    service_words,
    suggestion_words,
    survey_words,
)

LANGUAGES = ("ko", "en")

# key: (Korean, English)
WORDS: dict[str, tuple[str, str]] = {
    "app": ("상담", "Sangdam"),
    "skip": ("본문으로 건너뛰기", "Skip to content"),
    "nav": ("주 메뉴", "Main menu"),
    "nav.tickets": ("문의", "Tickets"),
    "nav.customers": ("고객", "Customers"),
    "nav.articles": ("도움말 문서", "Articles"),
    "nav.more": ("더 보기", "More"),
    "nav.help": ("도움말 센터", "Help centre"),
    "nav.waiting": ("{n}건 기다리는 중", "{n} waiting"),
    "language": ("언어", "Language"),
    "sign_out": ("로그아웃", "Sign out"),
    "account": ("내 계정", "My account"),
    "slack.account": ("내 Slack 계정", "My Slack account"),
    "slack.linked": ("{user} 계정과 연결됨, {since}부터", "Linked to {user} since {since}"),
    "slack.none": ("연결된 Slack 계정이 없어요.", "No Slack account is linked."),
    "slack.make": ("연결 코드 만들기", "Make a code"),
    "slack.give": ("15분 안에 Slack에 입력해 주세요.", "Give it in Slack within 15 minutes."),
    "slack.replaces": (
        "다른 계정을 연결하면 지금 계정은 더 이상 답할 수 없어요.",
        "Linking another account takes the place of this one.",
    ),
    "role.agent": ("상담원", "Agent"),
    "role.lead": ("팀 리더", "Lead"),
    "role.admin": ("관리자", "Administrator"),
    "back": ("뒤로", "Back"),
    "close": ("닫기", "Close"),
    "cancel": ("취소", "Cancel"),
    "all": ("전체", "All"),
    "none": ("없음", "None"),
    "search": ("찾기", "Search"),
    "more": ("더 보기", "Show more"),
    "more.of": ("{total}건 중 {n}건", "{n} of {total}"),
    "more.shown": ("앞의 {n}건", "The first {n}"),
    "more.end": ("여기까지만 보여요.", "No more of them are shown."),
    # errors
    "error": ("처리하지 못했어요", "That did not work"),
    "error.home": ("문의 목록으로", "Go to the tickets"),
    "error.404": ("찾는 것이 없어요.", "There is no such thing here."),
    "error.403": (
        "이 작업은 관리자나 팀 리더만 할 수 있어요.",
        "Only administrators and leads can do this.",
    ),
    "error.503": (
        "데이터베이스에 연결할 수 없어요. 잠시 뒤에 다시 해 주세요.",
        "The database cannot be reached. Try again shortly.",
    ),
    "error.busy": (
        "다른 사람이 같은 것을 바꾸고 있어서 아무것도 하지 않았어요. 큰 가져오기는 몇 분 걸려요. "
        "잠시 뒤에 다시 해 주세요.",
        "Somebody else is changing the same thing, so nothing was done. A large import takes "
        "minutes. Try again shortly.",
    ),
    "error.422": ("입력한 내용을 다시 확인해 주세요.", "Please check what you entered."),
    "error.stale": (
        "화면이 오래되었어요. 새로고침한 뒤 다시 해 주세요.",
        "This page is out of date. Reload it and try again.",
    ),
    "error.signed_out": ("다시 로그인해 주세요.", "Please sign in again."),
    "error.offline": (
        "서버에 연결하지 못했어요. 쓰던 글은 그대로 있어요.",
        "The server cannot be reached. What you wrote is still here.",
    ),
    "error.text": ("1자에서 8,000자 사이로 써 주세요.", "Write 1 to 8,000 characters."),
    "error.revision": (
        "{author} 님이 먼저 저장했어요(개정 {revision}). 아무것도 덮어쓰지 않았어요. "
        "새 내용을 열어 수정할 부분을 옮겨 주세요.",
        "{author} saved first (revision {revision}). Nothing was overwritten. "
        "Open the new version and bring your changes over.",
    ),
    "error.revision.open": ("새 내용 보기", "See the new version"),
    "error.taken": ("이 아이디의 문서가 이미 있어요.", "There is an article with this id already."),
    "error.field": ("{field}: {reason}", "{field}: {reason}"),
    "field.empty": ("비어 있어요", "is empty"),
    "field.long": ("너무 길어요(최대 {limit}자)", "is too long (at most {limit})"),
    "field.many": ("너무 많아요(최대 {limit}개)", "has too many entries (at most {limit})"),
    "field.id": (
        "글자, 숫자와 - _ . 만 쓸 수 있어요",
        "use letters, digits and - _ . only",
    ),
    "field.bad": ("쓸 수 없는 글자가 있어요", "holds a character that cannot be stored"),
    # tickets
    "tickets": ("문의", "Tickets"),
    "view.waiting": ("기다리는 문의", "Waiting"),
    "view.mine": ("내 문의", "Mine"),
    "view.open": ("진행 중 전체", "All open"),
    "view.resolved": ("해결됨", "Resolved"),
    "inbox.waiting.empty": ("기다리는 고객이 없어요", "Nobody is waiting"),
    "inbox.waiting.empty.say": (
        "챗봇이 답하지 못한 문의가 생기면 바로 여기에 나타나요.",
        "When the bot cannot answer someone, they appear here at once.",
    ),
    "inbox.mine.empty": ("맡은 문의가 없어요", "You hold no tickets"),
    "inbox.mine.empty.say": (
        "‘기다리는 문의’에서 하나를 맡아 보세요.",
        "Claim one under “Waiting”.",
    ),
    "inbox.open.empty": ("진행 중인 문의가 없어요", "No open tickets"),
    "inbox.open.empty.say": (
        "고객의 문의를 모두 해결했어요.",
        "Every customer has been taken care of.",
    ),
    "inbox.resolved.empty": ("아직 해결한 문의가 없어요", "Nothing resolved yet"),
    "inbox.resolved.empty.say": (
        "해결한 문의와 고객의 평가가 여기에 모여요.",
        "Resolved tickets and their ratings will be collected here.",
    ),
    "inbox.answer": ("답변 필요", "Needs a reply"),
    "inbox.no_question": ("바로 상담원을 요청했어요", "Asked for a person right away"),
    "state.open": ("대기 중", "Waiting"),
    "state.claimed": ("상담 중", "In progress"),
    "state.resolved": ("해결됨", "Resolved"),
    "reopened": ("다시 열림", "Reopened"),
    "reason": ("연결된 이유", "Why a person"),
    "reason.customer_asked": ("고객이 상담원을 요청했어요", "The customer asked for a person"),
    "reason.rejected_twice": (
        "챗봇 답변이 두 번 도움이 되지 않았어요",
        "Two answers of the bot did not help",
    ),
    "reason.agent_opened": ("상담원이 열었어요", "An agent opened it"),
    "reason.bot_unavailable": ("챗봇이 응답하지 못했어요", "The bot could not answer"),
    "reason.unknown": ("챗봇이 답을 찾지 못했어요", "The bot found no answer"),
    "claim": ("내가 맡기", "Claim"),
    "claimed.by": ("{name} 님 담당", "Held by {name}"),
    "claimed.me": ("내가 담당", "Held by you"),
    "unclaimed": ("담당자 없음", "Nobody yet"),
    "resolve": ("해결하기", "Resolve"),
    "resolve.say": (
        "고객에게 상담 종료를 알리고 만족도를 물어요.",
        "The customer is told, and asked how it was.",
    ),
    "said.claimed": ("문의를 맡았어요.", "The ticket is yours."),
    "said.resolved": (
        "해결했어요. 고객에게 만족도를 물었어요.",
        "Resolved. The customer was asked how it was.",
    ),
    "said.sent": ("보냈어요.", "Sent."),
    "said.noted": ("메모를 남겼어요.", "Note kept."),
    "keys.send": ("Ctrl+Enter로 보내기", "Ctrl+Enter sends"),
    "typing": ("고객이 입력하고 있어요…", "The customer is typing…"),
    "writing": ("{name} 님이 답장을 쓰고 있어요.", "{name} is writing a reply."),
    "newer": ("새 메시지 보기", "See new messages"),
    "conversation": ("대화", "Conversation"),
    "conversation.cut": ("이전 대화 더 보기", "Show earlier messages"),
    "conversation.empty": ("아직 주고받은 말이 없어요.", "Nothing has been said yet."),
    "episode": ("새 대화", "New conversation"),
    "episode.answered": ("챗봇이 답변함", "Answered by the bot"),
    "episode.handed_off": ("상담원이 처리함", "Handled by a person"),
    "episode.abandoned": ("답 없이 끝남", "Ended without an answer"),
    "author.customer": ("고객", "Customer"),
    "author.bot": ("챗봇", "Bot"),
    "author.agent": ("상담원", "Agent"),
    "author.system": ("안내", "Notice"),
    "line.edited": ("수정됨 · 이전 글 보기", "Edited · what it was before"),
    "line.deleted": ("삭제됨 · 이전 글 보기", "Deleted · what it was before"),
    "line.sent": ("고객에게 보냈어요", "Sent to the customer"),
    "pressed": ("버튼을 눌렀어요", "Pressed a button"),
    "vote.up": ("도움됐어요", "Helpful"),
    "vote.down": ("도움 안 됐어요", "Not helpful"),
    "tried": ("챗봇이 시도한 것", "What the bot tried"),
    "tried.none": ("챗봇이 찾아본 문서가 없어요.", "The bot looked at no article."),
    "tried.articles": ("찾아본 문서와 점수", "Articles and scores"),
    "outcome.answer": ("답변함", "Answered"),
    "outcome.clarify": ("되물음", "Asked back"),
    "outcome.unknown": ("답을 못 찾음", "Found no answer"),
    "outcome.hand_off": ("상담원 연결", "Handed over"),
    # customers
    "customer": ("고객 정보", "Customer"),
    "customers": ("고객", "Customers"),
    "visitor": ("방문자 {tag}", "Visitor {tag}"),
    "unknown": ("알 수 없음", "Unknown"),
    "locale.ko": ("한국어", "Korean"),
    "locale.en": ("영어", "English"),
    "channel.web": ("웹 채팅", "Web chat"),
    "channel.telegram": ("텔레그램", "Telegram"),
    "channel.kakao": ("카카오톡", "KakaoTalk"),
    # articles
    "articles": ("도움말 문서", "Articles"),
    "articles.new": ("새 문서", "New article"),
    "articles.try": ("질문해 보기", "Try a question"),
    "articles.find": ("제목, 질문, 본문에서 찾기", "Search title, questions and text"),
    "articles.state": ("상태", "State"),
    "articles.empty": ("문서가 없어요", "No articles"),
    "articles.empty.say": (
        "‘새 문서’로 첫 문서를 써 보세요.",
        "Write the first one with “New article”.",
    ),
    "articles.empty.import": (
        "있던 문서는 ‘가져오기와 내보내기’에서 한꺼번에 가져올 수 있어요.",
        "Articles you have already come in all at once under “Import and export”.",
    ),
    "articles.unfound.all": ("모든 문서 보기", "Show all articles"),
    "articles.order.id": ("아이디 순", "By id"),
    "articles.order.found": ("찾은 순", "Best match"),
    "articles.order.recent": ("최근에 고친 순", "Last changed"),
    "articles.unfound.say": ("찾는 말이나 상태를 바꿔 보세요.", "Try other words or filters."),
    "articles.count": ("문서 {n}개", "{n} articles"),
    "articles.count.one": ("문서 {n}개", "{n} article"),
    "article.draft": ("초안", "Draft"),
    "article.published": ("게시됨", "Published"),
    "article.retired": ("내림", "Retired"),
    "article.changed": ("게시 안 한 수정 있음", "Unpublished changes"),
    "article.missing": ("번역 추가", "Add translation"),
    "article.from": ("상담 {ticket}에서", "From {ticket}"),
    "article.from.slack": ("Slack에서", "From Slack"),
    "article.id": ("아이디", "Id"),
    "article.id.hint": (
        "주소에 쓰여요. 예: delivery-fee. 비워 두면 제목으로 정하고, 게시하면 바꿀 수 없어요.",
        "Used in the address: delivery-fee. If empty, the title. Once published, it stays.",
    ),
    "article.locale": ("언어", "Language"),
    "article.title": ("제목", "Title"),
    "article.questions": ("고객이 묻는 말", "Ways of asking"),
    "article.questions.hint": (
        "한 줄에 하나씩. 고객이 실제로 쓰는 말 그대로가 가장 좋아요.",
        "One per line. The customers’ own words work best.",
    ),
    "article.tags": ("태그", "Tags"),
    "article.tags.hint": (
        "쉼표로 구분해요. 첫 태그가 도움말 센터의 분류가 돼요.",
        "Separated by commas. The first is its subject in the help centre.",
    ),
    "article.body": ("본문", "Text"),
    "article.body.hint": (
        "첫 문단이 채팅 답변의 시작이 돼요. 줄은 쓴 대로 보이고, 빈 줄을 두면 새 문단이에요"
        "(Markdown). 한글, Word, Google 문서의 글은 붙여 넣으면 제목, 목록, 표가 그대로 와요.",
        "The first paragraph begins the answer in the chat. Lines stay as you write them, an "
        "empty one begins a new paragraph (Markdown). What is pasted from Word or Google Docs "
        "keeps its headings, lists and tables.",
    ),
    "article.save": ("초안 저장", "Save draft"),
    "article.publish": ("저장하고 게시", "Save and publish"),
    "article.retire": ("내리기", "Retire"),
    "article.retire.say": (
        "고객에게 더는 보이지 않아요. 언제든 다시 게시할 수 있어요.",
        "Customers will not see it any more. You can publish it again at any time.",
    ),
    "article.preview": ("미리보기", "Preview"),
    "article.preview.empty": (
        "쓰는 대로 고객 화면이 여기에 나타나요.",
        "What customers will see appears here as you write.",
    ),
    "article.beside": ("나란히 보기", "side by side"),
    "article.beside.none": ("이 언어의 문서는 아직 없어요.", "Not written in this language yet."),
    "article.history": ("이력", "History"),
    "article.unsaved": ("저장하지 않은 수정", "Unsaved changes"),
    "article.public": ("고객 화면에서 보기", "See it as customers do"),
    "said.saved": ("초안을 저장했어요(개정 {n}).", "Draft saved (revision {n})."),
    "said.published": (
        "게시했어요. 몇 초 안에 이 글로 답하고, 기다리던 고객에게도 알려 줘요.",
        "Published. Within seconds it answers customers, and those who still wait.",
    ),
    "said.retired": ("내렸어요.", "Retired."),
    "revision": ("개정 {n}", "Revision {n}"),
    "action.create": ("만듦", "Created"),
    "action.update": ("고침", "Changed"),
    "action.publish": ("게시", "Published"),
    "action.retire": ("내림", "Retired"),
    "action.import": ("가져옴", "Imported"),
    "try.lead": (
        "고객이 물었을 때 챗봇이 무엇이라고 답하는지 미리 확인해 보세요.",
        "See what the bot would tell a customer who asks this.",
    ),
    "try.question": ("고객의 질문", "The customer’s question"),
    "try.ask": ("물어보기", "Ask"),
    "try.wait": (
        "처음 한 번은 모델을 읽느라 몇 초 걸려요.",
        "The first question takes some seconds: a model is loaded.",
    ),
    "try.answer": ("이 문서로 답해요", "Answers with this article"),
    "try.several": ("질문마다 하나씩 답해요", "Answers one question after the other"),
    "try.clarify": ("무엇을 뜻하는지 되물어요", "Asks which of these is meant"),
    "try.unknown": ("모른다고 말하고 상담원을 권해요", "Says it does not know and offers a person"),
    "try.candidates": ("찾아본 문서와 점수", "What it looked at, with scores"),
    "try.candidates.none": ("비슷한 문서가 없어요.", "No article is similar."),
    "try.took": ("{time} 걸렸어요", "Took {time}"),
    # times
    "ago.now": ("방금", "now"),
    "ago.min": ("{n}분", "{n} min"),
    "ago.hour": ("{n}시간", "{n} h"),
    "ago.day": ("{n}일", "{n} d"),
    "ago.waits": ("{time}째", "for {time}"),
    "ago.was": ("{time} 전", "{time} ago"),
    **access_words.WORDS,
    **account_words.WORDS,
    **agent_words.WORDS,
    **article_words.WORDS,
    **first_step_words.WORDS,
    **composer_words.WORDS,
    **customer_import_words.WORDS,
    **dead_words.WORDS,
    **conflict_words.WORDS,
    **desk_words.WORDS,
    **erasure_words.WORDS,
    **figure_words.WORDS,
    **plan_words.WORDS,
    **record_form_words.WORDS,
    **record_words.WORDS,
    **recovery_words.WORDS,
    **retention_words.WORDS,
    **service_words.WORDS,
    **survey_words.WORDS,
    **gap_words.WORDS,
    **helped_words.WORDS,
    **suggestion_words.WORDS,
    **link_words.WORDS,
}  # fmt: skip

# What the script says; it reads them from the page.
SCRIPT = (
    "error",
    "error.offline",
    "error.signed_out",
    "login",
    "article.unsaved",
    "tool.picture.busy",
    "tool.pasted",
    "tool.pasted.pictures",
    "error.picture.large",
    "macro.note_first",
)

_LIMIT = re.compile(r"at most ([\d,]+)")


def say(key: str, lang: str, **values: object) -> str:
    """The words for ``key`` in ``lang``, values filled in. Raises ``KeyError`` for no such key.

    Those of ``key`` and ``.one``, if there are any, are for an ``n`` of 1.
    """
    if str(values.get("n")) == "1" and f"{key}.one" in WORDS:
        key += ".one"
    text = WORDS[key][LANGUAGES.index(lang)]
    return text.format(**values) if values else text


def known(key: str, lang: str, fallback: str) -> str:
    """Words for a key made from data, or ``fallback`` where there are none."""
    return WORDS[key][LANGUAGES.index(lang)] if key in WORDS else fallback


def refusal(reason: str, lang: str) -> str:
    """Why the knowledge base refused a field, in ``lang``."""
    limit = _LIMIT.search(reason)
    if "is empty" in reason or "is missing" in reason:
        return say("field.empty", lang)
    if limit:
        key = "field.many" if "entries" in reason else "field.long"
        return say(key, lang, limit=limit[1])
    if reason.startswith(("is published as it is", "is not in review", "was published")):
        return say("field.state", lang)
    if reason.startswith("use letters"):
        return say("field.id", lang)
    if "to be written" in reason:
        return say("error.to_write", lang)
    if "the placeholder" in reason:
        return say("error.placeholder", lang, place=reason.rpartition("placeholder ")[2])
    if "a cell of Excel" in reason:
        return say("error.cell", lang, article=reason.split("'")[1])
    return say("field.bad", lang) if "NUL" in reason or "surrogate" in reason else reason
