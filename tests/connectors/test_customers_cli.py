"""``sangdam customers``: files in, out and back, as Korean shops have them."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest
from openpyxl import Workbook, load_workbook
from sqlalchemy import Engine, text
from sqlalchemy.exc import ProgrammingError
from sqlalchemy.orm import Session

from connectors import cli, customer_files, customers_cli
from knowledge_base import tables
from tests.connectors.test_away import ended
from ticketing import agents, custom_fields, customer_import, customer_search, purchases, record
from ticketing.db import Sessions
from ticketing.record import Author

HEAD = "고객번호,이름,이메일,전화번호,등급,생일"
ME = Author(name="이수진", source="console")

Run = Callable[..., Any]


@pytest.fixture
def run(
    database_url: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> Run:
    """A command with ``--json``; what it printed, after its exit status was looked at."""
    monkeypatch.setenv("SANGDAM_DATABASE_URL", database_url)
    monkeypatch.setenv("SANGDAM_DATA_DIR", str(tmp_path))
    monkeypatch.chdir(tmp_path)

    def command(*words: object, code: int = 0) -> Any:
        assert cli.main(["customers", *map(str, words), "--json"]) == code, capsys.readouterr()
        said = capsys.readouterr()
        assert said.out or code == 0, said.err  # a report, not a reason why there is none
        one_line = said.out.startswith(("{", "[")) and said.out.count("\n") == 1
        return json.loads(said.out) if one_line else said.out

    return command


def file(folder: Path, *lines: str, encoding: str = "utf-8", name: str = "고객.csv") -> Path:
    path = folder / name
    path.write_bytes("\r\n".join(lines).encode(encoding))
    return path


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp949", "utf-16"])
def test_a_korean_file_of_any_encoding(run: Run, tmp_path: Path, encoding: str) -> None:
    rows = [
        f"C-{n},김고객{n},c{n}@example.com,010-1234-{n:04},VIP,1990-01-0{n}" for n in range(1, 9)
    ]
    rows[4] = "C-5,김고객5,c5@example.com,전화 없음,VIP,"
    report = run("import", file(tmp_path, HEAD, *rows, encoding=encoding), code=1)
    assert (report["added"], report["updated"], report["unchanged"]) == (7, 0, 0)
    (refused,) = report["refused"]
    assert refused["row"] == 6 and refused["field"] == "phone" and "전화번호" in refused["reason"]
    rows[4] = "C-5,김고객5,c5@example.com,01012340005,VIP,"
    rows[0] = rows[0].replace("VIP", "골드")
    again = run("import", file(tmp_path, HEAD, *rows, encoding=encoding))
    assert (again["added"], again["updated"], again["unchanged"]) == (1, 1, 6)
    (found,) = run("list", "--search", "010-1234-0001")
    assert (found["name"], found["tier"], found["phone"]) == ("김고객1", "골드", "+821012340001")


def test_a_dry_run_says_the_same_and_writes_nothing(run: Run, tmp_path: Path) -> None:
    path = file(tmp_path, HEAD, "1,가,,,,", "2,나,잘못,,,", "1,다,,,,", ",라,,,,")
    dry = run("import", path, "--dry-run", code=1)
    assert dry["batch"] is None and run("list") == []
    wet = run("import", path, code=1)
    assert {**dry, "batch": wet["batch"]} == wet
    assert [(one["row"], one["field"], one["code"]) for one in wet["refused"]] == [
        (3, "email", "email"),
        (4, "number", "twice"),
        (5, "number", "missing"),
    ]


def test_columns_that_are_no_fields_are_named(
    run: Run, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = file(tmp_path, "고객번호,전호번호,,이름,성명", "C-1,010-1234-5678,,김하나,하나")
    assert run("import", path, "--dry-run")["ignored"] == ["전호번호", "성명"]
    assert cli.main(["customers", "import", str(path)]) == 0
    assert capsys.readouterr().out.splitlines()[:2] == [
        "ignored  column 전호번호",
        "ignored  column 성명",
    ]


def test_a_title_may_stand_above_the_names_of_the_columns(
    run: Run, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    above = ("고객 명단 (2026. 11.),,,,,", "작성: 김지수,,,,,", ",,,,,")
    report = run("import", file(tmp_path, *above, HEAD, "A-1,가,잘못,,,", "A-2,나,,,,"), code=1)
    assert (report["added"], report["ignored"]) == (1, [])
    assert [one["row"] for one in report["refused"]] == [5]
    # A row that has a name of a column in it is none: it says no more than the first line.
    path = file(tmp_path, "회원 코드,이름,선호채널", "B-1,다,메일")
    assert cli.main(["customers", "import", str(path)]) == 1
    assert "lack number, email, phone" in capsys.readouterr().err


def customers_book(path: Path, *, hidden: Sequence[int]) -> Path:
    """A sheet of six customers in rows 2 to 7, another one, a hidden one and an empty one."""
    book = Workbook()
    sheet, other, old = book.active, book.create_sheet("2월"), book.create_sheet("옛 고객")
    assert sheet is not None
    book.create_sheet("빈 시트")
    sheet.append(["고객번호", "이름"])
    for number in range(2, 8):
        sheet.append([f"H-{number}", f"김고객{number}"])
    for one in (other, old):
        one.append(["H-99", "남"])
    for number in hidden:
        sheet.row_dimensions[number].hidden = True
    old.sheet_state = "hidden"
    book.save(path)
    return path


def test_what_is_hidden_in_a_workbook_is_left_out_and_named(
    run: Run, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = customers_book(tmp_path / "고객.xlsx", hidden=[3, 5, 6])
    report = run("import", path)
    assert (report["added"], report["refused"]) == (3, [])
    assert report["left_out"] == ["3", "5-6", '"2월"', '"옛 고객"']
    assert {one["name"] for one in run("list")} == {"김고객2", "김고객4", "김고객7"}
    assert cli.main(["customers", "import", str(path), "--dry-run"]) == 0
    said = 'left out hidden rows and other sheets: 3, 5-6, "2월", "옛 고객"'
    assert said in capsys.readouterr().out.splitlines()
    path = customers_book(tmp_path / "고객.xlsx", hidden=range(2, 8))
    assert cli.main(["customers", "import", str(path)]) == 1
    assert "shows nothing to read; left out: 2-7" in capsys.readouterr().err
    assert run("import", file(tmp_path, HEAD, "H-2,,,,,"))["left_out"] == []


def test_undoing_brings_back_exactly_what_was(run: Run, tmp_path: Path, sessions: Sessions) -> None:
    with sessions.begin() as session:
        agents.add(session, name="박전담")
        custom_fields.define(
            session, key="skin", name_ko="피부", name_en="Skin", kind="text", by=ME
        )
    first = file(
        tmp_path,
        HEAD + ",전담상담사,피부",
        "1,김일,a@b.kr,,VIP,1990-01-01,박전담,건성",
        "2,김이,,,실버,,,",
    )
    run("import", first)
    run("export", tmp_path / "before.csv")
    second = file(
        tmp_path,
        HEAD + ",전담상담사,피부",
        "1,김하나,,010-1111-2222,골드,1991-02-02,,지성",
        "2,김둘,,,골드,,,",
        "3,김삼,,,,,,",
        "4,김사,,,,,,",
    )
    batch = run("import", second)["batch"]
    with sessions.begin() as session:
        (two,), (four,) = (customer_search.find(session, search=number) for number in ("2", "4"))
        record.change(session, two[0].id, {"tier": "다이아"}, by=ME)
        record.change(session, four[0].id, {"preferences": "오전 연락"}, by=ME)
    undone = run("undo-import", batch, code=1)
    assert undone["restored"] == 3  # 1 whole, 2 but for the tier, 3 is gone
    assert {(one["name"], one["field"]) for one in undone["kept"]} == {
        ("김이", "tier"),
        ("김사", "customer"),
    }
    run("export", tmp_path / "after.csv")
    before, after = (
        {row["고객번호"]: row for row in csv.DictReader(io.StringIO(text))}
        for text in (
            (tmp_path / name).read_text("utf-8-sig") for name in ("before.csv", "after.csv")
        )
    )
    assert after["1"] == before["1"]
    assert after["2"] == {**before["2"], "등급": "다이아"}
    assert set(after) == {"1", "2", "4"}
    assert cli.main(["customers", "undo-import", str(batch)]) == 1, "once is enough"


def test_cells_that_look_like_formulas_come_back_as_they_were(run: Run, tmp_path: Path) -> None:
    names = ["=cmd|' /C calc'!A0", "+82", "-1", "@SUM(A1)", "'=1", "''", "plain"]
    out = io.StringIO()
    csv.writer(out).writerows(
        [["고객번호", "이름"], *([f"F{n}", name] for n, name in enumerate(names))]
    )
    run("import", file(tmp_path, out.getvalue()))
    for form in ("csv", "xlsx", "jsonl"):
        path = tmp_path / f"out.{form}"
        assert run("export", path)["exported"] == len(names)
        again = run("import", path)
        assert (again["unchanged"], again["updated"]) == (len(names), 0), form
    raw = (tmp_path / "out.csv").read_bytes()
    assert raw.startswith(b"\xef\xbb\xbf") and b",=cmd" not in raw and b"'=cmd" in raw
    sheet = load_workbook(tmp_path / "out.xlsx").worksheets[0]
    assert {cell.data_type for row in sheet.iter_rows() for cell in row} <= {"s", "inlineStr", "n"}
    assert all(
        cell.value is None for row in sheet.iter_rows() for cell in row if cell.data_type == "n"
    )


def test_names_of_columns_that_look_like_formulas_are_none(
    run: Run, tmp_path: Path, sessions: Sessions
) -> None:
    head, row = ["고객번호", "이름", '=HYPERLINK("http://evil","x")'], ["1", "김하늘", "-"]
    raw = b"".join(customer_files.csv_pieces(head, [row]))
    assert b",=HYPER" not in raw.replace(b'"', b"") and b"'=HYPERLINK" in raw
    with (path := tmp_path / "out.xlsx").open("wb") as made:
        customer_files.write_xlsx(made, head, [row])
    assert [cell.data_type for cell in load_workbook(path).worksheets[0][1]] == ["s", "s", "s"]
    raw = b"".join(customer_files.csv_pieces(["'=1", "=1"], []))
    assert raw.decode("utf-8-sig") == "''=1,'=1\r\n"
    with sessions.begin() as session:
        custom_fields.define(
            session, key="at", name_ko="@계정", name_en="+account", kind="text", by=ME
        )
    run("import", file(tmp_path, "고객번호,'@계정", "F7,둘리"))
    assert run("export", path := tmp_path / "back.csv")["exported"] == 1
    assert b"'@" in path.read_bytes() and "둘리" in path.read_text("utf-8-sig")
    assert run("import", path)["unchanged"] == 1


def test_lines_of_json_have_so_many_columns_and_no_more(tmp_path: Path) -> None:
    lines = "".join(f'{{"고객번호": "{n}", "k{n}": 1}}\n' for n in range(3000)).encode()
    rows = [*customer_files.read(io.BytesIO(lines), "a.jsonl")]
    assert len(rows) == 3001 and {len(cells or ()) for _, cells in rows} == {tables.MAX_COLUMNS}


def test_a_workbook_opens_whatever_a_customer_is_called(tmp_path: Path) -> None:
    path = tmp_path / "out.xlsx"
    with path.open("wb") as made:
        customer_files.write_xlsx(made, ["이름"], [["김\ufffe하\uffff늘"], ["b\x0b"]])
    sheet = load_workbook(path).worksheets[0]
    assert [str(row[0]) for row in sheet.iter_rows(values_only=True)] == ["이름", "김하늘", "b"]


def test_workbooks_and_purchases(run: Run, tmp_path: Path, sessions: Sessions) -> None:
    run("import", file(tmp_path, "회원번호;이름", "7;김구매"))
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    for row in (
        ["주문번호", "고객번호", "결제금액", "주문일시", "상태", "상품명", "수량", "상품금액"],
        [20260001, 7, 39000, "2026-03-01 12:00", "배송완료", "머그잔", 2, 30000],
        [20260001, 7, 39000, "2026-03-01 12:00", "배송완료", "받침", 1, 9000],
        [20260002, 7, "1,000원", "2026.3.2", "환불완료", None, None, None],
        [20260003, 8, 1000, "2026-03-03", "결제완료", None, None, None],
        [20260004, 7, "무료", "2026-03-03", "결제완료", None, None, None],
    ):
        sheet.append(row)
    path = tmp_path / "주문.xlsx"
    book.save(path)
    report = run("import", path, code=1)
    assert report["added"] == 2
    assert [(one["row"], one["field"], one["code"]) for one in report["refused"]] == [
        (5, "number", "customer"),
        (6, "amount", "amount"),
    ]
    with sessions() as session:
        ((customer, _),) = customer_search.find(session, search="20260001")
        worth = purchases.value(session, customer.id)
        assert (worth.orders, worth.totals) == (1, {"KRW": 39000})
        orders = purchases.listing(session, customer.id)
        assert [one.name for one in orders[1].items] == ["머그잔", "받침"]
    run("export", tmp_path / "주문.csv", "--kind", "purchases")
    again = run("import", tmp_path / "주문.csv")
    assert (again["unchanged"], again["added"]) == (2, 0)
    run("undo-import", report["batch"])
    with sessions() as session:
        assert purchases.listing(session, customer.id) == []


def test_many_rows_go_piece_by_piece(run: Run, tmp_path: Path) -> None:
    rows = [f'{{"고객번호": "J{n}", "name": "고객 {n}", "phone": "010{n:08}"}}' for n in range(350)]
    rows[170] = "{"
    report = run("import", file(tmp_path, *rows, name="c.jsonl"), code=1)
    assert (report["added"], [one["row"] for one in report["refused"]]) == (349, [171])
    assert run("undo-import", report["batch"])["restored"] == 349
    assert run("list") == []


def test_what_the_database_cut_short_is_done_again(sessions: Sessions, engine: Engine) -> None:
    me = Author(name="root (sangdam customers import)", source="cli")
    with sessions.begin() as session:
        lines = enumerate([["고객번호", "이름"], *([f"J{n}", f"고객 {n}"] for n in range(150))])
        batch = customer_import.begin(session, lines, file_name="c.csv", by=me)
        customer_import.start(session, batch, check=False)
    began: list[int] = []

    def step(session: Session, batch_id: int) -> bool:
        began.append(batch_id)
        if len(began) == 2:  # slept in its transaction, after all of its rows were written
            session.flush()
            customer_import.step(session, batch_id)
            ended(engine, session)
        return customer_import.step(session, batch_id)

    customers_cli.work(sessions, batch.id, step, quiet=True)
    with sessions() as session:
        done = customer_import.get(session, batch.id)
        assert (done.state, done.added, done.refused, len(began)) == ("done", 150, 0, 3)
        assert len(customer_search.find(session, search="고객", limit=1000)) == 150


def test_what_is_wrong_is_not_done_again(sessions: Sessions) -> None:
    began: list[int] = []

    def step(session: Session, batch_id: int) -> bool:
        began.append(batch_id)
        session.execute(text("SELECT nothing"))
        return False

    with pytest.raises(ProgrammingError):
        customers_cli.work(sessions, 1, step, quiet=True)
    assert began == [1]


@pytest.mark.parametrize(
    ("name", "content"),
    [("a.pdf", b"x"), ("a.csv", b""), ("a.csv", "이름\n".encode()), ("a.xlsx", b"x"),
     ("a.csv", "색,모양\n1,2".encode()), ("a.csv", b"\xff\x00\xfe")],
)  # fmt: skip
def test_files_that_are_none(
    run: Run, tmp_path: Path, name: str, content: bytes, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    assert cli.main(["customers", "import", str(path)]) == 1
    assert capsys.readouterr().err.startswith("sangdam: ")
    assert cli.main(["customers", "undo-import", "77"]) == 1
