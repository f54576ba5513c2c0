"""What the console says where a customer is erased, in Korean and English."""

from __future__ import annotations

# key: (Korean, English)
WORDS: dict[str, tuple[str, str]] = {
    "erase": ("고객 정보 지우기", "Erase this customer"),
    "erase.lead": (
        "이 고객에 관한 모든 것을 영구히 지워요. 되돌릴 수 없어요.",
        "Everything about this customer is deleted for good. It cannot be undone.",
    ),
    "erase.goes": ("지워지는 것", "What goes"),
    "erase.goes.record": (
        "이름, 연락처, 주소, 선호사항, 동의, 클레임과 그 변경 이력",
        "Name, contact details, preferences, consents, claims and their history",
    ),
    "erase.channels": ("채널", "Channels"),
    "erase.messages": ("대화", "Messages"),
    "erase.messages.n": ("메시지 {n}개", "{n}"),
    "erase.files": ("파일", "Files"),
    "erase.files.n": ("{n}개", "{n}"),
    "erase.tickets": ("문의", "Tickets"),
    "erase.tickets.n": ("{n}건", "{n}"),
    "erase.tickets.open": (
        "{n}건 중 {open}건은 아직 열려 있어요",
        "{n}, {open} of them still open",
    ),
    "erase.orders": ("주문", "Orders"),
    "erase.orders.n": ("{n}건", "{n}"),
    "erase.ratings": ("평가", "Ratings"),
    "erase.ratings.n": ("{n}건", "{n}"),
    "erase.linked": ("함께 지워지는 고객", "Linked customers who go, too"),
    "erase.linked.say": (
        "같은 사람으로 연결된 고객이에요. 다른 사람이라면 먼저 연결을 해제해 주세요.",
        "They are linked as one person. If one is somebody else, undo the link first.",
    ),
    "erase.stays": ("남는 것", "What stays"),
    "erase.stays.audit": (
        "누가, 언제, 왜 지웠는지와 몇 건이었는지. 누구였는지는 남지 않아요.",
        "Who erased, when, why, and how much it was; not who it was.",
    ),
    "erase.stays.copies": (
        "Slack, 텔레그램, 카카오톡, 메일로 이미 나간 글은 거기에 남아요. "
        "필요하면 직접 지워 주세요.",
        "What was already posted to Slack, Telegram, KakaoTalk or by mail stays there. "
        "Delete it there if you have to.",
    ),
    "erase.stays.backups": (
        "백업 파일은 바뀌지 않아요. 오래된 백업은 정한 기간에 맞춰 지워 주세요.",
        "Backup files do not change. Delete old ones when their time is over.",
    ),
    "erase.before": ("지우기 전에", "Before you do"),
    "erase.export": ("이 고객의 모든 정보 내려받기", "Download all about this customer"),
    "erase.export.say": (
        "고객이 사본을 원했다면 지금 내려받으세요. 지운 뒤에는 만들 수 없어요.",
        "If they want a copy, download it now. Afterwards there is nothing to make one of.",
    ),
    "erase.why": ("이유", "Reason"),
    "erase.why.asked": ("고객이 요청했어요", "The customer asked for it"),
    "erase.why.withdrawn": ("동의를 철회했어요", "They withdrew their consent"),
    "erase.why.expired": ("보관 기간이 끝났어요", "The retention period is over"),
    "erase.why.test": ("시험용 고객이에요", "It was only a test"),
    "erase.why.other": ("다른 이유", "Another reason"),
    "erase.why.hint": (
        "이유는 남으니 고객의 이름이나 연락처를 적지 마세요.",
        "It is kept, so do not write their name or address here.",
    ),
    "erase.confirm": (
        "확인을 위해 ‘{name}’ 또는 고객번호를 적어 주세요",
        "To confirm, type “{name}” or the customer number",
    ),
    "erase.do": ("영구히 지우기", "Erase for good"),
    "erase.wrong.name": (
        "적은 이름이 이 고객과 달라요. 아무것도 지우지 않았어요.",
        "That is not this customer’s name. Nothing was erased.",
    ),
    "erase.wrong.missing": (
        "이유를 골라 주세요. 아무것도 지우지 않았어요.",
        "Choose a reason. Nothing was erased.",
    ),
    "erase.wrong.long": ("이유가 너무 길어요.", "The reason is too long."),
    "erase.wrong.names": (
        "이유에 고객의 이름이나 연락처가 있어요. 이유는 남으니 빼 주세요.",
        "The reason names the customer. It is kept, so leave that out.",
    ),
    "erase.said": ("지웠어요.", "Erased."),
    "erase.said.going": (
        "지우고 있어요. 이 고객은 이미 어디에도 보이지 않아요.",
        "Being erased. This customer is out of sight already.",
    ),
    "erasures": ("지운 고객", "Erased customers"),
    "erasures.lead": (
        "누가 언제 왜 지웠는지만 남아요. 이 기록은 고치거나 지울 수 없어요.",
        "Only who erased them, when and why is kept. It cannot be changed or deleted.",
    ),
    "erasures.none": ("지운 고객이 없어요.", "Nobody was erased."),
    "erasures.sum": (
        "메시지 {messages}개, 파일 {files}개, 문의 {tickets}건, 주문 {orders}건",
        "Messages: {messages}, files: {files}, tickets: {tickets}, orders: {orders}",
    ),
    "erasures.going": ("지우는 중", "Being erased"),
    "erasures.done": ("지웠음", "Erased"),
    "taken": ("내려받은 기록", "Downloads"),
    "taken.what.customers": ("모든 고객", "All customers"),
    "taken.what.purchases": ("모든 구매", "All purchases"),
    "taken.what.figures": ("통계의 목록", "Rows of a figure"),
    "taken.what.person": ("고객 한 명", "One customer"),
    "taken.rows": ("{n}줄", "rows: {n}"),
    "taken.no_reason": ("이유 없음", "No reason given"),
    "taken.reason": ("어디에 쓰나요?", "What is it for?"),
    "taken.reason.hint": (
        "누가 언제 왜 내려받았는지 남아요.",
        "Who downloaded it, when and why is kept.",
    ),
    "taken.reason.copy": ("고객이 사본을 요청했어요", "The customer asked for a copy"),
    "taken.wrong.missing": (
        "어디에 쓸 파일인지 적어 주세요. 이유 없이는 내려받을 수 없어요.",
        "Say what the file is for. Without a reason it cannot be downloaded.",
    ),
    "taken.wrong.names": (
        "이유에 고객의 이름이나 연락처가 있어요. 이유는 남으니 빼 주세요.",
        "The reason names the customer. It is kept, so leave that out.",
    ),
    "taken.wrong.long": ("이유가 너무 길어요.", "The reason is too long."),
    "conflict.changed": (
        "이 고객에게 방금 변화가 있었어요. 다시 해 주세요.",
        "Something about this customer changed in this moment. Try again.",
    ),
}  # fmt: skip
