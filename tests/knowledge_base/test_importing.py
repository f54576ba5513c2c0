from __future__ import annotations

import io
import json
import tempfile
import time
import zipfile
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from openpyxl import Workbook
from sqlalchemy import Engine, delete, text
from sqlalchemy.orm import Session, sessionmaker

from knowledge_base import articles, catalogue, exporting, importing, reading
from knowledge_base.errors import Invalid
from knowledge_base.models import Article
from tests.statements import noted

ROWS: list[dict[str, Any]] = [
    {
        "id": "fee",
        "title": "배송비",
        "locale": "ko",
        "questions": ["배송비 얼마예요?", "무료배송 되나요?"],
        "tags": ["배송", "요금"],
        "body": "3만원부터 무료예요.",
    },
    {
        "id": "fee",
        "title": "Delivery fee",
        "locale": "en",
        "questions": ["How much is delivery?"],
        "tags": ["delivery"],
        "body": "Free from 30,000 won.",
    },
]


def write_csv(path: Path, encoding: str) -> None:
    lines = ["id,title,locale,questions,tags,body"]
    for row in ROWS:
        questions, tags = "|".join(row["questions"]), ",".join(row["tags"])
        body = row["body"]
        lines.append(f'{row["id"]},{row["title"]},{row["locale"]},{questions},"{tags}","{body}"')
    path.write_bytes("\r\n".join(lines).encode(encoding))


def write_xlsx(path: Path) -> None:
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append(["id", "제목", "언어", "질문", "태그", "내용"])
    for row in ROWS:
        sheet.append(
            [
                row["id"],
                row["title"],
                row["locale"],
                "\n".join(row["questions"]),
                ", ".join(row["tags"]),
                row["body"],
            ]
        )
    book.save(path)


def write_markdown(path: Path) -> None:
    for row in ROWS:
        front = {key: value for key, value in row.items() if key != "body"}
        folder = path / row["locale"]
        folder.mkdir(parents=True)
        head = json.dumps(front, ensure_ascii=False)
        (folder / "fee.md").write_text(f"---\n{head}\n---\n\n{row['body']}\n", encoding="utf-8")


def written(place: Path, kind: str) -> Path:
    path = place / ("folder" if kind == "md" else f"kb.{kind.split('-')[0]}")
    if kind == "md":
        write_markdown(path)
    elif kind == "xlsx":
        write_xlsx(path)
    elif kind == "jsonl":
        path.write_text("\n".join(json.dumps(row) for row in ROWS) + "\n", encoding="utf-8")
    else:
        write_csv(path, kind.removeprefix("csv-"))
    return path


@pytest.mark.parametrize(
    "kind", ["md", "xlsx", "jsonl", "csv-utf-8", "csv-utf-8-sig", "csv-cp949", "csv-utf-16"]
)
def test_every_format_gives_the_same_articles(session: Session, tmp_path: Path, kind: str) -> None:
    path = written(tmp_path, kind)
    report = importing.import_rows(session, reading.read(path), author="curator")
    session.commit()
    assert (report.added, report.updated, report.unchanged) == (2, 0, 0)
    assert not report.refused and report.written
    for row in ROWS:
        article = articles.get(session, id=row["id"], locale=row["locale"])
        assert {name: getattr(article, name) for name in row} == row
        assert article.state == "published"
    again = importing.import_rows(session, reading.read(path), author="curator")
    assert (again.added, again.updated, again.unchanged) == (0, 0, 2)


def test_one_refused_row_and_nothing_is_written(session: Session) -> None:
    rows: list[dict[str, Any]] = [
        *ROWS,
        {**ROWS[0], "id": "no good"},
        {**ROWS[0], "title": "twice"},
        {**ROWS[0], "id": "long", "questions": ["x" * 501]},
        {"id": "bare", "locale": "ko"},
    ]
    report = importing.import_rows(session, rows, author="curator")
    session.commit()
    assert [one["row"] for one in report.refused] == ["3", "4", "5", "6"]
    reasons = [one["reason"] for one in report.refused]
    assert reasons[0].startswith("id:") and "row 1" in reasons[1]
    assert reasons[2].startswith("questions:") and reasons[3].startswith("title:")
    assert report.added == 2 and not report.written
    assert catalogue.listing(session) == [] and articles.published_version(session) == 0


