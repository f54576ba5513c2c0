"""What the first steps say, in Korean and English."""

from __future__ import annotations

WORDS: dict[str, tuple[str, str]] = {
    "begin": ("시작하기", "Getting started"),
    "begin.say": (
        "고객을 받기 전에 할 일이에요. 첫 문의가 오면 이 목록은 사라져요.",
        "What to do before customers come. This list goes with the first ticket.",
    ),
    "begin.try": ("고객이 되어 채팅해 보기", "Try the chat as a customer"),
    "begin.done": ("다 했어요", "Done"),
    "begin.articles": ("내 도움말 쓰기", "Write your own articles"),
    "begin.articles.say": (
        "예시 상점의 문서를 치우고, 있던 도움말을 가져오거나 새로 쓰세요.",
        "Take the sample shop's away, then bring what you have or write new ones.",
    ),
    "begin.name": ("이름 알리기", "Say who you are"),
    "begin.name.say": (
        ".env의 SANGDAM_NAME에 적으면 챗봇과 도움말 센터가 그 이름을 써요.",
        "The bot and the help centre use the name in SANGDAM_NAME in .env.",
    ),
    "begin.chat": ("사이트에 채팅 붙이기", "Put the chat on your site"),
    "begin.chat.say": (
        "이 한 줄을 페이지에 넣고, .env의 SANGDAM_ALLOWED_ORIGINS에 사이트 주소를 적으세요.",
        "Put this line into your pages, and your site's address into SANGDAM_ALLOWED_ORIGINS in "
        ".env.",
    ),
    "begin.chat.line": ("페이지에 넣을 한 줄", "The line for your pages"),
    "begin.chat.copy": ("복사", "Copy"),
    "begin.chat.copied": ("복사했어요", "Copied"),
    "begin.agents": ("함께 답할 사람 부르기", "Invite who answers with you"),
    "begin.agents.say": (
        "상담원마다 한 번만 쓰는 링크로 들어와요.",
        "Each comes in by a link that works once.",
    ),
    "begin.slack": ("Slack에서 답하기", "Answer in Slack"),
    "begin.slack.say": (
        "원한다면 docs/slack.md를 따라 연결하세요. 콘솔만으로도 충분해요.",
        "Connect it as docs/slack.md says if you like; the console is enough without.",
    ),
}
