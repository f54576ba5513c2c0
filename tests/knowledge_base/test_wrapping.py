from __future__ import annotations

import re
from pathlib import Path

import pytest
from sqlalchemy.orm import Session

from knowledge_base import articles, exporting, importing, reading
from knowledge_base.rendering import to_html
from knowledge_base.wrapping import unwrapped, wrapped

FRONT = "---\nid: a\ntitle: 가\nlocale: ko\n---\n"
WRAPPED = """환불은 결제하신 수단으로 해 드리며, 카드는 승인이 취소되기까지 영업일로 3일에서
5일이 걸립니다. 계좌로는 다음 날
들어옵니다.

- 카드로 결제하셨고 아직 승인이
  취소되지 않은 경우
  - 카드사에 물어보기

> 주말과 공휴일은
> 빼고 셉니다.

평일 9시–18시\\
토요일 휴무  \n일요일 휴무

```
한 줄
두 줄
```

| 수단 | 기간 |
|---|---|
| 카드 | 3일 |
"""


def test_wrapped_lines_of_a_file_are_joined_and_breaks_stay() -> None:
    assert unwrapped(WRAPPED).split("\n\n") == [
        "환불은 결제하신 수단으로 해 드리며, 카드는 승인이 취소되기까지 영업일로 3일에서 "
        "5일이 걸립니다. 계좌로는 다음 날 들어옵니다.",
        "- 카드로 결제하셨고 아직 승인이 취소되지 않은 경우\n  - 카드사에 물어보기",
        "> 주말과 공휴일은 빼고 셉니다.",
        "평일 9시–18시\n토요일 휴무  \n일요일 휴무",
        "```\n한 줄\n두 줄\n```",
        "| 수단 | 기간 |\n|---|---|\n| 카드 | 3일 |\n",
    ]


@pytest.mark.parametrize(
    "body",
    [
        "평일 9시\n토요일 휴무\n\n- 하나\n  이어서\n  - 안쪽\n    더\n\n> 가\n> 나\n게으른 줄",
        "제목\n둘째 줄\n===\n\n1. 가\n   나\n2. 다",
        "끝에 역슬래시\\\\\n다음\n\n    코드\n    둘\n\n```\n가\n나\n```\n뒤\n뒤뒤",
        "공백 \n두 칸  \n세 칸   \n끝",
        "가\n\n    들여쓴 글\n    **둘째** 줄\n\n\t탭\n\n- 하나\n\n      안쪽\n\n>     인용",
        "[x]: https://a.kr\n\n[x]\n<b>굵게</b>\n| a | b |\n|---|---|\n| 1 | 2 |",
    ],
)
def test_what_is_exported_comes_back_line_for_line_and_looks_the_same_elsewhere(body: str) -> None:
    assert unwrapped(wrapped(body)) == body
    # Spaces that begin or end a line are none to who looks at a page.
    assert re.sub(r"(<p>)[ \t]+| +(<br>)", r"\1\2", to_html(wrapped(body))) == to_html(body)


def test_code_over_a_lines_end_is_joined_on_the_way_in_and_left_on_the_way_out() -> None:
    assert unwrapped("가 `나\n다` 라\n마") == "가 `나 다` 라 마"
    assert wrapped("가 `나\n다` 라\n마") == "가 `나\n다` 라\n마"


def test_a_folder_brings_sentences_and_a_table_brings_lines(
    session: Session, tmp_path: Path
) -> None:
    (tmp_path / "a.md").write_text(f"{FRONT}한 문장이 여기서\n이어집니다.\n", encoding="utf-8")
    (tmp_path / "b.csv").write_text(
        'id,title,locale,body\nb,나,ko,"평일 9시\n토요일 휴무"\n', encoding="utf-8"
    )
    importing.import_rows(session, reading.read(tmp_path), author="지수")
    importing.import_rows(session, reading.read(tmp_path / "b.csv"), author="지수")
    bodies = {one: articles.get(session, id=one, locale="ko").body for one in "ab"}
    assert bodies == {"a": "한 문장이 여기서 이어집니다.", "b": "평일 9시\n토요일 휴무"}

    exporting.folder(session, tmp_path / "out")
    again = importing.import_rows(session, reading.read(tmp_path / "out"), author="지수")
    assert (again.unchanged, again.updated, again.added) == (2, 0, 0)


def test_indented_code_of_a_file_stays_code_and_indented_text_of_an_article_is_none() -> None:
    file = "가\n\n    if a < b:\n        **x**\n\n    y\n\n- 나\n\n      ```\n\n>     다"
    assert unwrapped(file) == (
        "가\n\n```\nif a < b:\n    **x**\n\ny\n```\n\n"
        "- 나\n\n  ````\n  ```\n  ````\n\n> ```\n> 다\n> ```"
    )
    assert "<pre>" not in to_html("가\n\n    if a < b:\n        **x**")
    assert to_html(unwrapped(file)).count("<pre>") == 3
