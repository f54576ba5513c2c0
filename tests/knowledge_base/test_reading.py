"""Files as other programs and people write them."""

from __future__ import annotations

import json
import unicodedata
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from openpyxl import Workbook

from knowledge_base import archives, importing, reading
from knowledge_base.content import Content
from knowledge_base.errors import Invalid
from tests.article_files import refused, taken, written

FRONT = "---\nid: {id}\ntitle: {title}\nlocale: ko\n---\n"


def zipped(path: Path, files: Mapping[str, str | bytes]) -> Path:
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return path


@pytest.mark.parametrize("title", ["yes", "1.10", "007", "2026-01-02", "0x10", "12:30:45"])
def test_a_title_in_front_matter_is_what_stands_there(tmp_path: Path, title: str) -> None:
    (one,) = taken(written(tmp_path, "a.md", FRONT.format(id="0012", title=title) + "본문"))
    assert (one.id, one.title) == ("0012", title)


def test_a_quote_that_is_never_closed_does_not_swallow_the_rest(tmp_path: Path) -> None:
    table = 'id,title,locale,body\na,A,ko,b\nb,B,ko,"열린 따옴표\nc,C,ko,c\n'
    path = written(tmp_path, "a.csv", table)
    assert refused(path) == [("3", "not a valid CSV line: unexpected end of data")]


def test_rows_of_a_table_are_counted_as_excel_counts_them(tmp_path: Path) -> None:
    table = 'id,title,locale,body\r\na,"""A""",ko,"하나\r\n\r\n둘, 셋"\r\nb,,ko,x\r\n'
    report = importing._check(reading.read(written(tmp_path, "a.csv", table)))
    assert [content.body for _, content in report[0]] == ["하나\n\n둘, 셋"]
    assert [dict(one) for one in report[1]] == [{"row": "3", "reason": "title: is empty"}]


@pytest.mark.parametrize(
    "table",
    [
        "ID;Title;Language;Question;Labels;Answer\na;A;ko-KR;q?;t;b",
        "sep=\t\r\nslug\tname\tlang\tquestion\ttag\tcontent\r\na\tA\tKorean\tq?\tt\tb",
        "아이디,제목,언어,질문,분류,답변\na,A,한국어,q?,t,b",
    ],
)
def test_columns_and_languages_as_others_call_them(tmp_path: Path, table: str) -> None:
    assert taken(written(tmp_path, "a.csv", table)) == [
        Content("a", "ko", "A", ("q?",), "b", ("t",))
    ]


def test_questions_and_answers_are_articles_without_further_columns(tmp_path: Path) -> None:
    table = "분류,질문,답변\n배송,묶음 배송 되나요?|한 번에 받을래요,네.\n,Do you gift-wrap?,Yes."
    assert taken(written(tmp_path, "a.csv", table)) == [
        Content(
            "묶음-배송-되나요",
            "ko",
            "묶음 배송 되나요?",
            ("묶음 배송 되나요?", "한 번에 받을래요"),
            "네.",
            ("배송",),
        ),
        Content("do-you-gift-wrap", "en", "Do you gift-wrap?", ("Do you gift-wrap?",), "Yes.", ()),
    ]


def test_a_row_without_what_its_title_would_come_from_is_refused(tmp_path: Path) -> None:
    path = written(tmp_path, "a.csv", "답변,질문\n네.,\n아니요.\n,뭐예요?")
    _, refused = importing._check(reading.read(path))
    assert [(one["row"], one["reason"]) for one in refused] == [
        ("2", "questions: is empty"),
        ("3", "questions: is empty"),
        ("4", "body: is empty"),
    ]


def test_the_title_of_a_sheet_may_stand_above_the_names_of_its_columns(tmp_path: Path) -> None:
    table = "자주 묻는 질문,,\n,,\n2026년 3월,,\n구분,질문 *,답변(필수)\n배송,언제 와요?,이틀.\n"
    (row,) = reading.read(written(tmp_path, "a.csv", table))
    (one,) = importing.contents([row])
    assert (row.where, one.title, one.tags, one.body) == ("5", "언제 와요?", ("배송",), "이틀.")


def test_what_the_line_of_names_lacks_is_said_of_the_line_most_like_it(tmp_path: Path) -> None:
    table = "자주 묻는 질문,\n질문,응답 내용\n언제 와요?,이틀.\n"
    with pytest.raises(Invalid, match=r"lacks body \(it has: questions, 응답 내용\)"):
        reading.read(written(tmp_path, "a.csv", table))


