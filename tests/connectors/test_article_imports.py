"""Curators bring articles in from files and take them out again, in the console."""

from __future__ import annotations

import io
import time
import uuid
import zipfile
from pathlib import Path
from typing import Any

import pytest

from knowledge_base import articles, batches, importing, reading
from tests.article_files import workbook
from tests.connectors.browser import Browser, name, signed_in
from tests.connectors.conftest import App
from tests.files import png

HOME = "/console/articles/imports"


@pytest.fixture(scope="module")
def app(gateway: App) -> App:
    """One gateway for all tests here."""
    return gateway


@pytest.fixture(scope="module")
def lead(app: App) -> Browser:
    """Somebody who may import."""
    return signed_in(app, name(), role="lead")


def send(browser: Browser, content: bytes, called: str, **fields: str) -> str:
    """Upload a file; the address of its import."""
    answer = browser.http.post(
        HOME,
        data={"csrf": browser.csrf(), "publish": "on", **fields},
        files={"file": (called, content)} if called else None,
    )
    assert answer.status_code == 303, answer.text
    return answer.headers["location"]


def until(browser: Browser, page: str, *wanted: str) -> str:
    """The page of an import when it is no longer busy."""
    deadline = time.monotonic() + 30
    while "data-running" in (part := browser.parts(page)["import"]):
        assert time.monotonic() < deadline, part
    for one in wanted:
        assert one in part, part
    return part


def test_a_file_is_checked_written_and_taken_back(app: App, lead: Browser) -> None:
    id = f"fee-{uuid.uuid4().hex[:6]}"
    table = f"아이디,제목,언어,본문\n{id},배송비,ko,무료예요\n"
    page = send(lead, table.encode("cp949"), "문서.csv")
    until(lead, page, "확인함", "가져와서 게시하기")
    assert app.visitor().http.get(f"/help/{id}").status_code == 404, "only checked so far"
    assert lead.post(f"{page}/run").status_code == 303
    until(
        lead, page, "가져옴", "통째로 취소", "바뀐 문서", f'/edit/{id}?locale=ko" lang="ko">배송비<'
    )
    assert "무료예요" in app.visitor().http.get(f"/help/{id}").text
    assert lead.post(f"{page}/run", script=True).status_code == 409
    undone = lead.post(f"{page}/undo", script=True)
    assert undone.json()["said"] == "취소했어요. 지움 1개, 되돌림 0개, 그대로 둠 0개."
    assert app.visitor().http.get(f"/help/{id}").status_code == 404
    assert lead.post(f"{page}/undo", script=True).status_code == 409


def test_the_sample_shop_is_taken_away_from_where_the_articles_are(app: App, lead: Browser) -> None:
    id = f"sample-{uuid.uuid4().hex[:6]}"
    row = reading.Row("1", {"id": id, "locale": "ko", "title": "예시", "body": "예시예요"})
    with app.sessions.begin() as session:
        report = importing.import_rows(session, [row], author="test", source=batches.SAMPLE)
    page = f"{HOME}/{report.batch}"
    listed = lead.parts("/console/articles")["articles"]
    assert "예시 상점의 문서 1개로 고객에게 답하고 있어요" in listed and f'href="{page}"' in listed
    assert "예시 상점" not in signed_in(app, name()).parts("/console/articles")["articles"]
    assert lead.post(f"{page}/undo").status_code == 303
    assert "예시 상점" not in lead.parts("/console/articles")["articles"]


def test_columns_that_nobody_reads_are_named_before_and_after(lead: Browser) -> None:
    id = f"extra-{uuid.uuid4().hex[:6]}"
    table = f"아이디,제목,본문,비고<b>\n{id},배송비,무료예요,아직\n"
    page = send(lead, table.encode(), "a.csv")
    until(lead, page, "가져와서 게시하기", "읽지 않은 칸: 비고&lt;b&gt;")
    lead.post(f"{page}/run")
    until(lead, page, "가져옴", "읽지 않은 칸: 비고&lt;b&gt;")


def test_what_is_hidden_in_a_workbook_is_named_before_and_after(
    lead: Browser, tmp_path: Path
) -> None:
    id = f"hidden-{uuid.uuid4().hex[:6]}"
    rows = ([f"{id}{one}", "배송비", "ko", "", "", "무료예요"] for one in "abcd")
    path = workbook(tmp_path / "문서.xlsx", *rows, hidden=[2, 4, 5])
    page = send(lead, path.read_bytes(), "문서.xlsx")
    said = "Excel에서 숨긴 줄이나 시트는 가져오지 않아요: 2, 4-5."
    until(lead, page, "가져와서 게시하기", said)
    lead.post(f"{page}/run")
    part = until(lead, page, "가져옴", said)
    assert f"{id}b" in part and f"{id}a" not in part and "읽지 않은 칸" not in part


