"""Leads bring customers and purchases in from files and take them out again, in the console."""

from __future__ import annotations

import csv
import io
import re
import time
import uuid
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook
from playwright.sync_api import expect

from tests.connectors.browser import Browser, enter, name, signed_in, text_of
from tests.connectors.conftest import PAUSE_S, App
from tests.connectors.test_customers_cli import customers_book
from tests.pages import OUTPUT, Window

HOME = "/console/customers/imports"
HEAD = "고객번호,이름,연락처,메모할 것"


@pytest.fixture(scope="module")
def app(gateway: App) -> App:
    """One gateway for all tests here."""
    return gateway


@pytest.fixture(scope="module")
def lead(app: App) -> Browser:
    """Somebody who may import."""
    return signed_in(app, name(), role="lead")


def send(browser: Browser, content: bytes, called: str = "고객.csv", **fields: str) -> str:
    """Upload a file; the address of its import."""
    answer = browser.http.post(
        HOME, data={"csrf": browser.csrf(), **fields}, files={"file": (called, content)}
    )
    assert answer.status_code == 303, answer.text
    return answer.headers["location"]


def until(browser: Browser, page: str, *wanted: str) -> str:
    """What the page of an import says when it is no longer busy."""
    deadline = time.monotonic() + 30
    while "data-running" in (part := browser.parts(page)["customer_import"]):
        assert time.monotonic() < deadline, part
        time.sleep(PAUSE_S)
    said = " ".join(text_of(part).split())
    for one in wanted:
        assert one in said, said
    return part


def test_what_is_hidden_in_a_workbook_is_named_before_and_after(
    app: App, lead: Browser, tmp_path: Path
) -> None:
    path = customers_book(tmp_path / "고객.xlsx", hidden=[3, 5, 6])
    page = send(lead, path.read_bytes(), "고객.xlsx")
    said = '가져오지 않아요: 3, 5-6, "2월", "옛 고객".'
    until(lead, page, "칸 맞추기", "3행", said)
    lead.post(f"{page}/check", script=True, c0="number", c1="name")
    until(lead, page, "확인함", said)
    lead.post(f"{page}/run", script=True)
    until(lead, page, "가져옴", "추가 3", said)
    path = customers_book(tmp_path / "고객.xlsx", hidden=range(2, 8))
    form = {"data": {"csrf": lead.csrf()}, "files": {"file": ("고객.xlsx", path.read_bytes())}}
    refused = lead.http.post(HOME, **form)
    assert refused.status_code == 422 and "보이는 줄이 없어요" in refused.text


def table(*rows: str, head: str = HEAD) -> bytes:
    return "\r\n".join([head, *rows]).encode("cp949")


def test_a_file_is_matched_checked_written_and_taken_back(app: App, lead: Browser) -> None:
    tag = uuid.uuid4().hex[:8]
    rows = [f"{tag}-{n},김고객{n},010-1234-{n:04},꼼꼼함" for n in range(8)]
    rows[5] = f"{tag}-5,김고객5,전화 없음,"
    page = send(lead, table(*rows))
    part = until(lead, page, "칸 맞추기", "8행", "김고객0 · 김고객1 · 김고객2")
    assert part.count("selected") == 3, "the fourth column's name says nothing"
    mapping = {"c0": "number", "c1": "name", "c2": "phone", "c3": "preferences"}
    twice = lead.post(f"{page}/check", script=True, **mapping | {"c3": "name"})
    assert (twice.status_code, twice.json()["detail"][:9]) == (422, "두 칸이 같은 것")
    nobody = lead.post(f"{page}/check", script=True, c1="name")
    assert nobody.status_code == 422 and "고객번호, 이메일" in nobody.json()["detail"]
    assert lead.post(f"{page}/check", script=True, **mapping).status_code == 200
    until(lead, page, "확인함", "추가 7", "실패 1", "7 전화번호: 전화번호가 아니에요 전화 없음")
    people = f"/console/customers?q={tag}-0"
    assert "김고객0" not in lead.get(people).text, "only checked so far"
    assert lead.post(f"{page}/run", script=True).status_code == 200
    until(lead, page, "가져옴", "추가 7", "실패 1")
    assert "김고객0" in lead.get(people).text
    assert lead.post(f"{page}/run", script=True).json()["code"] == "conflict"
    back = lead.get(f"{page}/refused").content
    assert back.startswith(b"\xef\xbb\xbf"), "Excel in Korea opens it"
    assert list(csv.reader(io.StringIO(back.decode("utf-8-sig"))))[1:] == [
        [f"{tag}-5", "김고객5", "전화 없음", "", "전화번호: 전화번호가 아니에요"]
    ]
    assert lead.post(f"{page}/undo", script=True).status_code == 200
    until(lead, page, "되돌림", "되돌림 7, 그대로 둠 0")
    assert "김고객0" not in lead.get(people).text
    assert lead.post(f"{page}/undo", script=True).status_code == 409