def test_a_dry_run_reports_the_same_and_writes_nothing(session: Session) -> None:
    importing.import_rows(session, ROWS[:1], author="a")
    session.commit()
    version = articles.published_version(session)
    rows = [{**ROWS[0], "body": "바뀌었어요."}, ROWS[1]]
    dry = importing.import_rows(session, rows, author="a", dry_run=True)
    session.commit()
    assert articles.get(session, id="fee", locale="ko").body == ROWS[0]["body"]
    assert len(catalogue.listing(session)) == 1 and articles.published_version(session) == version
    real = importing.import_rows(session, rows, author="a")
    assert (dry.added, dry.updated, dry.unchanged) == (real.added, real.updated, real.unchanged)
    assert (real.added, real.updated) == (1, 1) and real.written and not dry.written


def test_the_caller_s_own_work_survives_a_refused_import(session: Session) -> None:
    articles.create(session, id="mine", locale="ko", title="제목", body="본문", author="a")
    importing.import_rows(session, [{"id": "!"}], author="a")
    session.commit()
    assert [one.id for one in catalogue.listing(session)] == ["mine"]


def test_importing_as_drafts_publishes_nothing(session: Session) -> None:
    importing.import_rows(session, ROWS, author="a", publish=False)
    assert {one.state for one in catalogue.listing(session)} == {"draft"}


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        ("a.md", b"no front matter", "front matter"),
        ("a.md", b"---\nid: [\n---\nbody", "YAML"),
        ("a.md", b"---\n- id\n---\nbody", "must hold"),
        ("a.jsonl", b"{broken", "JSON"),
        ("a.jsonl", b"[1]", "object"),
        ("a.csv", b"id,title,locale,body\nx,t,ko,b,extra", "more cells"),
    ],
)
def test_unreadable_rows_are_refused_with_a_reason(
    session: Session, tmp_path: Path, name: str, content: bytes, reason: str
) -> None:
    (tmp_path / name).write_bytes(content)
    report = importing.import_rows(session, reading.read(tmp_path / name), author="a")
    assert len(report.refused) == 1 and reason in report.refused[0]["reason"]


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("kb.pdf", b"%PDF"),
        ("kb.xlsx", b"not a zip"),
        ("kb.csv", b"title;x\nx;y"),
        ("kb.csv", b"id,title,locale,body\n\xff\xff\xff,x,ko,y"),
        ("gone.csv", None),
        ("empty", None),
    ],
)
def test_what_is_no_knowledge_base_is_invalid(
    tmp_path: Path, name: str, content: bytes | None
) -> None:
    path = tmp_path / name
    if content is not None:
        path.write_bytes(content)
    elif name == "empty":
        path.mkdir()
    with pytest.raises(Invalid):
        reading.read(path)


def without(part: str, instead: bytes | None = None) -> Callable[[bytes], bytes]:
    """A workbook that lacks a part of it, or has something else there."""

    def harm(whole: bytes) -> bytes:
        made = io.BytesIO()
        with zipfile.ZipFile(io.BytesIO(whole)) as good, zipfile.ZipFile(made, "w") as bad:
            for name in good.namelist():
                if name != part:
                    bad.writestr(name, good.read(name))
                elif instead is not None:
                    bad.writestr(name, instead)
        return made.getvalue()

    return harm


