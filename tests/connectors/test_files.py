"""Files in the web chat: sent by customers, given back to those of the conversation alone."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

import httpx
import pytest

from tests import files
from tests.connectors import browser
from tests.connectors.conftest import App, Visitor
from tests.connectors.test_story import by
from ticketing import attachments


def send(
    customer: Visitor, name: str, content: bytes, client_id: str | None = None, **headers: str
) -> httpx.Response:
    """Send a file as the widget does."""
    return customer.http.post(
        "/chat/files",
        content=content,
        headers={
            "Content-Type": "application/octet-stream",
            "Client-Id": client_id or str(uuid.uuid4()),
            "File-Name": quote(name),
            **headers,
        },
    )


def sent(customer: Visitor, name: str, content: bytes) -> dict[str, Any]:
    """The line of a file that was taken."""
    answer = send(customer, name, content)
    assert answer.status_code == 202, answer.text
    (line,) = (line for line in customer.history() if line["seq"] == answer.json()["seq"])
    return line


def test_a_picture_comes_back_as_it_was_sent(app: App) -> None:
    customer = app.visitor()
    picture = files.png(3, 2)
    line = sent(customer, "내 사진.png", picture)
    (file,) = line["attachments"]
    assert (line["author"], line["kind"], line["text"]) == ("customer", "file", "내 사진.png")
    assert (file["name"], file["type"], file["size"]) == ("내 사진.png", "image/png", len(picture))
    answer = customer.http.get(f"/chat/files/{file['id']}")
    assert (answer.status_code, answer.content) == (200, picture)
    assert answer.headers["content-type"] == "image/png"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["content-security-policy"] == "default-src 'none'; sandbox"
    assert answer.headers["cache-control"] == "private, no-cache"
    assert answer.headers["content-disposition"].startswith("inline;")
    again = customer.http.get(
        f"/chat/files/{file['id']}", headers={"If-None-Match": answer.headers["etag"]}
    )
    assert (again.status_code, again.content) == (304, b"")
    streamed = customer.until(lambda line: line["kind"] == "file")
    assert streamed["attachments"] == [file]


def test_ten_mebibytes_are_taken_and_one_byte_more_is_not(app: App) -> None:
    customer = app.visitor()
    largest = b"a" * attachments.LIMIT
    (file,) = sent(customer, "큰 글.txt", largest)["attachments"]
    assert customer.http.get(f"/chat/files/{file['id']}").content == largest

    def parts() -> Iterator[bytes]:
        for _ in range(attachments.LIMIT // 65_536):
            yield b"a" * 65_536
        yield b"a"

    headers = {"Client-Id": str(uuid.uuid4()), "File-Name": "a.txt"}
    announced = customer.http.post("/chat/files", content=largest + b"a", headers=headers)
    only_sent = customer.http.post("/chat/files", content=parts(), headers=headers)
    assert [announced.status_code, only_sent.status_code] == [413, 413]
    assert announced.json()["code"] == "too_large"
    assert len([line for line in customer.history() if line["kind"] == "file"]) == 1


def test_f19_f20_the_same_id_is_the_same_file(app: App) -> None:
    customer, client_id = app.visitor(), str(uuid.uuid4())
    first = send(customer, "a.png", files.png(), client_id)
    again = send(customer, "a.png", files.png(), client_id)
    assert (first.status_code, again.status_code) == (202, 202)
    assert first.json() == again.json()
    for content in (files.png(shade=1), files.GIF):
        assert send(customer, "a.png", content, client_id).status_code == 409
    assert customer.say("a.png", client_id).status_code == 409
    said = str(uuid.uuid4())
    assert customer.say("글", said).status_code == 202
    assert send(customer, "글.txt", "글".encode(), said).status_code == 409
    app.settle()
    assert len([line for line in customer.history() if line["kind"] == "file"]) == 1


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.svg", files.SVG),
        ("a.png", files.HTML),
        ("a.png", files.SVG),
        ("a.html", files.GIF + b"<script>alert(1)</script>"),
        ("a.png", files.png(50_000, 50_000)),
        ("a.exe", b"MZ" + bytes(200)),
        ("a.txt", b""),
    ],
)
def test_s8_refused_with_a_reason(app: App, name: str, content: bytes) -> None:
    customer = app.visitor()
    answer = send(customer, name, content, **{"Content-Type": "image/svg+xml; x"})
    assert (answer.status_code, answer.json()["code"]) == (422, "file_not_accepted")
    assert customer.history() == []


@pytest.mark.parametrize(
    ("name", "content", "kind"),
    [
        ("eicar.txt", files.EICAR, "text/plain; charset=utf-8"),
        ("bomb.zip", files.zipped(content=bytes(9_000_000)), "application/zip"),
        ("a.pdf", files.PDF, "application/pdf"),
        ('../../x"\r\nX-Evil: 1.csv', b"=cmd|1\n", "text/csv; charset=utf-8"),
    ],
)
def test_s8_what_is_no_picture_is_only_saved(
    app: App, name: str, content: bytes, kind: str
) -> None:
    customer = app.visitor()
    (file,) = sent(customer, name, content)["attachments"]
    answer = customer.http.get(f"/chat/files/{file['id']}")
    assert answer.headers["content-type"] == kind
    assert answer.headers["content-disposition"].startswith("attachment;")
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert "x-evil" not in answer.headers
    shown = answer.headers["content-disposition"] + file["name"]
    assert not set("\r\n/\\") & set(shown) and ".." not in shown


def test_s1_somebody_elses_file_looks_like_none(app: App) -> None:
    mine, other, agent = app.visitor(), app.visitor(), app.agent("지원")
    (file,) = sent(mine, "a.png", files.png())["attachments"]
    absent = other.http.get(f"/chat/files/{uuid.uuid4()}")
    foreign = other.http.get(f"/chat/files/{file['id']}")
    assert absent.status_code == foreign.status_code == 404
    assert absent.json() == foreign.json()
    assert agent.get(f"/api/files/{file['id']}").content == files.png()
    assert agent.get(f"/chat/files/{file['id']}").status_code == 401
    assert mine.http.get(f"/api/files/{file['id']}").status_code == 401
    with httpx.Client(base_url=app.url) as nobody:
        for path in ("/chat", "/api"):
            assert nobody.get(f"{path}/files/{file['id']}").status_code == 401
        assert nobody.post("/chat/files", content=b"x").status_code == 401
        nobody.cookies.set("sangdam_session", "made-up")
        assert nobody.get(f"/api/files/{file['id']}").status_code == 401
    evil = {"Origin": "https://evil.example"}
    assert mine.http.get(f"/chat/files/{file['id']}", headers=evil).status_code == 403
    assert send(mine, "b.png", files.png(), **evil).status_code == 403


def test_odd_requests_are_refused(app: App) -> None:
    customer = app.visitor()
    good = {"Client-Id": str(uuid.uuid4()), "File-Name": "a.png"}
    for headers in ({}, good | {"Client-Id": "x"}, {"Client-Id": good["Client-Id"]}):
        answer = customer.http.post("/chat/files", content=files.png(), headers=headers)
        assert answer.status_code == 422
    for name in ("%00.png", "%ff%fe.png", "a" * 1999):
        answer = customer.http.post(
            "/chat/files",
            content=files.png(),
            headers=good | {"Client-Id": str(uuid.uuid4()), "File-Name": name},
        )
        assert answer.status_code in (202, 422), answer.text
    for path in ("%00", "..%2f..", "x" * 300):
        assert customer.http.get(f"/chat/files/{path}").status_code == 404


def test_the_bot_offers_a_person_for_a_file(app: App) -> None:
    """No file is a question for Rasa; a person who is called later sees it."""
    customer = app.visitor()
    line = sent(customer, "영수증.pdf", files.PDF)
    answer = customer.until(by("bot"))
    assert "상담원은 볼 수 있어요" in answer["text"]
    assert [button["payload"] for button in answer["buttons"]] == ["/human"]
    assert app.rasa.seen == []
    customer.press("/human")
    customer.until(lambda line: line["kind"] == "event")
    agent = app.agent("지원")
    (ticket,) = agent.get("/api/tickets", params={"customer": customer.id}).json()["tickets"]
    (shown,) = (
        entry
        for entry in agent.get(f"/api/tickets/{ticket['code']}").json()["timeline"]
        if entry["kind"] == "file"
    )
    assert shown["attachments"] == line["attachments"]
    sent(customer, "둘째.png", files.png())
    app.settle()
    assert [line["author"] for line in customer.history()][-1] == "customer", "a person has it"


def test_english_customers_are_answered_in_english(app: App) -> None:
    customer = Visitor(app.url, locale="en")
    app.clients.append(customer.http)
    sent(customer, "a.png", files.png())
    assert "a person can" in customer.until(by("bot"))["text"]


def test_the_console_shows_files(app: App) -> None:
    app.rasa.mode = "hand_off"
    customer, code = browser.waiting(app)
    (picture,) = sent(customer, "사진 <b>.png", files.png())["attachments"]
    (paper,) = sent(customer, "a.pdf", files.PDF)["attachments"]
    agent = browser.signed_in(app, browser.name())
    page = agent.get(f"/console/tickets/{code}").text
    assert f'<img src="/api/files/{picture["id"]}"' in page
    assert f'href="/api/files/{paper["id"]}"' in page and "사진 b .png" in page
    assert agent.get(f"/api/files/{picture['id']}").content == files.png()
    saved = agent.get(f"/api/files/{paper['id']}")
    assert saved.headers["content-disposition"].startswith("attachment;")
    agent.post("/console/logout")
    assert agent.get(f"/api/files/{picture['id']}").status_code == 401
