"""What the console says about customers who are one person."""

from __future__ import annotations

WORDS: dict[str, tuple[str, str]] = {
    "links": ("한 사람으로 연결", "One person"),
    "links.none": (
        "이 고객은 다른 기록과 연결되어 있지 않아요.",
        "This customer is not linked to another.",
    ),
    "links.by.token": ("쇼핑몰 로그인으로 확인", "Signed in at the shop"),
    "links.by.code": ("일회용 코드로 확인", "Gave a one-time code"),
    "links.by.email": ("메일로 보낸 코드로 확인", "Gave the code mailed to them"),
    "links.by.agent": ("상담원이 연결", "Linked by an agent"),
    "links.undone": ("연결 해제됨", "Undone"),
    "links.undo": ("연결 해제", "Undo"),
    "links.undo.say": (
        "두 고객의 대화, 상담, 평가가 연결하기 전처럼 나뉘어요.",
        "Conversations, tickets and ratings are again as they were.",
    ),
    "links.reason": ("이유", "Reason"),
    "links.link": ("연결", "Link"),
    "links.other": ("이름, 이메일, 전화번호, 접수번호", "Name, e-mail, phone or ticket code"),
    "links.which": ("연결할 고객", "The customer to link"),
    "links.link.say": (
        "같은 사람임을 확인했을 때만 연결해 주세요. 언제든 되돌릴 수 있어요.",
        "Link only whom you know to be one person. It can be undone at any time.",
    ),
    "links.suggested": ("같은 사람일 수 있어요", "May be the same person"),
    "links.same.email": ("같은 이메일", "same e-mail"),
    "links.same.phone": ("같은 전화번호", "same phone number"),
    "links.same.user_key": ("같은 메신저 사용자", "same messenger user"),
    "said.linked": ("연결했어요.", "Linked."),
    "said.unlinked": ("연결을 해제했어요.", "The link is undone."),
    "channel.shop": ("쇼핑몰 회원", "Shop account"),
    "channel.webhook": ("외부 채널", "Bridged channel"),
    "reason.unlinked": (
        "고객 연결을 해제한 뒤 답을 기다리고 있어요",
        "Waits for an answer since a link was undone",
    ),
    "compose.where": ("답을 보낼 채널", "Where the answer goes"),
    "joined": ("{code} 상담으로 이어졌어요", "Goes on as {code}"),
}
