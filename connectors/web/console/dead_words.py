"""What the console says of work that was given up, in Korean and English."""

from __future__ import annotations

# key: (Korean, English)
WORDS: dict[str, tuple[str, str]] = {
    "nav.dead": ("실패한 작업", "Failed work"),
    "nav.dead.count": ("실패한 작업 {n}건", "{n} failed"),
    "dead": ("실패한 작업", "Failed work"),
    "dead.lead": (
        "여러 번 시도했지만 끝내지 못한 작업이에요. 원인을 고친 뒤 다시 시도하거나, "
        "필요 없으면 버리세요.",
        "Work that was given up after several tries. Mend the cause and try again, "
        "or discard what nobody needs any more.",
    ),
    "dead.empty": ("실패한 작업이 없어요", "Nothing failed"),
    "dead.empty.say": (
        "여러 번 시도해도 끝내지 못한 일이 여기에 모여요. 챗봇이 처리하지 못한 메시지나 "
        "Slack에 올리지 못한 글이 그런 일이에요. 고객의 다음 메시지는 막히지 않아요.",
        "What could not be done after several tries is collected here, such as a message the bot "
        "broke on or a post that Slack refused. The customer’s next message is never held up.",
    ),
    "dead.retry": ("다시 시도", "Try again"),
    "dead.slack.say": (
        "Slack이 거절한 이유와 고치는 방법은 sangdam doctor slack 명령이 알려 줘요.",
        "Run sangdam doctor slack to learn why Slack refuses something and how to mend it.",
    ),
    "dead.retry.slack": ("Slack 작업 모두 다시 시도", "Try all for Slack again"),
    "dead.discard": ("버리기", "Discard"),
    "dead.discard.ask": ("이 작업을 버릴까요?", "Discard this?"),
    "dead.discard.say": (
        "다시 시도할 수 없게 돼요. 누가 버렸는지는 30일 동안 남아요.",
        "It cannot be tried again. Who discarded it is kept for 30 days.",
    ),
    "dead.tries": ("{n}번 시도", "{n} tries"),
    "dead.tries.one": ("{n}번 시도", "{n} try"),
    "dead.see": ("자세히", "Details"),
    "dead.why": ("실패한 이유", "Why it failed"),
    "dead.why.whole": ("전체 내용", "All of it"),
    "dead.words": ("전하려던 말", "What it would have said"),
    "dead.words.turn": ("고객이 쓴 말", "What the customer wrote"),
    "dead.words.none": ("말이 없는 작업이에요.", "There are no words in it."),
    "dead.about": ("누구의 일인가요", "Whom it is about"),
    "dead.about.none": (
        "고객이나 문의와 이어지지 않은 작업이에요.",
        "It belongs to no customer or ticket.",
    ),
    "dead.facts": ("작업", "The work"),
    "dead.kind": ("종류", "Kind"),
    "dead.lane": ("대기열", "Lane"),
    "dead.attempts": ("시도", "Tries"),
    "dead.accepted": ("접수", "Accepted"),
    "dead.since": ("포기", "Given up"),
    "dead.now": ("지금", "Now"),
    "dead.state.dead": ("포기함", "Given up"),
    "dead.state.discarded": ("버림", "Discarded"),
    "dead.state.pending": ("다시 시도 중", "Trying again"),
    "dead.state.done": ("끝남", "Done"),
    "dead.discarded": ("{name} 님이 버렸어요", "Discarded by {name}"),
    "said.retried": ("다시 시도하고 있어요.", "Trying again."),
    "said.discarded": ("버렸어요.", "Discarded."),
    "undelivered": ("전달 실패", "Not delivered"),
    "undelivered.say": (
        "이 문의에 관한 것을 전달하지 못했어요. 대화에서 이유를 볼 수 있어요.",
        "Something about this ticket was not delivered. The conversation says why.",
    ),
    "undelivered.seen": ("상담원만 볼 수 있어요", "Only agents see this"),
    # kinds of work
    "work.turn": ("챗봇 답변", "Bot answer"),
    "work.slack.card": ("Slack 카드", "Slack card"),
    "work.slack.post": ("Slack에 올릴 글", "Post to Slack"),
    "work.slack.notice": ("Slack 채널 알림", "Notice to the Slack channel"),
    "work.slack.file": ("Slack에 올릴 파일", "File to Slack"),
    "work.slack.event": ("Slack에서 한 일", "Something done in Slack"),
    "work.slack.hint": ("Slack 안내", "Notice in Slack"),
    "work.slack.react": ("Slack 표시", "Reaction in Slack"),
    "work.undelivered": ("문의에 남길 알림", "Line on a ticket"),
}  # fmt: skip
