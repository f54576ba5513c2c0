"""Imports are taken back as a whole, pictures come along, and what goes out comes in the same."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook
from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from knowledge_base import archives, articles, batches, exporting, importing, pictures, reading
from knowledge_base.errors import Conflict, Invalid, NotFound
from knowledge_base.models import Article, Import, ImportedArticle, Picture
from tests.files import png
from tests.statements import noted


def row(id: str, **changes: Any) -> dict[str, Any]:
    return {"id": id, "locale": "ko", "title": id, "body": f"{id} 본문", **changes}


def bring(session: Session, *rows: dict[str, Any], **options: Any) -> importing.Report:
    report = importing.import_rows(session, rows, author="가져온 사람", **options)
    session.commit()
    return report


def picture_type(name: str, content: bytes) -> str:
    if not content.startswith(b"\x89PNG"):
        raise ValueError("is no picture")
    return "image/png"


def test_undoing_brings_everything_back(session: Session) -> None:
    bring(session, row("fee"), row("draft"), publish=False)
    articles.publish(session, id="fee", locale="ko", author="하늘")
    articles.update(session, id="fee", locale="ko", author="하늘", body="쓰는 중")
    session.commit()
    report = bring(session, row("fee", body="덮어씀"), row("draft", body="덮어씀"), row("new"))
    assert (report.added, report.updated) == (1, 2) and report.batch is not None
    version = articles.published_version(session)
    undone = batches.undo(session, report.batch, author="하늘")
    session.commit()
    session.expire_all()
    assert undone.as_json() == {"removed": 1, "restored": 2, "kept": []}
    fee, draft = (articles.get(session, id=id, locale="ko") for id in ("fee", "draft"))
    assert (fee.state, fee.body, fee.published_revision) == ("published", "쓰는 중", 1)
    assert (draft.state, draft.body, draft.published_revision) == ("draft", "draft 본문", None)
    assert articles.revisions(session, id="fee", locale="ko")[0].action == "undo"
    assert articles.published_version(session) > version
    with pytest.raises(NotFound):
        articles.get(session, id="new", locale="ko")
    with pytest.raises(Conflict):
        batches.undo(session, report.batch, author="하늘")
    batch = batches.get(session, report.batch)
    assert (batch.state, batch.undone_by, batch.author) == ("undone", "하늘", "가져온 사람")


def test_what_somebody_changed_since_stays(session: Session) -> None:
    report = bring(session, row("one"), row("two"), row("three"))
    articles.update(session, id="one", locale="ko", author="하늘", body="고쳐 씀")
    session.execute(delete(Article).where(Article.id == "two"))
    assert report.batch is not None
    undone = batches.undo(session, report.batch, author="하늘")
    session.commit()
    assert undone.removed == 1
    assert {one["article"]: one["reason"] for one in undone.kept} == {
        "one": "was changed since by 하늘", "two": "is gone"
    }  # fmt: skip
    assert articles.get(session, id="one", locale="ko").body == "고쳐 씀"
    assert [one.id for one in batches.left(session, report.batch, limit=9)] == ["one"]


def test_what_was_left_is_named_for_good_and_what_came_later_is_not(session: Session) -> None:
    bring(session, row("old"))
    session.commit()
    report = bring(session, row("old", body="새 글"), row("new"), row("kept"))
    assert report.batch is not None
    assert batches.left(session, report.batch, limit=9) == []
    session.commit()
    articles.retire(session, id="kept", locale="ko", author="하늘")
    session.commit()
    batches.undo(session, report.batch, author="하늘")
    session.commit()
    articles.update(session, id="old", locale="ko", author="하늘", body="나중")
    bring(session, row("new"))
    session.commit()
    assert [one.id for one in batches.left(session, report.batch, limit=9)] == ["kept"]


def test_undoing_leaves_no_language_behind(session: Session) -> None:
    both = [row("fee"), row("fee", locale="en")]
    bring(session, *both)
    report = bring(session, row("fee", body="새 글"))
    english = articles.get(session, id="fee", locale="en")
    assert english.outdated_since is not None
    assert report.batch is not None
    batches.undo(session, report.batch, author="a")
    session.commit()
    session.expire_all()
    assert english.outdated_since is None


@pytest.mark.parametrize("behind", [None, "ko", "en"])
def test_an_import_of_both_languages_leaves_neither_behind(
    session: Session, behind: str | None
) -> None:
    locales = ("ko", "en")
    bring(session, *(row(id, locale=locale) for id in ("fee", "other") for locale in locales))
    if behind is not None:
        leading = next(one for one in locales if one != behind)
        articles.update(session, id="fee", locale=leading, author="a", body="앞서감")
        session.commit()
    bring(
        session, *(row("fee", locale=one, body="새 글") for one in locales), row("other", body="x")
    )
    session.expire_all()
    outdated = select(Article.id, Article.locale).where(Article.outdated_since.is_not(None))
    assert [tuple(one) for one in session.execute(outdated)] == [("other", "en")]


def test_changing_and_undoing_many_takes_few_statements(session: Session) -> None:
    bring(session, *(row(f"a-{n}", questions=["하나", "둘"]) for n in range(200)))
    with noted(session) as made:
        changed = [row(f"a-{n}", questions=["셋", "넷", "다섯"], body="새 글") for n in range(200)]
        report = bring(session, *changed)
    importing_took = len(made)
    assert report.updated == 200 and report.batch is not None
    with noted(session) as made:
        assert batches.undo(session, report.batch, author="a").restored == 200
        session.commit()
    # Of the driver's: what goes to the server together counts once.
    assert importing_took < 60 and len(made) < 60, (importing_took, len(made))
    back = articles.get(session, id="a-7", locale="ko")
    assert (back.questions, back.body, back.revision) == (["하나", "둘"], "a-7 본문", 3)
    log = articles.revisions(session, id="a-7", locale="ko")
    done = [(one.action, one.revision) for one in reversed(log)]
    assert done == [("import", 1), ("publish", 1), ("import", 2), ("publish", 2), ("undo", 3)]


def test_nothing_written_is_no_batch(session: Session) -> None:
    assert bring(session, row("fee")).batch is not None
    assert bring(session, row("fee")).batch is None
    assert bring(session, row("fee", body="x"), dry_run=True).batch is None
    assert bring(session, row("fee", body="x"), {"id": "!"}).batch is None
    assert session.scalar(select(func.count()).select_from(Import)) == 1
    assert session.scalar(select(func.count()).select_from(ImportedArticle)) == 1


def test_progress_is_told(session: Session) -> None:
    told: list[tuple[int, int]] = []
    rows = [row(f"a-{n}") for n in range(60)]
    bring(session, *rows, progress=lambda done, total: told.append((done, total)))
    assert told == [(0, 60), (50, 60), (60, 60)]


FRONT = "---\nid: {id}\ntitle: 그림\nlocale: ko\n---\n\n"


def folder(place: Path) -> Path:
    for locale in ("ko", "en"):
        (place / locale).mkdir(parents=True)
        text = FRONT.format(id="shown").replace("locale: ko", f"locale: {locale}")
        shown = f"{text}보세요.\n\n![화면](../img/a.png) ![밖](../../secret.png) ![없음](b.png)\n"
        (place / locale / "shown.md").write_text(shown, encoding="utf-8")
    (place / "img").mkdir()
    (place / "img" / "a.png").write_bytes(png())
    (place.parent / "secret.png").write_bytes(png(3))
    return place


def test_pictures_come_along_and_go_out_again(session: Session, tmp_path: Path) -> None:
    rows = reading.read(folder(tmp_path / "kb"))
    dry = importing.import_rows(session, rows, author="a", dry_run=True, picture_type=picture_type)
    assert dry.added == 2 and session.scalar(select(func.count()).select_from(Picture)) == 0
    importing.import_rows(session, rows, author="a", picture_type=picture_type)
    session.commit()
    (kept,) = session.scalars(select(Picture))
    body = articles.get(session, id="shown", locale="ko").body
    assert f"![화면](/help/pictures/{kept.id})" in body and "](../../secret.png)" in body
    assert pictures.content(session, kept.id) == png() == pictures.piece(session, kept.id, start=0)
    (tmp_path / "out.zip").write_bytes(exporting.file(session, "zip"))
    with archives.unpacked(tmp_path / "out.zip") as place:
        again = importing.import_rows(
            session, reading.read(place), author="a", picture_type=picture_type
        )
        assert (again.unchanged, again.updated, again.added) == (2, 0, 0)


def test_a_picture_that_is_none_refuses_its_row(session: Session, tmp_path: Path) -> None:
    place = folder(tmp_path / "kb")
    (place / "img" / "a.png").write_bytes(b"<svg onload=alert(1)>")
    report = importing.import_rows(
        session, reading.read(place), author="a", picture_type=picture_type
    )
    assert {one["reason"] for one in report.refused} == {"picture ../img/a.png: is no picture"}
    assert not report.written


@pytest.mark.parametrize("kind", ["csv", "xlsx", "jsonl", "zip"])
def test_what_goes_out_comes_in_the_same(session: Session, tmp_path: Path, kind: str) -> None:
    bring(
        session,
        row("a", title="=1+1", body="- 하나\n- 둘\n\n'=셋'", questions=["@누구?", "a|b"]),
        row("b", title="'=x", body="+82 2", tags=["-", "\t=x"]),
        row("c", title='따옴표 "와" 쉼표,', body="끝\x0b \ufffe _x000D_"),
    )
    path = tmp_path / f"kb.{kind}"
    path.write_bytes(exporting.file(session, kind))
    with archives.unpacked(path) as place:
        again = importing.import_rows(session, reading.read(place), author="a")
    assert (again.unchanged, again.refused) == (3, ())


def test_no_cell_of_a_table_is_a_formula(session: Session) -> None:
    bring(session, row("a", title="=cmd|' /C calc'!A1", body="-1+1", tags=["x"]))
    text = exporting.file(session, "csv").decode("utf-8-sig")
    assert "'=cmd" in text and ",'-1+1" in text
    made = zipfile.ZipFile(io.BytesIO(exporting.file(session, "xlsx")))
    assert b"<f>" not in made.read("xl/worksheets/sheet1.xml")


def test_a_workbook_holds_only_what_xml_can(session: Session) -> None:
    bring(session, row("a", title="t\ufffe\uffff", body="b\x0b\uffff"))
    sheet = load_workbook(io.BytesIO(exporting.file(session, "xlsx"))).worksheets[0]
    cells = [str(one) for one in next(sheet.iter_rows(min_row=2, values_only=True))]
    assert "t_xFFFE__xFFFF_" in cells and "b_x000B__xFFFF_" in cells, "as Excel writes them"


def test_a_zip_leads_nowhere_else(tmp_path: Path) -> None:
    path = tmp_path / "kb.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("../../up.md", "x")
        archive.writestr("/etc/abs.md", "x")
        archive.writestr("__MACOSX/._a.md", "x")
        archive.writestr("한글/문서.md", FRONT.format(id="a") + "본문")
        archive.writestr("run.exe", "x")
    with archives.unpacked(path) as place:
        found = sorted(str(one.relative_to(place)) for one in place.rglob("*") if one.is_file())
    assert found == ["etc/abs.md", "한글/문서.md"]
    assert not (tmp_path / "up.md").exists()
    path.write_bytes(b"PK\x03\x04 no")
    with pytest.raises(Invalid), archives.unpacked(path):
        pass
