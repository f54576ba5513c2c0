"""What the console says about files that agents send, and about what is on its way."""

from __future__ import annotations

WORDS: dict[str, tuple[str, str]] = {
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
