"""What is said of work that was given up: what happened and what to do, in Korean and English."""

from __future__ import annotations

# key: what happened (Korean, English), what to do (Korean, English)
WORDS: dict[str, tuple[str, str, str, str]] = {
    "slack_channel": (
        "Slack 채널이 없거나 앱이 그 채널에 들어가 있지 않아요",
        "The Slack channel is not there, or the app is not in it",
        "SANGDAM_SLACK_CHANNEL이 맞는지 보고 그 채널에서 /invite로 앱을 초대한 뒤 다시 시도하세요.",
        "See that SANGDAM_SLACK_CHANNEL is right, /invite the app there, and try again.",
    ),
    "slack_token": (
        "Slack이 앱의 토큰을 받지 않아요",
        "Slack does not accept the app’s token",
        "앱을 워크스페이스에 다시 설치하고 새 토큰을 .env에 넣은 뒤, Sangdam을 다시 시작하고 "
        "다시 시도하세요.",
        "Install the app in the workspace again, put its new token into .env, start Sangdam again, "
        "and try again.",
    ),
    "slack_scope": (
        "Slack 앱에 필요한 권한이 없어요",
        "The Slack app lacks a permission that it needs",
        "sangdam doctor slack이 알려 주는 권한을 더하고 앱을 다시 설치한 뒤 다시 시도하세요.",
        "Add the scope that sangdam doctor slack names, install the app again, and try again.",
    ),
    "slack_closed": (
        "이 Slack 채널에는 앱이 글을 쓸 수 없어요",
        "The app may not write in this Slack channel",
        "워크스페이스 관리자에게 채널의 글쓰기 권한을 앱에도 열어 달라고 한 뒤 다시 시도하세요.",
        "Have a workspace administrator let the app post in the channel, and try again.",
    ),
    "slack_gone": (
        "Slack에서 글이나 스레드가 없어졌어요",
        "The message or thread is gone from Slack",
        "더 필요하지 않으면 버리세요. 문의는 콘솔에 그대로 있어요.",
        "Discard it if nobody needs it. The ticket is in the console all the same.",
    ),
    "slack_long": (
        "Slack에 올리기에는 너무 길어요",
        "It is too long for Slack",
        "문의를 콘솔에서 열면 전체를 볼 수 있어요. 더 필요하지 않으면 버리세요.",
        "Open the ticket in the console to see all of it. Discard this if nobody needs it.",
    ),
    "slack_other": (
        "Slack이 거절했어요",
        "Slack refused it",
        "sangdam doctor slack을 실행해 보세요. 고친 뒤 다시 시도하세요.",
        "Run sangdam doctor slack, mend what it says, and try again.",
    ),
    "slack_away": (
        "Slack과 연결되지 않거나 Slack이 제대로 답하지 않았어요",
        "Slack could not be reached, or did not answer properly",
        "인터넷 연결과 status.slack.com을 확인하고 다시 시도하세요.",
        "Check the connection and status.slack.com, and try again.",
    ),
    "tg_blocked": (
        "고객이 텔레그램에서 차단했거나 탈퇴했어요",
        "The customer has blocked the bot on Telegram, or left",
        "고객이 차단을 풀어야 전달돼요. 다른 연락처가 있는지 고객 페이지를 보세요.",
        "It arrives only once they unblock it. See their page for another address.",
    ),
    "tg_chat": (
        "텔레그램에 그 대화가 없어요",
        "There is no such chat on Telegram",
        "고객 페이지에서 다른 연락처를 찾고, 필요 없으면 버리세요.",
        "See the customer’s page for another address, and discard this if nobody needs it.",
    ),
    "tg_other": (
        "텔레그램이 거절했어요",
        "Telegram refused it",
        "sangdam doctor telegram을 실행해 보세요. 고친 뒤 다시 시도하세요.",
        "Run sangdam doctor telegram, mend what it says, and try again.",
    ),
    "tg_token": (
        "텔레그램이 봇의 토큰을 받지 않아요",
        "Telegram does not accept the bot’s token",
        "BotFather에서 토큰을 확인해 .env에 넣은 뒤, Sangdam을 다시 시작하고 다시 시도하세요.",
        "Take the token from BotFather, put it into .env, start Sangdam again, and try again.",
    ),
    "tg_away": (
        "텔레그램과 연결되지 않았어요",
        "Telegram could not be reached",
        "인터넷 연결을 확인하고 다시 시도하세요.",
        "Check the connection, and try again.",
    ),
    "bridge": (
        "연결한 메신저 프로그램(SANGDAM_WEBHOOK_URL)이 받지 않았어요",
        "The program at SANGDAM_WEBHOOK_URL did not take it",
        "그 프로그램이 켜져 있는지와 그 로그를 보고 다시 시도하세요.",
        "See that it runs and what its log says, and try again.",
    ),
    "mail": (
        "메일 서버가 받지 않았어요",
        "The mail server did not take it",
        "sangdam doctor mail을 실행해 고친 뒤 다시 시도하세요.",
        "Run sangdam doctor mail, mend what it says, and try again.",
    ),
    "rasa": (
        "챗봇(Rasa)이 답하지 않았어요",
        "The bot (Rasa) did not answer",
        "고객은 상담원에게 넘겨졌어요. Rasa가 떠 있는지 보세요. 이 작업은 버려도 돼요.",
        "The customer was given to a person. See that Rasa runs; this may be discarded.",
    ),
    "ended": (
        "이 일을 하던 프로그램이 여러 번 갑자기 꺼졌어요",
        "The program ended several times while it did this",
        "메모리가 모자라지 않았는지 서버를 살펴보고 다시 시도하세요.",
        "See whether the machine ran out of memory, and try again.",
    ),
    "unknown_work": (
        "이 일을 할 줄 아는 부분이 꺼져 있어요",
        "The part that does this is not switched on",
        "Slack이나 텔레그램 설정을 지웠다면 되돌린 뒤 다시 시도하고, 아니면 버리세요.",
        "If you took away the settings of Slack or Telegram, put them back and try again; "
        "otherwise discard it.",
    ),
    "refused": (
        "지금 상태에서는 할 수 없는 일이에요",
        "It is not possible as things are now",
        "문의를 열어 지금 상태를 보세요. 더 필요하지 않으면 버리세요.",
        "Open the ticket and see how it is now. Discard this if nobody needs it.",
    ),
    "database": (
        "데이터베이스가 받지 않았어요",
        "The database did not take it",
        "sangdam doctor를 실행해 고친 뒤 다시 시도하세요.",
        "Run sangdam doctor, mend what it says, and try again.",
    ),
    "delivery": (
        "받는 쪽에서 받지 않았어요",
        "The other side did not take it",
        "아래 전체 내용을 보고 다시 시도하세요.",
        "See all of it below, and try again.",
    ),
    "inside": (
        "Sangdam 안에서 오류가 났어요",
        "Something went wrong inside Sangdam",
        "다시 시도해 보고, 또 실패하면 아래 전체 내용을 담당 개발자에게 알려 주세요.",
        "Try again. If it fails again, give all of it, below, to whoever looks after the server.",
    ),
}
# As a value of a line that agents see.
PHRASES = {
    f"cause_{key}": {"ko": f"{korean}{{word}}", "en": f"{english}{{word}}"}
    for key, (korean, english, _, _) in WORDS.items()
}