def test_what_taking_back_leaves_is_named_as_long_as_one_looks(app: App, lead: Browser) -> None:
    ids = [f"left-{uuid.uuid4().hex[:6]}" for _ in range(2)]
    table = "아이디,제목,언어,본문\n" + "".join(f"{id},제목 {id},ko,글\n" for id in ids)
    page = send(lead, table.encode(), "a.csv")
    until(lead, page, "가져와서 게시하기")
    lead.post(f"{page}/run")
    until(lead, page, "가져옴")
    with app.sessions.begin() as session:
        articles.update(session, id=ids[0], locale="ko", title="<b>고침</b>", author="하늘")
    lead.post(f"{page}/undo", script=True)
    part = until(lead, page, "취소함", "그 뒤에 고쳐서 그대로 둔 문서", "&lt;b&gt;고침&lt;/b&gt;")
    assert f"/edit/{ids[0]}?locale=ko" in part and ids[1] not in part


def test_every_row_to_mend_is_named_and_nothing_is_written(app: App, lead: Browser) -> None:
    id = f"fee-{uuid.uuid4().hex[:6]}"
    table = f"id,title,locale,body\n{id},a,ko,b\n{id},a,ko,b\nbad id,a,ko,b\nx,a,xx,\n"
    page = send(lead, table.encode(), "kb.csv")
    twice = f"<td>같은 문서({id})가 2 줄에도 있어요"
    part = until(lead, page, twice, "아이디: 글자, 숫자와", "ko나 en")
    assert "가져와서 게시하기" not in part
    to_mend, _, new = part.partition("</table>")
    assert new.count("<tr><td>") == 1, "the row that is fit is named, too"
    assert f"고칠 줄 {to_mend.count('<tr><td>')}</small>" in lead.parts(HOME)["imports"]
    assert lead.post(f"{page}/run", script=True).status_code == 409


def test_of_very_many_rows_to_mend_the_rest_is_counted(lead: Browser) -> None:
    rows = "".join(f"bad id {number},t,ko,b\n" for number in range(1302))
    page = send(lead, f"id,title,locale,body\n{rows}".encode(), "kb.csv")
    part = until(lead, page, "이 밖에 1,002줄이 더 있어요.")
    assert part.count("<tr><td>") == 300


@pytest.mark.parametrize(
    ("content", "called", "says"),
    [
        (b"%PDF-1.7", "kb.pdf", "가져올 수 있는 파일이 아니에요"),
        (b"x", "kb.xlsx", "Excel 파일이 아니에요"),
        (b"PK\x03\x04x", "kb.zip", "zip 파일이 아니에요"),
        (b"a,b\n1,2", "kb.csv", ">첫 줄에 제목, 본문 칸이 없어요"),
        ("제목,answer,본문".encode(), "kb.csv", ">칸 answer, 본문 가운데 하나만"),
        (
            b"\xff\xff\xff,",
            "../<img src=x onerror=alert(1)>.csv",
            "‘CSV UTF-8’이나 .xlsx로 저장해 주세요",
        ),
    ],
)
def test_what_is_no_knowledge_base_says_so(
    lead: Browser, content: bytes, called: str, says: str
) -> None:
    page = send(lead, content, called)
    until(lead, page, "실패함", says)
    row = lead.parts(HOME)["imports"].split("<li")[1]
    assert "실패함" in row and "새 문서" not in row, "it has done nothing"
    assert "<img src=x" not in lead.get(page).text


@pytest.mark.parametrize(
    ("url", "says"),
    [
        ("http://169.254.169.254/latest/meta-data/", "내부 네트워크 주소는 읽지 않아요"),
        ("http://[::1]:{port}/healthz", "내부 네트워크 주소는 읽지 않아요"),
        ("http://0x7f.1:{port}/healthz", "내부 네트워크 주소는 읽지 않아요"),
        ("file:///etc/passwd", "http와 https 주소만 읽어요"),
        ("gopher://localhost/", "http와 https 주소만 읽어요"),
    ],
)
def test_no_address_in_here_is_fetched(app: App, lead: Browser, url: str, says: str) -> None:
    page = send(lead, b"", "", url=url.format(port=app.url.rpartition(":")[2]))
    until(lead, page, "실패함", says)