@pytest.mark.parametrize(
    "harm",
    [
        without("xl/worksheets/sheet1.xml"),
        without("xl/worksheets/sheet1.xml", b"<worksheet><sheetData><row r='1'>"),
        without("xl/workbook.xml", b"junk"),
        without("xl/styles.xml", b"junk"),
        without("[Content_Types].xml"),
        lambda whole: whole[: len(whole) // 2],
    ],
)
def test_a_damaged_workbook_is_refused(tmp_path: Path, harm: Callable[[bytes], bytes]) -> None:
    path = tmp_path / "kb.xlsx"
    write_xlsx(path)
    path.write_bytes(harm(path.read_bytes()))
    with pytest.raises(Invalid, match="Excel workbook"):
        reading.read(path)


def test_numbers_and_booleans_in_front_matter_are_texts(session: Session, tmp_path: Path) -> None:
    (tmp_path / "a.md").write_text(
        "---\nid: 2026\ntitle: 2026\nlocale: ko\nquestions:\n- 119\ntags: 하나, 둘\n---\n본문",
        encoding="utf-8",
    )
    report = importing.import_rows(session, reading.read(tmp_path), author="a")
    assert not report.refused
    article = articles.get(session, id="2026", locale="ko")
    assert article.questions == ["119"] and article.tags == ["하나", "둘"]


def test_the_sample_shop_imports(session: Session) -> None:
    sample = Path(importing.__file__).with_name("sample")
    report = importing.import_rows(session, reading.read(sample), author="a")
    assert not report.refused and report.added >= 80


_texts = st.text(
    st.characters(exclude_categories=["Cs"], exclude_characters="\0"), min_size=1, max_size=40
).filter(lambda text: bool(text.strip()))
_contents: st.SearchStrategy[dict[str, Any]] = st.fixed_dictionaries(
    dict(
        id=st.from_regex(r"[a-z0-9가-힣][\w.?!+~-]{0,12}", fullmatch=True),
        locale=st.sampled_from(["ko", "en"]),
        title=_texts,
        questions=st.lists(_texts, max_size=4),
        tags=st.lists(_texts, max_size=3),
        body=_texts,
    )
)


@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    st.lists(_contents, min_size=1, max_size=4, unique_by=lambda one: (one["id"], one["locale"]))
)
def test_an_export_imports_as_unchanged(engine: Engine, contents: list[dict[str, Any]]) -> None:
    sessions = sessionmaker(engine)
    with sessions.begin() as session:
        session.execute(delete(Article))
        first = importing.import_rows(session, contents, author="a")
    # What normalisation refuses (an id that is not NFC, say) is another test's matter.
    if first.refused:
        return
    with sessions() as session, tempfile.TemporaryDirectory() as folder:
        assert len(exporting.folder(session, folder)) == len(contents)
        rows = reading.read(folder)
        report = importing.import_rows(session, rows, author="a")
        assert not report.refused
        assert (report.added, report.updated, report.unchanged) == (0, 0, len(contents))


def many(count: int) -> list[dict[str, Any]]:
    return [{**ROWS[0], "id": f"fee-{number}"} for number in range(count)]


def test_many_new_articles_take_few_statements(session: Session) -> None:
    with noted(session) as made:
        report = importing.import_rows(session, many(600), author="a")
    assert (report.added, len(report.published)) == (600, 600)
    assert len(made) < 120, len(made)  # as many for one article would be thousands
    article = articles.get(session, id="fee-599", locale="ko")
    assert (article.state, article.published_revision) == ("published", 1)
    assert article.questions == ROWS[0]["questions"]
    log = articles.revisions(session, id="fee-599", locale="ko")
    assert [one.action for one in log] == ["publish", "import"]


def waits_for_a_lock(engine: Engine) -> None:
    waiting = text("SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'")
    deadline = time.monotonic() + 10
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as watching:
        while not watching.scalar(waiting):
            assert time.monotonic() < deadline


def test_an_article_that_somebody_adds_meanwhile_is_refused(
    session: Session, engine: Engine
) -> None:
    """Its draft is not committed when the import looks for what is there."""
    with Session(engine) as other, ThreadPoolExecutor(1) as pool:
        articles.create(other, id="fee-1", locale="ko", title="먼저", body="먼저", author="b")
        running = pool.submit(importing.import_rows, session, many(3), author="a")
        waits_for_a_lock(engine)
        other.commit()
        report = running.result()
    assert [one["row"] for one in report.refused] == ["2"]
    assert "somebody else" in report.refused[0]["reason"]
    assert not report.written
    session.commit()
    assert [one.id for one in catalogue.listing(session)] == ["fee-1"]
