"""What the console says of how long things are kept, in Korean and English."""

from __future__ import annotations

# key: (Korean, English)
WORDS: dict[str, tuple[str, str]] = {
    "retention": ("보관 기간", "Retention"),
    "retention.lead": (
        "정하지 않으면 아무것도 저절로 지워지지 않아요. 기간을 정하면 매일 한 번, "
        "그만큼 지난 것을 영구히 지워요.",
        "Nothing goes by itself unless you set it. If you do, what is older is deleted for good, "
        "once a day.",
    ),
    "retention.conversations": ("상담 내용", "Conversations’ contents"),
    "retention.conversations.say": (
        "끝난 지 오래된 상담의 메시지, 메모, 파일, 고친 내용, 평가에 남긴 말, "
        "답하지 못한 질문과 그것으로 쓴 오래된 초안, 실패한 작업을 지워요. 열려 있는 상담, "
        "해결되지 않은 문의, 처리 중인 클레임의 상담은 그대로 둬요. "
        "고객 정보, 문의가 있었다는 것, 만족도 점수와 통계는 남아요.",
        "Messages, notes, files, earlier versions, comments on ratings, unanswered questions with "
        "old drafts made of them, and failed work of conversations that ended long ago. Open "
        "conversations, unresolved tickets and unsettled claims are never touched. The customer’s "
        "record, that there was a ticket, scores and figures stay.",
    ),
    "retention.conversations.least": (
        "최소 90일이에요. 통계가 90일까지 거슬러 세기 때문이에요. 전자상거래법은 소비자 "
        "불만과 분쟁 처리 기록을 3년(1,095일) 보관하게 해요.",
        "At least 90 days: figures reach back that far. Korea’s e-commerce act asks for records of "
        "complaints and disputes to be kept for 3 years (1,095 days).",
    ),
    "retention.accesses": ("접속 기록", "Access records"),
    "retention.accesses.say": (
        "누가 누구의 정보를 보거나 내려받았는지 남긴 오래된 기록을 지워요.",
        "Old records of who saw or downloaded whose data.",
    ),
    "retention.accesses.least": (
        "최소 365일이에요. 개인정보 안전성 확보조치 기준은 1년 이상, 5만 명 이상이거나 "
        "고유식별정보·민감정보를 다루면 2년(730일) 이상 보관하게 해요.",
        "At least 365 days. Korean rules ask for one year, and for two (730 days) with 50,000 "
        "people or more, or sensitive data.",
    ),
    "retention.days": ("며칠 뒤에 지울까요?", "Delete after how many days?"),
    "retention.never": ("지우지 않아요", "Kept for ever"),
    "retention.after": ("{days}일 뒤에 지워요", "Deleted after {days} days"),
    "retention.check": ("얼마나 지워질지 보기", "See how much would go"),
    "retention.stop": ("더 이상 지우지 않기", "Delete no more"),
    "retention.confirm": (
        "{days}일이 지난 것을 지울까요?",
        "Delete what is older than {days} days?",
    ),
    "retention.once": (
        "지금 바로 지워지는 것이에요. 그 뒤로는 매일 지워요. 지운 것은 되돌릴 수 없어요.",
        "This goes at once, and from then on every day what has become so old. "
        "It cannot be undone.",
    ),
    "retention.backups": (
        "백업 파일과 Slack, 텔레그램, 카카오톡에 이미 나간 글은 그대로 있어요.",
        "Backup files, and what was already posted to Slack, Telegram or KakaoTalk, stay.",
    ),
    "retention.n.conversations": ("상담 {n}건", "conversations: {n}"),
    "retention.n.messages": ("메시지 {n}개", "messages: {n}"),
    "retention.n.files": ("파일 {n}개", "files: {n}"),
    "retention.n.questions": ("답하지 못한 질문 {n}개", "unanswered questions: {n}"),
    "retention.n.letters": ("실패한 작업 {n}건", "failed work: {n}"),
    "retention.n.looks": ("접속 기록 {n}건", "access records: {n}"),
    "retention.n.none": ("지울 것이 없었어요", "Nothing was old enough"),
    "retention.do": ("이대로 정하기", "Set it"),
    "retention.said": ("정했어요. 곧 지우기 시작해요.", "Set. It begins in a moment."),
    "retention.said.never": ("이제 저절로 지워지지 않아요.", "Nothing goes by itself any more."),
    "retention.wrong": (
        "{least}에서 {most} 사이의 날수를 적어 주세요.",
        "Write a number of days from {least} to {most}.",
    ),
    "retention.reports": ("지운 기록", "What was deleted"),
    "retention.reports.none": ("아직 지운 것이 없어요.", "Nothing was deleted yet."),
    "retention.going": ("지우는 중", "Going on"),
    "retention.done": ("지웠음", "Done"),
    "retention.changes": ("설정을 바꾼 기록", "Changes of the setting"),
    "retention.gone": (
        "보관 기간이 지나 이 상담의 내용은 지워졌어요.",
        "What was said in this conversation is deleted: it was kept long enough.",
    ),
    "work.retention.purge": ("보관 기간이 지난 것 지우기", "Deleting what was kept long enough"),
}  # fmt: skip
