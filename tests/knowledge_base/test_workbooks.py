"""Workbooks as Excel and other programs write them, and people hide things in them."""

from __future__ import annotations

import datetime as dt
import io
import zipfile
from pathlib import Path
from typing import Any

import pytest
from openpyxl import Workbook, load_workbook

from knowledge_base import importing, reading, tables
from knowledge_base.content import Content
from knowledge_base.errors import Invalid
from tests.article_files import HEAD, refused, taken, workbook


def test_all_sheets_of_a_workbook_are_read_and_name_their_rows(tmp_path: Path) -> None:
    book = Workbook()
    assert book.active is not None
    book.active.append(["이 파일은 이렇게 쓰세요"])
    for sheet, question in (("배송", "언제 와요?"), ("환불", "환불돼요?"), ("옛것", "안 보여요?")):
        made = book.create_sheet(sheet)
        made.append(["질문", "답변"])
        made.append([question, "네."])
        made.append([None, "질문이 없는 답"])
    made.sheet_state = "hidden"
    path = tmp_path / "a.xlsx"
    book.save(path)
    rows = reading.read(path)
    assert [one.title for one in importing.contents(rows)] == ["언제 와요?", "환불돼요?"]
    assert refused(path) == [("배송 3", "questions: is empty"), ("환불 3", "questions: is empty")]


def test_a_cell_left_far_to_the_right_makes_no_row_longer() -> None:
    book = Workbook()
    assert book.active is not None
    book.active.append(["질문", "답변"])
    book.active.append(["언제 와요?", "네."])
    for number in (1, 2):
        book.active[f"XFD{number}"] = "·"
    book.active["ALL2"] = "the last that is read"
    made = io.BytesIO()
    book.save(made)
    (_, first), (_, second) = tables.xlsx_lines(made, "a.xlsx")
    assert first == ["질문", "답변"]
    assert (second[:2], second[-1], len(second)) == (
        ["언제 와요?", "네."], "the last that is read", 1000,
    )  # fmt: skip


def test_a_workbook_without_a_table_says_what_its_first_sheet_lacks(tmp_path: Path) -> None:
    book = Workbook()
    assert book.active is not None
    book.active.append(["질문", "응답"])
    book.create_sheet("다른 것").append(["가", "나"])
    book.save(tmp_path / "a.xlsx")
    with pytest.raises(Invalid, match="the first line lacks body "):
        reading.read(tmp_path / "a.xlsx")


def test_a_workbook_as_excel_has_it(tmp_path: Path) -> None:
    path = workbook(
        tmp_path / "a.xlsx",
        [1.0, dt.datetime(2026, 1, 2), "EN", True, dt.date(2026, 3, 4), "a_x000D_\nb_x0041_"],
        [None, None, None, None, None, None, None],
        ["b", 2026, "ko", None, None, 3.5],
    )
    first, second = taken(path)
    assert first == Content("1", "en", "2026-01-02", ("TRUE",), "a\nbA", ("2026-03-04",))
    assert (second.title, second.body) == ("2026", "3.5")


def test_a_workbook_that_gives_its_size_wrong_and_begins_with_a_hidden_sheet(
    tmp_path: Path,
) -> None:
    book = Workbook()
    assert book.active is not None
    book.active.sheet_state = "hidden"
    shown = book.create_sheet("글")
    for row in (HEAD, ["a", "A", "ko", "", "", "b"]):
        shown.append(row)
    book.active = 1
    whole = io.BytesIO()
    book.save(whole)
    path = tmp_path / "a.xlsx"
    with zipfile.ZipFile(whole) as good, zipfile.ZipFile(path, "w") as bad:
        for name in good.namelist():
            bad.writestr(name, good.read(name).replace(b'ref="A1:F2"', b'ref="A1"'))
    assert taken(path) == [Content("a", "ko", "A", (), "b", ())]


def test_merged_cells_of_a_workbook_all_say_the_same(tmp_path: Path) -> None:
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    for row in (
        ["id", "분류", "제목", "본문", "언어"],
        ["a", "배송", "하나", "1", "ko"],
        ["b", None, "둘", "2", "ko"],
        [None, None, None, None],
        ["c", None, "셋", "3", "ko"],
        ["d", None, "넷", "4", "ko"],
        ["e", "환불", "다섯", None, "ko"],
    ):
        sheet.append(row)
    sheet.merge_cells("B2:B5")  # of which one row says nothing at all
    sheet.merge_cells("C7:D7")
    book.save(tmp_path / "merged.xlsx")
    found = {row.values["id"]: row.values for row in reading.read(tmp_path / "merged.xlsx")}
    tags = {id: values.get("tags") for id, values in found.items()}
    assert tags == {"a": ["배송"], "b": ["배송"], "c": ["배송"], "d": None, "e": ["환불"]}
    assert not found["e"].get("body")