@pytest.mark.parametrize(
    "head", ["질문,질문,답변", "대표질문,유사 질문,답변", "질문1,질문 2,답변", "Q,question,A"]
)
def test_all_columns_of_questions_are_read(tmp_path: Path, head: str) -> None:
    table = f'{head}\n언제 와요?,"[""며칠 걸려요?"", ""배송 기간""]",이틀.\n,혼자?,네.'
    assert [(one.title, one.questions) for one in taken(written(tmp_path, "a.csv", table))] == [
        ("언제 와요?", ("언제 와요?", "며칠 걸려요?", "배송 기간")),
        ("혼자?", ("혼자?",)),
    ]


def test_a_question_too_long_for_a_title_is_a_shortened_title(tmp_path: Path) -> None:
    asked = "가" * 300 + "?"
    (one,) = taken(written(tmp_path, "a.csv", f"질문,답변\n{asked},네."))
    assert (one.title, one.questions) == ("가" * 199 + "…", (asked,))


def test_columns_that_say_something_and_are_not_read_are_named(tmp_path: Path) -> None:
    table = "번호,질문,답변,구분,비고,비운 칸,\n1,언제 와요?,이틀.,배송,확인,,\n2,환불돼요?,네.,,,,"
    assert reading.unread(reading.read(written(tmp_path, "a.csv", table))) == ["번호", "비고"]
    front = "---\nid: a\ntitle: A\nlocale: ko\ntags: []\ndraft: false\nweight: 3\n---\nb"
    assert reading.unread(reading.read(written(tmp_path, "a.md", front))) == ["weight"]


def test_two_columns_that_would_be_the_body_are_refused_and_none_is_dropped(tmp_path: Path) -> None:
    table = "질문,본문,답변\n언제 와요?,긴 글,짧은 글"
    with pytest.raises(Invalid, match="본문, 답변 are all the body; leave one"):
        reading.read(written(tmp_path, "a.csv", table))


def test_what_a_formula_did_not_find_is_no_text(tmp_path: Path) -> None:
    table = "제목,본문,태그,메모\n가,#N/A,,\n나,글,#REF!,\n다,글,,#N/A\n"
    path = written(tmp_path, "a.csv", table)
    assert refused(path) == [("2", "a formula says #N/A"), ("3", "a formula says #REF!")]


@pytest.mark.parametrize(
    ("name", "content"),
    [("a.csv", ""), ("a.csv", "제목,본문\r\n"), ("a.jsonl", "\n")],
)
def test_a_file_of_no_articles_is_none(tmp_path: Path, name: str, content: str) -> None:
    with pytest.raises(Invalid, match="holds no articles"):
        reading.read(written(tmp_path, name, content))


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_a_table_from_a_mac_is_read_as_any_other(tmp_path: Path, kind: str) -> None:
    lines = ["제목,언어,질문,태그,본문", "묶음배송,한국어,되나요?,배송,안내예요."]
    lines = [unicodedata.normalize("NFD", line) for line in lines]
    path = tmp_path / f"a.{kind}"
    if kind == "csv":
        path.write_text("\n".join(lines), encoding="utf-8")
    else:
        book = Workbook()
        assert book.active is not None
        for line in lines:
            book.active.append(line.split(","))
        book.save(path)
    assert taken(path) == [
        Content("묶음배송", "ko", "묶음배송", ("되나요?",), "안내예요.", ("배송",))
    ]


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
def test_a_table_in_utf_16_is_read_without_a_mark(tmp_path: Path, encoding: str) -> None:
    table = "제목,언어,질문,태그,본문\r\n묶음배송,한국어,되나요?,배송,안내예요.\r\n"
    assert taken(written(tmp_path, "a.csv", table.encode(encoding))) == [
        Content("묶음배송", "ko", "묶음배송", ("되나요?",), "안내예요.", ("배송",))
    ]


@pytest.mark.parametrize(
    "content",
    [
        "제목,본문\n가,나\n".encode("utf-16-le") + b"\x00",
        b"\xff\xfe" + "제목,본문\n가,나\n".encode("utf-16-be")[:-1],
        "제목,본문\n가,나\0다\n".encode(),
        b"\x00\x01\x02\x03\x00\x00",
    ],
)
def test_what_is_no_text_is_not_taken_for_some(tmp_path: Path, content: bytes) -> None:
    with pytest.raises(Invalid, match=r"a\.csv is neither UTF-8, UTF-16 nor CP949 text"):
        reading.read(written(tmp_path, "a.csv", content))


def test_a_column_of_ours_is_not_taken_for_another(tmp_path: Path) -> None:
    table = "id,name,title,locale,content,body\na,no,A,ko,no,b"
    (one,) = taken(written(tmp_path, "a.csv", table))
    assert (one.title, one.body) == ("A", "b")


