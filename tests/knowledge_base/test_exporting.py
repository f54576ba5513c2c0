"""What goes out: what customers see and nothing else, and all of it the same again."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from knowledge_base import archives, articles, exporting, importing, reading
from knowledge_base.importing import Report
from knowledge_base.models import Article
from knowledge_base.tables import csv_lines, xlsx_lines
from tests.conftest import fresh_database, patient


def row(id: str, **more: Any) -> dict[str, Any]:
    return {"id": id, "title": id, "locale": "ko", "body": f"{id} 본문", **more}


def states(session: Session) -> dict[str, str]:
    return {one.id: one.state for one in session.scalars(select(Article))}


def brought(session: Session, path: Path) -> Report:
    with archives.unpacked(path) as place:
        return importing.import_rows(session, reading.read(place), author="b", publish=True)


def one_of_each(session: Session) -> None:
    """Published, written on since, never published, and taken away."""
    rows = [row("shown"), row("changed"), row("gone")]
    importing.import_rows(session, rows, author="a")
    articles.retire(session, id="gone", locale="ko", author="a")
    articles.update(session, id="changed", locale="ko", title="아직 비밀", author="a")
    articles.create(session, id="draft", locale="ko", title="초안", body="초안", author="a")
    session.commit()


@pytest.mark.parametrize("kind", ["zip", "csv", "xlsx", "jsonl"])
def test_states_go_out_and_come_in_again(
    session: Session, postgres: str, tmp_path: Path, kind: str
) -> None:
    one_of_each(session)
    path = tmp_path / f"kb.{kind}"
    path.write_bytes(exporting.file(session, kind, state=None))
    here = brought(session, path)
    assert (here.added, here.updated, here.unchanged) == (0, 0, 4), "also with publishing"
    with fresh_database(postgres) as url:
        elsewhere = patient(url, pool_size=1)
        with Session(elsewhere) as there:
            report = brought(there, path)
            assert report.added == 4 and report.published == ("shown",)
            assert states(there) == {
                "shown": "published", "changed": "draft", "draft": "draft", "gone": "retired",
            }  # fmt: skip
            again = brought(there, path)
            assert (again.added, again.updated, again.unchanged) == (0, 0, 4)
        elsewhere.dispose()


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_questions_stand_in_a_cell_as_people_write_them(
    session: Session, tmp_path: Path, kind: str
) -> None:
    nasty = ["=1+1", "가|나", "[다]", '["라"]', "'=마", "_x000A_", "a, b", "-"]
    asked = ["언제 와요?", "며칠 걸려요, 보통?"]
    rows = [
        row("plain", questions=asked, tags=["배송", "기간"]),
        row("none"),
        row("nasty", questions=nasty, tags=nasty),
        *(row(f"one{at}", questions=[one], tags=[one]) for at, one in enumerate(nasty)),
    ]
    importing.import_rows(session, rows, author="a")
    path = tmp_path / f"kb.{kind}"
    path.write_bytes(exporting.file(session, kind))
    lines = [
        *(csv_lines(path.read_text("utf-8-sig")) if kind == "csv" else []),
        *((cells for _, cells in xlsx_lines(path.open("rb"), "a")) if kind == "xlsx" else []),
    ]
    cells = dict(zip(lines[0], next(one for one in lines if one[0] == "plain"), strict=True))
    assert (cells["questions"], cells["tags"]) == ("\n".join(asked), "배송\n기간")
    report = brought(session, path)
    assert (report.added, report.updated, report.unchanged) == (0, 0, len(rows))


def test_what_customers_do_not_see_yet_is_not_exported_as_if_they_did(
    session: Session, tmp_path: Path
) -> None:
    one_of_each(session)
    assert len(exporting.folder(session, tmp_path)) == 2
    text = (tmp_path / "ko" / "changed.md").read_text(encoding="utf-8")
    assert "title: changed" in text and "비밀" not in text and "state" not in text


def test_an_article_with_a_long_name_is_exported(session: Session, tmp_path: Path) -> None:
    ids = ["배" * 100, "배" * 99 + "송"]
    importing.import_rows(session, [row(id, title="배송") for id in ids], author="a")
    session.commit()
    assert len(exporting.folder(session, tmp_path / "kb")) == 2
    rows = reading.read(tmp_path / "kb")
    assert {one.values["id"] for one in rows} == {*ids}


@pytest.mark.parametrize("said", ["draft: true", "state: Draft", "상태: 초안", "status: archived"])
def test_what_a_file_says_is_a_draft_is_not_published(
    session: Session, tmp_path: Path, said: str
) -> None:
    path = tmp_path / "a.md"
    path.write_text(f"---\nid: a\ntitle: A\nlocale: ko\n{said}\n---\n본문", encoding="utf-8")
    report = brought(session, path)
    assert (report.added, report.published) == (1, ())
    assert states(session)["a"] in ("draft", "retired")
