"""Which files are taken, by what they are; their names; their bytes in the database."""

from __future__ import annotations

import uuid

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from tests import files
from ticketing import attachments, conversations, customers, history, lanes
from ticketing.errors import NotFound, Refused
from ticketing.file_types import clean_name
from ticketing.models import AttachmentContent, Customer

OFFICE = "application/vnd.openxmlformats-officedocument."


@pytest.mark.parametrize(
    ("name", "content", "kind"),
    [
        ("사진.png", files.png(), "image/png"),
        ("사진.JPG", files.JPEG, "image/jpeg"),
        ("제 이름은.png", files.JPEG, "image/jpeg"),
        ("이름만", files.GIF, "image/gif"),
        ("a.webp", files.WEBP, "image/webp"),
        ("영수증.pdf", files.PDF, "application/pdf"),
        ("메모.txt", "안녕하세요".encode(), "text/plain"),
        ("주문.csv", "주문,금액\n1,2\n".encode("cp949"), "text/csv"),
        ("주문.csv", "\ufeff주문,금액\r\n".encode(), "text/csv"),
        ("주문.txt", "주문".encode("utf-16"), "text/plain"),
        ("a.zip", files.zipped(), "application/zip"),
        ("a.docx", files.zipped("word/document.xml"), f"{OFFICE}wordprocessingml.document"),
        ("a.hwpx", files.zipped("mimetype"), "application/hwp+zip"),
        ("a.xls", files.OLD_OFFICE, "application/vnd.ms-excel"),
        ("a.hwp", files.OLD_OFFICE, "application/x-hwp"),
    ],
)
def test_the_content_says_what_a_file_is(name: str, content: bytes, kind: str) -> None:
    assert attachments.examine(name, content).media_type == kind


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.svg", files.SVG),
        ("a.png", files.SVG),
        ("a.png", files.HTML),
        ("a.html", files.HTML),
        ("a.txt", files.HTML),
        ("a.csv", b"\xef\xbb\xbf  \n<SCRIPT>x</SCRIPT>"),
        ("a.txt", "<script>x</script>".encode("utf-16")),
        ("a.txt", b"<?xml version='1.0'?><svg/>"),
        ("polyglot.html", files.GIF + b"/*<script>alert(1)</script>*/"),
        ("polyglot.js", files.PDF),
        ("a.png", files.png(50_000, 50_000)),
        ("a.png", files.png(16_000, 16_000)),
        ("a.png", files.png()[:20]),
        ("a.jpg", b"\xff\xd8\xff\xe0\x00\x10JFIF"),
        ("a.jpg", b"\xff\xd8\xff" + b"\xff" * 50_000),
        ("a.webp", b"RIFF\x00\x00\x00\x00WEBPVP8?" + bytes(30)),
        ("bomb.jar", files.zipped(content=bytes(1024 * 1024))),
        ("a.docm", files.zipped()),
        ("a.exe", b"MZ\x90\x00" + bytes(100)),
        ("a.com", files.EICAR),
        ("a.sh", b"#!/bin/sh\n"),
        ("a.txt", b"\x7fELF\x02\x01\x01"),
        ("a.txt", b"\xff\xff\xff"),
        ("noname", b"words"),
        ("a.png", b""),
        ("a.txt", b"a" * (attachments.LIMIT + 1)),
    ],
)
def test_s8_what_is_something_else_is_refused(name: str, content: bytes) -> None:
    with pytest.raises(Refused):
        attachments.examine(name, content)


def test_s8_a_zip_bomb_is_never_opened() -> None:
    """Nothing here decompresses: its size is the one that it has on the wire."""
    bomb = files.zipped(content=bytes(32 * 1024 * 1024))
    assert len(bomb) < 64 * 1024
    assert attachments.examine("bomb.zip", bomb).media_type == "application/zip"