def test_a_folder_of_whatever_is_in_it(tmp_path: Path) -> None:
    (tmp_path / ".obsidian").mkdir()
    written(tmp_path, ".obsidian/trash.md", "no article")
    written(tmp_path, "A.MD", FRONT.format(id="a", title="A") + "a")
    written(tmp_path, "b.markdown", "\n" + FRONT.format(id="b", title="B") + "b")
    assert [one.id for one in taken(tmp_path)] == ["a", "b"]


@pytest.mark.parametrize(
    ("address", "leads"),
    [
        ("관세.md", "/help/customs"),
        ("./관세.md#누가", "/help/customs"),
        (unicodedata.normalize("NFD", "관세.md"), "/help/customs"),
        ("%EA%B4%80%EC%84%B8.md", "/help/customs"),
        ("<../환불/부분 (1).md>", "/help/부분-1"),
        ("../환불/부분%20(1).md?a=1", "/help/부분-1"),
        ("없음.md", "없음.md"),
        ("https://example.com/관세.md", "https://example.com/관세.md"),
        ("#요금", "#요금"),
        ("../../관세.md", "../../관세.md"),
    ],
)
def test_a_link_to_another_file_leads_to_its_article(
    tmp_path: Path, address: str, leads: str
) -> None:
    for folder in ("배송", "환불"):
        (tmp_path / folder).mkdir()
    written(tmp_path, "배송/관세.md", FRONT.format(id="customs", title="관세") + "받는 분이 내요.")
    written(tmp_path, "환불/부분 (1).md", "# 부분 환불\n\n돼요.\n")
    written(tmp_path, "배송/해외.md", f"# 해외 배송\n\n[관세 안내]({address})를 보세요.\n")
    found = {one.title: one.body for one in taken(tmp_path)}
    address = unicodedata.normalize("NFC", leads)
    assert found["해외 배송"] == f"[관세 안내]({address})를 보세요."


def test_notes_that_name_each_other_are_linked(tmp_path: Path) -> None:
    for folder in ("국내", "해외"):
        (tmp_path / folder).mkdir()
        written(
            tmp_path, f"{folder}/요금.md", FRONT.format(id=f"fee-{folder}", title="요금") + "글"
        )
    written(tmp_path, "국내/관세.md", FRONT.format(id="customs", title="관세") + "받는 분이 내요.")
    said = "[[관세]] [[관세#누가|누가 내나요]] [[해외/요금]] [[요금]] [[없음]] ![[관세.png]]"
    written(tmp_path, "배송.md", f"---\ntags: [배송]\n---\n\n# 배송 안내\n\n{said}\n")
    found = {one.title: one for one in taken(tmp_path)}
    assert found["배송 안내"].tags == ("배송",), "its heading is its title"
    assert found["배송 안내"].body == (
        "[관세](/help/customs) [누가 내나요](/help/customs) [해외/요금](/help/fee-해외) [[요금]] "
        "[[없음]] ![[관세.png]]"
    )


@pytest.mark.parametrize(
    "address",
    ["그림.png", unicodedata.normalize("NFD", "그림.png"), "%EA%B7%B8%EB%A6%BC.png", "./그림.png"],
)
@pytest.mark.parametrize("form", ["NFC", "NFD"])
def test_a_picture_is_found_however_its_hangul_is_written(
    tmp_path: Path, address: str, form: Any
) -> None:
    written(tmp_path, unicodedata.normalize(form, "그림.png"), b"x")
    path = written(tmp_path, "a.md", FRONT.format(id="a", title="A") + f"![x]({address})")
    # The address as the article will have it.
    assert [*reading.read(path)[0].pictures] == [unicodedata.normalize("NFC", address)]


@pytest.mark.parametrize("address", ["a%20(1).png", "<a (1).png>", ".\\a%20(1).png"])
def test_a_picture_is_found_with_spaces_and_brackets(tmp_path: Path, address: str) -> None:
    written(tmp_path, "a (1).png", b"x")
    path = written(tmp_path, "a.md", FRONT.format(id="a", title="A") + f'![x]({address} "제목")')
    assert [*reading.read(path)[0].pictures] == [address]


def test_a_zip_of_a_mac(tmp_path: Path) -> None:
    """Names in UTF-8, in pieces, and nothing that says so."""
    name = unicodedata.normalize("NFD", "그림 파일.png").encode()
    path = zipped(tmp_path / "a.zip", {"M" * len(name): b"x"})
    path.write_bytes(path.read_bytes().replace(b"M" * len(name), name))
    with archives.unpacked(path) as folder:
        assert [one.name for one in folder.iterdir()] == ["그림 파일.png"]


