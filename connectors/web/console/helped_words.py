"""What the console says about which articles helped."""

from __future__ import annotations

WORDS: dict[str, tuple[str, str]] = {
    "shelf.helped": ("효과", "What helped"),
    "helped.lead": (
        "문서마다 얼마나 읽고 물었는지, 그것으로 해결됐는지 봐요.",
        "How often each article was read and asked for, and whether that was enough.",
    ),
    "helped.days": ("{n}일", "{n} days"),
    "helped.title": ("문서", "Article"),
    "helped.views": ("읽음", "Read"),
    "helped.given": ("답으로 줌", "Answered with"),
    "helped.solved": ("사람 없이 해결", "Solved alone"),
    "helped.up": ("도움 됨", "Helped"),
    "helped.down": ("아님", "Did not"),
    "helped.published_at": ("게시한 날", "Published"),
    "helped.old": ("오래됨", "Old"),
    "helped.old.say": (
        "반년 넘게 그대로인데 찾는 사람이 있어요. 아직 맞는지 읽어 보세요.",
        "Unchanged for half a year and still asked for. Read whether it is still right.",
    ),
    "helped.turning": ("평이 나빠짐", "Votes turn"),
    "helped.turning.say": (
        "전에는 도움이 된다고 했는데, 이 기간에는 아니라는 표가 더 많거나 같아요.",
        "It was said to help before; in this period at least as many say that it does not.",
    ),
    "helped.solved.say": (
        "그 대화의 마지막 답이었고, 문의도 아니라는 표도 없이 끝난 대화예요.",
        "It was the last answer of a conversation that ended without a ticket or a “no”.",
    ),
    "helped.foot": (
        "읽음은 도움말에서 센 수예요(로봇과 30분 안에 다시 연 것은 빼요). "
        "표는 챗봇의 답과 도움말을 더했어요.",
        "“Read” is counted in the help centre, without robots and what is opened again within half "
        "an hour. Votes are those under the bot’s answers and in the help centre.",
    ),
    "helped.empty": ("게시한 문서가 없어요", "Nothing is published"),
    "helped.rows.empty": ("이 기간에는 없어요", "None in this period"),
    "helped.elsewhere": (
        "도움말에서 받은 표 {n}개가 더 있어요. 누구의 표인지는 남기지 않아요.",
        "And {n} votes in the help centre, where it is not kept whose they are.",
    ),
    "helped.more": ("최근 {n}개만 보여요.", "The latest {n} are shown."),
    "helped.again": ("점검 질문으로 저장", "Save: must find this"),
    "helped.never": ("답하면 안 되는 질문으로 저장", "Save: nothing answers this"),
    "helped.ends": ("해결", "Solved"),
}
