"""What the console says where an agent writes: the composer, its files, what is on its way."""

from __future__ import annotations

WORDS: dict[str, tuple[str, str]] = {
    "compose": ("답장과 메모", "Reply or note"),
    "compose.reply": ("답장", "Reply"),
    "compose.note": ("내부 메모", "Internal note"),
    "compose.text": ("내용", "Text"),
    "compose.reply.to": ("고객에게 전달돼요", "The customer sees this"),
    "compose.note.to": ("고객에게 보이지 않아요", "The customer never sees this"),
    "compose.send": ("고객에게 보내기", "Send to customer"),
    "compose.keep": ("메모 남기기", "Keep note"),
    "macro.note_first": (
        "내부 메모를 쓰고 있어요. 메모를 남기거나 지운 뒤에 매크로를 골라 주세요.",
        "You are writing an internal note. Keep it or clear it, then pick the macro.",
    ),
    "resolve.unsent": (
        "쓰던 답장을 아직 보내지 않았어요. 해결해도 전달되지 않아요.",
        "Your reply is not sent yet, and resolving does not send it.",
    ),
    "resolve.unanswered": (
        "고객의 마지막 말에 아직 답하지 않았어요.",
        "The customer's last message is not answered yet.",
    ),
    "compose.claims": ("보내면 이 문의를 맡게 돼요", "Sending claims the ticket"),
    "compose.others": (
        "{name} 님이 상담하고 있어요. 메모는 남길 수 있어요.",
        "{name} is answering. You can still leave a note.",
    ),
    "compose.resolved": (
        "해결된 문의예요. 다시 열면 답장할 수 있어요.",
        "This ticket is resolved. Reopen it to reply.",
    ),
    "line.waits": (
        "고객이 가져가기를 기다리는 중",
        "Waiting for the customer to fetch it",
    ),
    "line.waits.say": (
        "이 채널은 먼저 메시지를 보낼 수 없어요. 고객이 다시 쓰거나 ‘답변 확인’을 누르면 전달돼요.",
        "Nobody can write first on this channel. The customer gets it when they write again or "
        "press “Check answers”.",
    ),
    "line.fetched": ("전달됨", "Delivered"),
    "compose.file": ("파일 첨부", "Attach files"),
    "compose.file.drop": ("빼기", "Remove"),
    "error.files.kind": (
        "받을 수 없는 형식이에요. 사진, PDF, 텍스트, CSV, 오피스 문서(한글 포함), zip을 "
        "보낼 수 있어요.",
        "This kind of file is not accepted. You can send pictures, PDF, text, CSV, office files "
        "and zip.",
    ),
    "error.files.large": (
        "파일은 하나에 10 MiB까지예요.",
        "A file has at most 10 MiB.",
    ),
    "error.files.many": ("파일은 한 번에 5개까지예요.", "At most five files at a time."),
    "error.files.empty": ("빈 파일이에요.", "The file is empty."),
}