def test_an_export_from_notion(tmp_path: Path) -> None:
    id = "0123456789abcdef0123456789abcdef"
    inner = zipped(
        tmp_path / "inner.zip",
        {
            f"도움말/배송 안내 {id}.md": "# 배송 안내\n\n3일 걸려요.\n\n![a](a%201/image.png)\n",
            "도움말/a 1/image.png": b"x",
            f"Refunds {id[::-1]}.md": "# Refunds: how long?\n\nThree days.\n",
            "all.csv": "Name\n",
        },
    )
    path = zipped(tmp_path / "export.zip", {"ExportBlock-Part-1.zip": inner.read_bytes()})
    english, korean = sorted(taken(path), key=lambda one: one.locale)
    assert (korean.id, korean.title) == ("배송-안내-abcdef", "배송 안내")
    assert korean.body.startswith("3일 걸려요.") and korean.locale == "ko"
    assert (english.title, english.body) == ("Refunds: how long?", "Three days.")
    with archives.unpacked(path) as folder:
        assert sum(len(row.pictures) for row in reading.read(folder)) == 1


def test_a_file_without_front_matter_is_called_by_its_heading(tmp_path: Path) -> None:
    written(
        tmp_path,
        "gift-wrap.md",
        "\n# 선물 포장 #\n\n**2,000원**이에요.\n\n## 쇼핑백\n\n무료예요.\n",
    )
    (found,) = taken(tmp_path)
    assert (found.id, found.locale, found.title) == ("gift-wrap", "ko", "선물 포장")
    assert found.body == "**2,000원**이에요.\n\n## 쇼핑백\n\n무료예요."
    written(tmp_path, "gift-wrap.md", "선물 포장은 2,000원이에요.\n\n# 쇼핑백\n")
    (refused,) = reading.read(tmp_path)
    assert "front matter" in str(refused.problem)


def test_a_file_without_an_id_or_a_language_is_called_as_its_name_and_in_that_of_its_text(
    tmp_path: Path,
) -> None:
    folder = tmp_path / "docs" / "returns"
    folder.mkdir(parents=True)
    front = "---\ntitle: {}\nsidebar_position: 2\n---\n"
    written(folder, "How to return.md", front.format("Returns") + "Within a week.")
    written(folder, "index.md", front.format("Overview") + "All about it.")
    written(folder, unicodedata.normalize("NFD", "배송 안내.md"), front.format("배송") + "이틀.")
    assert {(one.id, one.locale, one.title) for one in taken(tmp_path / "docs")} == {
        ("how-to-return", "en", "Returns"),
        ("returns", "en", "Overview"),
        ("배송-안내", "ko", "배송"),
    }
    written(folder, "null.md", "---\nid: ''\ntitle: a\n---\nb")
    assert importing._check(reading.read(folder))[1][0]["reason"] == "id: is empty"


def test_an_export_from_another_help_centre(tmp_path: Path) -> None:
    front = (
        '---\nid: 360001234567\ntitle: "How: returns?"\nlocale: en-us\nsection: Returns\n'
        "labels: [a, 2]\ncreated_at: 2024-01-02T03:04:05Z\n---\n"
    )
    (one,) = taken(written(tmp_path, "a.md", f"{front}b"))
    assert one == Content("360001234567", "en", "How: returns?", (), "b", ("Returns", "a", "2"))


def test_only_tables_have_apostrophes_of_ours(tmp_path: Path) -> None:
    row = {"id": "a", "title": "'=x", "locale": "ko", "body": "'+1", "questions": ["'=q"]}
    (one,) = taken(written(tmp_path, "a.jsonl", json.dumps(row)))
    assert (one.title, one.body, one.questions) == ("'=x", "'+1", ("'=q",))


def test_a_damaged_zip_says_so(tmp_path: Path) -> None:
    whole = zipped(tmp_path / "a.zip", {"글.md": FRONT.format(id="a", title="A") + "본문"})
    raw = whole.read_bytes()
    at = raw.index("글".encode())
    for name, harmed in (
        ("name.zip", raw.replace("글".encode(), b"\xff\xfe\xfd")),
        ("packed.zip", raw[:8] + b"\x08\x00" + raw[10 : at + 6] + b"\xff" * 20 + raw[at + 26 :]),
        ("half.zip", raw[: len(raw) // 2]),
    ):
        (tmp_path / name).write_bytes(harmed)
        with pytest.raises(Invalid, match="is not a zip file"), archives.unpacked(tmp_path / name):
            pass
