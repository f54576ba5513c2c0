"""What the console says of who looked at customers' data, in Korean and English."""

from __future__ import annotations

# key: (Korean, English)
WORDS: dict[str, tuple[str, str]] = {
    "access": ("접속 기록", "Access records"),
    "access.lead": (
        "누가 언제 어디서 누구의 정보를 보거나 내려받았는지예요. "
        "이 기록은 고치거나 지울 수 없어요.",
        "Who saw or downloaded whose data, when and from where. It cannot be changed or deleted.",
    ),
    "access.none": ("해당하는 기록이 없어요.", "There is no such record."),
    "access.opened": ("열람", "Opened"),
    "access.searched": ("검색", "Searched"),
    "access.listed": ("목록", "Listed"),
    "access.downloaded": ("내려받음", "Downloaded"),
    "access.agent": ("상담원", "Agent"),
    "access.what": ("한 일", "What was done"),
    "access.since": ("첫날", "First day"),
    "access.until": ("마지막 날", "Last day"),
    "access.customer": ("고객 ID", "Customer ID"),
    "access.found": ("고객 {n}명", "{n} customers"),
    "access.found.one": ("고객 1명", "1 customer"),
    "access.place.unknown": ("주소 알 수 없음", "address unknown"),
    "access.older": ("이전 기록", "Older"),
    "access.viewers": ("본 사람", "Seen by"),
    "access.viewers.none": ("다른 사람은 보지 않았어요", "nobody else"),
    "access.col.at": ("일시", "When"),
    "access.col.by": ("상담원", "Agent"),
    "access.col.what": ("한 일", "What was done"),
    "access.col.people": ("고객 ID", "Customer IDs"),
    "access.col.rows": ("건수", "How many"),
    "access.col.source": ("경로", "Through"),
    "access.col.place": ("IP 주소", "IP address"),
    "access.col.file": ("파일", "File"),
    "access.col.reason": ("이유", "Reason"),
}  # fmt: skip