def test_a_long_file_of_purchases_is_done_piece_by_piece(
    app: App, lead: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("connectors.customer_batches.PIECE_S", 0.0)  # every step is a job
    tag = uuid.uuid4().hex[:8]
    page = send(lead, table(f"{tag},박구매,,"))
    lead.post(f"{page}/check", script=True, c0="number", c1="name")
    until(lead, page, "확인함")
    lead.post(f"{page}/run", script=True)
    until(lead, page, "가져옴")
    rows = [f"{tag}-{n},{tag},39000,2026-03-01" for n in range(250)]
    page = send(lead, table(*rows, head="주문번호,고객번호,결제금액,주문일시"), "구매.csv")
    part = until(lead, page, "구매", "250행")
    assert part.count("selected") == 4
    fields = {"c0": "order", "c1": "number", "c2": "amount", "c3": "ordered_at"}
    lead.post(f"{page}/check", script=True, **fields)
    until(lead, page, "확인함", "추가 250")
    lead.post(f"{page}/run", script=True)
    until(lead, page, "가져옴", "추가 250", "실패 0")
    for form in ("csv", "xlsx", "jsonl"):
        out = lead.get(f"/console/customers/export?kind=purchases&form={form}&reason=정산")
        assert out.status_code == 200 and "attachment" in out.headers["content-disposition"]
        if form == "xlsx":
            book = load_workbook(io.BytesIO(out.content), read_only=True)
            assert sum(1 for _ in book.worksheets[0].rows) == 251
            book.close()
        else:
            assert out.content.count(tag.encode() + b"-") == 250
    assert lead.get("/console/customers/export?form=pdf&reason=정산").status_code == 422


def test_what_is_no_file_of_customers_says_so(lead: Browser) -> None:
    for content, called, says in (
        (b"%PDF-1.7", "고객.pdf", "CSV, Excel, JSONL 파일이 아니에요"),
        (b"x", "고객.xlsx", "읽을 수 없어요"),
        (b"", "고객.csv", "내용이 없어요"),
        (HEAD.encode(), "고객.csv", "내용이 없어요"),
    ):
        answer = lead.http.post(HOME, data={"csrf": lead.csrf()}, files={"file": (called, content)})
        assert answer.status_code == 422 and says in answer.text, (called, answer.text)
        assert 'aria-label="주 메뉴"' in answer.text, "said on the page, with the way on from there"
    page = send(lead, table("<img src=x>,<img src=y>,,"), "<img src=z>.csv")
    shown = lead.get(page).text
    assert not {"<img src=x>", "<img src=z>"} & set(re.findall("<img[^>]*>", shown))
    assert "&lt;img src=x&gt;" in shown
    assert lead.post(f"{page}/discard", script=True).json()["go"] == HOME
    assert lead.get(page).status_code == 404


@pytest.mark.parametrize("width", [390, 1280])
def test_a_file_that_cannot_be_read_is_said_in_its_form(
    app: App, window: Window, width: int
) -> None:
    page = window(width, 800)
    enter(app, page, role="lead")
    expect(page.locator(".places").first).to_be_attached()
    page.goto(app.url + HOME)
    page.locator("#kind").select_option("purchases")
    for content, called in ((b"number,name", "구매.xlsx"), (b"\x89PNG\r\n\x1a\n\xff", "구매.csv")):
        sent: Any = {"name": called, "mimeType": "text/csv", "buffer": content}
        page.locator("[name=file]").set_input_files(sent)
        # The page fetches itself anew when something changes; that is not what was sent.
        with page.expect_response(lambda one: one.request.method == "POST") as answer:
            page.get_by_role("button", name="올리기").click()
        assert answer.value.status == 422
        expect(page.locator(".ways .wrong")).to_have_text("파일: 읽을 수 없어요")
    OUTPUT.mkdir(exist_ok=True)
    page.screenshot(path=OUTPUT / f"unreadable-{width}.png")
    expect(page.locator("#kind")).to_have_value("purchases")
    good: Any = {"name": "고객.csv", "mimeType": "text/csv", "buffer": table("1,2,,")}
    page.locator("[name=file]").set_input_files(good)
    page.get_by_role("button", name="올리기").click()
    expect(page).to_have_url(re.compile(r"/imports/\d+$"))


def test_only_leads_import_and_export_and_only_from_here(app: App, lead: Browser) -> None:
    agent = signed_in(app, name())
    sent = {"file": ("a.csv", table("1,2,,"))}
    for path in (HOME, "/console/customers/export"):
        assert agent.get(path).status_code == 403
    assert "/console/customers/imports" not in agent.get("/console/customers").text
    assert "/console/customers/imports" in lead.get("/console/customers").text
    answer = agent.http.post(HOME, data={"csrf": agent.csrf()}, files=sent)
    assert answer.status_code == 403
    assert lead.http.post(HOME, data={"csrf": "0" * 64}, files=sent).status_code == 403
    page = send(lead, table("1,2,,"))
    for act in ("check", "run", "undo", "discard"):
        assert agent.post(f"{page}/{act}", script=True).status_code == 403
    assert agent.get(page).status_code == agent.get(f"{page}/refused").status_code == 403