def test_pictures_come_in_a_zip_and_all_of_it_goes_out_again(app: App, lead: Browser) -> None:
    id = f"shown-{uuid.uuid4().hex[:6]}"
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        front = f"---\nid: {id}\ntitle: 그림\nlocale: ko\n---\n\n"
        archive.writestr("ko/a.md", f"{front}![화면](../img/a.png)")
        archive.writestr("img/a.png", png())
    page = send(lead, packed.getvalue(), "kb.zip")
    until(lead, page, "확인함")
    lead.post(f"{page}/run")
    until(lead, page, "가져옴")
    assert '<img src="/help/pictures/' in app.visitor().http.get(f"/help/{id}").text
    for kind in ("zip", "csv", "xlsx", "jsonl"):
        out = lead.get(f"/console/articles/export?kind={kind}")
        assert out.status_code == 200 and "attachment" in out.headers["content-disposition"]
        until(lead, send(lead, out.content, f"out.{kind}"), "바뀌는 것이 없어요")
    with zipfile.ZipFile(io.BytesIO(lead.get("/console/articles/export?kind=zip").content)) as out:
        assert f"ko/{id}.md" in out.namelist()
        assert any(one.startswith("pictures/") for one in out.namelist())


def test_the_articles_that_change_are_named_before(app: App, lead: Browser) -> None:
    id = f"fee-{uuid.uuid4().hex[:6]}"
    head = "id,title,locale,body\n"
    first = send(lead, f"{head}{id},배송비,ko,무료\n{id}-b,<b>그대로,ko,같아요\n".encode(), "a.csv")
    until(lead, first, "확인함")
    lead.post(f"{first}/run")
    assert "바뀌는 것" not in until(lead, first, "가져옴")
    table = f"{head}{id},배송 요금,ko,유료\n{id}-b,<b>그대로,ko,같아요\n{id}-c,새것,ko,새로\n"
    page = send(lead, table.encode(), "a.csv")
    part = until(lead, page, "확인함", f'/console/articles/edit/{id}?locale=ko"', ">배송비</a>")
    changed, _, new = part.partition("<table>")[2].partition("<table>")
    assert ">제목, 본문</td>" in changed and "그대로" not in changed and "새것" not in changed
    # What is not there yet has no page to lead to.
    assert '<span lang="ko">새것</span>' in new and f"{id}-c" in new and "<a " not in new
    lead.post(f"{page}/run")
    assert f'/edit/{id}-c?locale=ko" lang="ko">새것</a>' in until(
        lead, page, "가져옴", ">배송비</a>"
    )
    with app.sessions.begin() as session:
        articles.retire(session, id=id, locale="ko", author="test")
    until(lead, send(lead, table.encode(), "a.csv"), ">게시</td>", ">배송 요금</a>")


def test_an_article_too_long_for_excel_is_named(app: App, lead: Browser) -> None:
    """On a page, which a link that only downloads would keep as a broken file."""
    id = f"long-{uuid.uuid4().hex[:6]}"
    with app.sessions.begin() as session:
        articles.create(session, id=id, locale="ko", title="긺", body="가" * 40_000, author="test")
    link = f"{HOME.rpartition('/')[0]}/export?kind=xlsx"
    assert f'href="{link}">Excel</a>' in lead.get(HOME).text
    refused = lead.get(link)
    assert refused.status_code == 422
    assert f"‘{id}’ 문서가 Excel 한 칸에 담기에는 너무 길어요" in refused.text
    assert lead.get(link.replace("xlsx", "csv")).status_code == 200


def test_only_leads_import_and_only_from_here(app: App, lead: Browser) -> None:
    agent = signed_in(app, name())
    sent: dict[str, Any] = {"files": {"file": ("a.csv", b"x")}}
    assert agent.get(HOME).status_code == 403
    answer = agent.http.post(HOME, data={"csrf": agent.csrf()}, **sent)
    assert answer.status_code == 403
    assert lead.http.post(HOME, data={"csrf": "0" * 64}, **sent).status_code == 403
    foreign = {"Origin": "https://evil.example"}
    answer = lead.http.post(HOME, data={"csrf": lead.csrf()}, headers=foreign, **sent)
    assert answer.status_code == 403
    assert lead.post(HOME, url="no address", script=True).status_code == 422
    assert lead.post(HOME, script=True).status_code == 422
    assert lead.get(f"{HOME}/999999").status_code == 404