def test_what_is_hidden_in_a_workbook_is_left_out_and_named(tmp_path: Path) -> None:
    book = Workbook()
    shown, hidden, lists = book.active, book.create_sheet("옛 글"), book.create_sheet("목록")
    assert shown is not None
    shown.title = "FAQ 2026"
    for sheet in (shown, hidden):
        sheet.append(["분류", "제목", "본문"])
        for number in range(2, 9):
            sheet.append(["배송" if number < 5 else "환불", f"{sheet.title} {number}", "글"])
    lists.append(["배송"])
    shown.merge_cells("A2:A4")
    for number in (2, 5, 6, 8):
        shown.row_dimensions[number].hidden = True
    hidden.sheet_state, lists.sheet_state = "hidden", "veryHidden"
    book.save(tmp_path / "a.xlsx")
    rows = reading.read(tmp_path / "a.xlsx")
    contents = importing.contents(rows)
    assert [one.title for one in contents] == ["FAQ 2026 3", "FAQ 2026 4", "FAQ 2026 7"]
    assert contents[0].tags == ("배송",), "what the hidden row says for those under it"
    assert reading.hidden(rows) == ["2", "5-6", "8", '"옛 글"']
    book.copy_worksheet(shown).title = "둘째"
    book.save(tmp_path / "b.xlsx")
    named = reading.hidden(reading.read(tmp_path / "b.xlsx"))
    assert named == [
        f"{sheet} {at}" for sheet in ("FAQ 2026", "둘째") for at in ("2", "5-6", "8")
    ] + ['"옛 글"']


@pytest.mark.parametrize(
    ("value", "code", "shown"),
    [
        (0.15, "0%", "15%"),
        (0.155, "0.0%", "15.5%"),
        (-0.05, "0%", "-5%"),
        (1000, '"₩"#,##0', "₩1,000"),
        (1000, "[$₩-412]#,##0", "₩1,000"),
        (1000, '"\\"#,##0', "₩1,000"),
        (-1000, '"₩"#,##0;[Red]\\-"₩"#,##0', "-₩1,000"),
        (0, '#,##0"원";-#,##0"원";"무료"', "무료"),
        (12500, r'_-"₩"* #,##0_-;\-"₩"* #,##0_-;_-"₩"* "-"_-;_-@_-', "₩12,500"),
        (3000, '#,##0"원"', "3,000원"),
        (12.5, "[$$-409]#,##0.00", "$12.50"),
        (1234567.891, "#,##0.00", "1,234,567.89"),
        (1234567, "#,##0,", "1,235"),
        (2.345, "0.00", "2.35"),
        (2.5, "0.0##", "2.5"),
        (5, '0"일"', "5일"),
        (7, "000", "007"),
        (1012345678, "000-0000-0000", "010-1234-5678"),
        (12345678, "[<=99999999]####-####;(0##) ####-####", "1234-5678"),
        (212345678, "[<=999999]####-####;(0##) ####-####", "(02) 1234-5678"),
        (3.5, "General", "3.5"),
        (0.1 + 0.2, "General", "0.3"),
        (0.5, "# ?/?", "0.5"),
        (12345, "0.00E+00", "12345"),
        (dt.datetime(2026, 1, 5), 'yyyy"년" m"월" d"일"', "2026년 1월 5일"),
        (dt.datetime(2026, 1, 5), 'm"월" d"일" (aaa)', "1월 5일 (월)"),
        (dt.datetime(2026, 1, 5), "aaaa", "월요일"),
        (dt.datetime(2026, 1, 5), "yyyy.m.d", "2026.1.5"),
        (dt.datetime(2026, 1, 5), "yyyymmdd", "20260105"),
        (dt.datetime(2026, 1, 5), "d-mmm-yy", "5-Jan-26"),
        (dt.datetime(2026, 1, 5), "[$-ko-KR]dddd", "월요일"),
        (dt.datetime(2026, 1, 5), "mm-dd-yy", "2026-01-05"),
        (dt.datetime(2026, 1, 5), "[$-F800]dddd, mmmm dd, yyyy", "2026-01-05"),
        (dt.datetime(2026, 1, 5, 19, 30), "[$-412]AM/PM h:mm", "오후 7:30"),
        (dt.datetime(2026, 1, 5, 19, 30), "yyyy-mm-dd h:mm", "2026-01-05 19:30"),
        (dt.time(9, 5), 'h"시" mm"분"', "9시 05분"),
        (dt.timedelta(hours=26, minutes=5), "[h]:mm", "26:05"),
        (dt.timedelta(minutes=90, seconds=3), "[mm]:ss", "90:03"),
    ],
)
def test_a_cell_says_what_excel_shows(tmp_path: Path, value: Any, code: str, shown: str) -> None:
    path = workbook(tmp_path / "a.xlsx", ["a", "제목", "ko", "", "", value])
    book = load_workbook(path)
    assert book.active is not None
    book.active["F2"].number_format = code
    book.save(path)
    assert taken(path)[0].body == shown


def test_a_format_that_korean_excel_names_by_number_only(tmp_path: Path) -> None:
    path = workbook(tmp_path / "a.xlsx", ["a", "제목", "ko", "", "", 46027])
    book = load_workbook(path)
    assert book.active is not None
    book.active["F2"].number_format = "0.000"  # of which the file says the number 164
    whole = io.BytesIO()
    book.save(whole)
    with zipfile.ZipFile(whole) as good, zipfile.ZipFile(path, "w") as made:
        for one in good.namelist():
            made.writestr(one, good.read(one).replace(b'xf numFmtId="164"', b'xf numFmtId="31"'))
    assert taken(path)[0].body == "2026년 01월 05일"
