"""Customers' data leaves as a file for a reason alone, and who took it along is kept (check P4)."""

from __future__ import annotations

import io
import os
import stat
import tempfile
import zipfile
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import expect
from sqlalchemy import Engine, text
from sqlalchemy.exc import ProgrammingError

from connectors import cli
from tests.connectors.browser import enter, signed_in
from tests.connectors.conftest import App, running
from tests.pages import OUTPUT, Window
from ticketing import downloads, record
from ticketing.db import Sessions
from ticketing.record import Author

EXPORT = "/console/customers/export"


@pytest.fixture
def somebody(sessions: Sessions) -> str:
    with sessions.begin() as session:
        made = record.at_shop(
            session, "C-1", values={"name": "김하나"}, by=Author(name="shop", source="import")
        )
        assert made is not None
        return str(made.id)


def kept(app: App) -> list[tuple[str, str, int, str, str, str]]:
    with app.sessions() as session:
        return [
            (one.file, one.form, one.rows, one.reason, one.by_name, one.source)
            for one in downloads.listing(session)
        ]


def test_p4_no_download_without_a_reason_and_each_is_kept(
    database_url: str, tmp_path: Path, somebody: str, engine: Engine
) -> None:
    with running(database_url, tmp_path) as app:
        lead = signed_in(app, "리더", "lead")
        for reason in ("", "&reason=", "&reason=%20", "&reason=" + "x" * 201):
            refused = lead.get(f"{EXPORT}?form=csv{reason}")
            assert refused.status_code == 422, reason
            assert "김하나" not in refused.text
        assert kept(app) == []
        out = lead.get(f"{EXPORT}?form=csv&reason=7월 정산")
        assert out.status_code == 200 and "김하나" in out.text
        assert kept(app) == [("customers", "csv", 1, "7월 정산", "리더", "console")]

        admin, agent = app.agent("관리자", "admin"), app.agent("상담원")
        path = f"/api/customers/{somebody}/file"
        assert admin.get(path).status_code == 422
        assert agent.get(path, params={"reason": "x"}).status_code == 403
        named = admin.get(path, params={"reason": "김하나 님 요청"})
        assert (named.status_code, named.json()["reason"]) == (422, "names")
        file: httpx.Response = admin.get(path, params={"reason": "고객 요청"})
        assert file.headers["content-type"] == "application/zip"
        with zipfile.ZipFile(io.BytesIO(file.content)) as made:
            assert "김하나" in made.read("customer.json").decode()
        assert agent.get("/api/downloads").status_code == 403
        first, second = admin.get("/api/downloads").json()["downloads"]
        assert (first["what"], first["customer"], first["by"]) == ("person", somebody, "관리자")
        assert (first["place"], second["reason"]) == ("127.0.0.1", "7월 정산")
    for change in ("UPDATE access SET reason = 'x'", "DELETE FROM access"):
        with engine.connect() as connection, pytest.raises(ProgrammingError, match="stays"):
            connection.execute(text(change))


def test_nothing_of_a_download_stays_here_whatever_was_asked_for(
    database_url: str, tmp_path: Path, somebody: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    there = tmp_path / "temporary"
    there.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(there))
    with running(database_url, tmp_path) as app:
        admin = app.agent("관리자", "admin")
        for part in ("bytes=0-9", "bytes=99999999-", "bytes=5-1", "a part of it"):
            out = admin.get(
                f"/api/customers/{somebody}/file", params={"reason": "x"}, headers={"Range": part}
            )
            # A file that is made anew has no part that goes on with an earlier one.
            assert out.status_code == 200, part
            assert zipfile.is_zipfile(io.BytesIO(out.content))
            assert int(out.headers["content-length"]) == len(out.content)
        assert [*there.iterdir()] == []


def test_the_command_keeps_why_and_warns_without(
    database_url: str,
    tmp_path: Path,
    somebody: str,
    sessions: Sessions,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("SANGDAM_DATABASE_URL", database_url)
    monkeypatch.setenv("SANGDAM_DATA_DIR", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    out = str(tmp_path / "out.csv")
    assert cli.main(["customers", "export", out, "--reason", "이관"]) == 0
    assert stat.S_IMODE(os.stat(out).st_mode) == 0o600, "nobody else on this machine reads it"
    assert cli.main(["customers", "export"]) == 0
    assert "--reason" in capsys.readouterr().err
    assert cli.main(["customers", "export", out, "--reason", "x" * 201]) == 1
    with sessions() as session:
        found = [(one.source, one.rows, one.reason) for one in downloads.listing(session)]
    assert found == [("cli", 1, ""), ("cli", 1, "이관")]


@pytest.mark.parametrize(("lang", "width"), [("ko", 1280), ("ko", 390), ("en", 390)])
def test_the_console_asks_what_for_and_shows_who_did(
    database_url: str, tmp_path: Path, somebody: str, window: Window, lang: str, width: int
) -> None:
    OUTPUT.mkdir(exist_ok=True)
    with running(database_url, tmp_path) as app:
        page = window(width=width)
        enter(app, page, "admin", who="관리자")
        page.goto(f"{app.url}/console/customers/imports?lang={lang}")
        page.screenshot(path=OUTPUT / f"export-{lang}-{width}.png", full_page=True)
        page.locator("[name=form][value=xlsx]").click()  # the browser asks for the reason
        assert kept(app) == []
        page.locator("[name=reason]").fill("세무 신고")
        with page.expect_download():
            page.locator("[name=form][value=xlsx]").click()
        page.locator("a[href$='what=downloaded']").click()
        expect(page.locator(".row")).to_have_count(1)
        expect(page.locator(".row")).to_contain_text("세무 신고")
        assert page.evaluate("document.documentElement.scrollWidth") == width
        page.screenshot(path=OUTPUT / f"downloads-{lang}-{width}.png")