@pytest.mark.parametrize(
    ("given", "shown"),
    [
        ("../../etc/passwd.txt", "passwd.txt"),
        ("C:\\Users\\나\\영수증.pdf", "영수증.pdf"),
        ('a"\r\nSet-Cookie: x=1.png', "a Set-Cookie x=1.png"),
        ("\u202egnp.exe.png", "gnp.exe.png"),
        ("\u1112\u1161\u11ab.png", "한.png"),
        ("👩\u200d👩.png", "👩\u200d👩.png"),
        ("<img src=x onerror=alert(1)>.png", "img src=x onerror=alert(1) .png"),
        ("\x00\ud800.png", "png"),
        ("...", "file"),
        ("", "file"),
        ("/", "file"),
    ],
)
def test_s8_a_name_is_only_shown(given: str, shown: str) -> None:
    assert clean_name(given) == shown


def test_a_long_name_keeps_its_ending() -> None:
    shown = clean_name("가" * 400 + ".pdf")
    assert len(shown) <= 150 and shown.endswith("….pdf")
    assert len(clean_name("a." + "b" * 400)) <= 150


def line(session: Session, *, internal: bool = False) -> tuple[Customer, int]:
    """A customer and a line of theirs."""
    _, customer = customers.start_session(session)
    conversation = conversations.current(session, customer_id=customer.id)
    lanes.lock(session, customers.lane(customer.id))
    seq = history.record(
        session,
        conversation_id=conversation.id,
        customer_id=customer.id,
        author="agent" if internal else "customer",
        kind="note" if internal else "file",
        internal=internal,
        text="a",
    )
    assert seq is not None
    return customer, seq


def test_bytes_come_back_whole_and_in_pieces(session: Session) -> None:
    customer, seq = line(session)
    words = bytes(range(32, 127)) * 9000
    file = attachments.examine("a.txt", words)
    attachments.add(session, message_id=seq, customer_id=customer.id, files=[file])
    assert attachments.content(session, file.id) == words
    assert attachments.piece(session, file.id, start=5, size=7) == words[5:12]
    assert attachments.same(session, message_id=seq, files=[file])
    assert not attachments.same(session, message_id=seq, files=[])
    stored = text(
        "SELECT attstorage FROM pg_attribute WHERE attname = 'content' "
        "AND attrelid = 'attachment_content'::regclass"
    )
    assert session.execute(stored).scalar() == "e", "a piece is read without the rest"


def test_s1_only_those_of_the_conversation_get_a_file(session: Session) -> None:
    customer, seq = line(session)
    other, internal = line(session, internal=True)
    file, secret = (attachments.examine("a.png", files.png(shade=n)) for n in (1, 2))
    attachments.add(session, message_id=seq, customer_id=customer.id, files=[file])
    attachments.add(session, message_id=internal, customer_id=other.id, files=[secret])
    assert attachments.get(session, str(file.id), customer_id=customer.id).name == "a.png"
    assert attachments.get(session, str(secret.id)).size == len(secret.content)
    for wanted, who in (
        (str(file.id), other.id),
        (str(secret.id), other.id),  # their own, but a colleague's whisper
        (str(secret.id), customer.id),
        (str(uuid.uuid4()), customer.id),
        ("../x", customer.id),
    ):
        with pytest.raises(NotFound):
            attachments.get(session, wanted, customer_id=who)


def test_a_message_has_at_most_ten_files(session: Session) -> None:
    customer, seq = line(session)
    eleven = [attachments.examine("a.png", files.png(shade=n)) for n in range(11)]
    with pytest.raises(IntegrityError):
        attachments.add(session, message_id=seq, customer_id=customer.id, files=eleven)
    session.rollback()
    assert session.scalar(select(func.count()).select_from(AttachmentContent)) == 0


def test_a_customer_cannot_fill_the_disk(session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    customer, seq = line(session)
    file = attachments.examine("a.png", files.png())
    attachments.add(session, message_id=seq, customer_id=customer.id, files=[file])
    size = len(file.content)
    monkeypatch.setattr(attachments, "A_DAY", 2 * size)
    attachments.check_room(session, customer_id=customer.id, size=size)
    with pytest.raises(Refused):
        attachments.check_room(session, customer_id=customer.id, size=size + 1)
