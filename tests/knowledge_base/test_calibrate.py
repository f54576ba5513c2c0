"""The probabilities are fitted by one command, and coefficients that do not fit are refused."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from knowledge_base import calibrate, calibration
from knowledge_base.embedding import Embedded
from knowledge_base.errors import Invalid
from knowledge_base.pieces import DIMENSIONS, Pieces, packed
from knowledge_base.text import has_hangul
from knowledge_base.weights import WEIGHTS
from tests.article_files import workbook
from tests.knowledge_base.conftest import WordEncoder

THINGS = {
    "ko": ["환불", "배송", "포장", "쿠폰", "회원", "교환", "결제", "주문"],
    "en": ["refund", "delivery", "parcel", "coupon", "account", "exchange", "payment", "order"],
}
ASKED = {
    "ko": [
        "{} 어떻게 해요?",
        "{} 언제 되나요",
        "{} 문의드려요",
        "{} 안 돼요",
        "{} 취소",
        "{} 며칠",
    ],
    "en": ["how does {} work?", "when is my {}", "{} please", "my {} fails", "stop {}", "{} days"],
}
NOTHING = {"ko": ["비 와요?", "피자 맛집"], "en": ["will it rain", "best pizza"]}


def stored() -> dict[str, Any]:
    found: dict[str, Any] = json.loads(calibration.COEFFICIENTS.read_text(encoding="utf-8"))
    return found


def lines(path: Path, rows: list[dict[str, Any]]) -> str:
    text = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
    raw = text.encode()
    path.write_bytes(gzip.compress(raw) if path.suffix == ".gz" else raw)
    return str(path)


def pairs(folder: Path) -> list[str]:
    """A base in each language, and what is asked."""
    found = []
    for locale, things in THINGS.items():
        asked: list[dict[str, Any]] = [
            {"question": f"{ask.format(thing)} now", "article": f"{locale}-{n}", "locale": locale}
            for n, thing in enumerate(things)
            for ask in ASKED[locale]
        ]
        asked += [{"question": one, "article": None, "locale": locale} for one in NOTHING[locale]]
        articles = [
            {
                "id": f"{locale}-{n}",
                "locale": locale,
                "title": thing,
                "questions": [ask.format(thing) for ask in ASKED[locale]],
                "body": f"{thing}.",
            }
            for n, thing in enumerate(things)
        ]
        base = lines(folder / f"{locale}.kb.jsonl", articles)
        found.append(f"{base}={lines(folder / f'{locale}.eval.jsonl', asked)}")
    return found


class PieceEncoder(WordEncoder):
    """English words as pieces, each with a direction of its own."""

    def embed(self, texts: Sequence[str], *, query: bool = False) -> list[Embedded]:
        return [
            found if has_hangul(one) else Embedded(found.vector, self._pieces(one))
            for one, found in zip(texts, super().embed(texts, query=query), strict=True)
        ]

    def _pieces(self, one: str) -> Pieces:
        words = [np.resize(self._vector(word), DIMENSIONS) for word in one.split()]
        return packed(np.stack([words[0], *words, words[-1]]))


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """The command with an encoder that needs no model."""
    monkeypatch.setattr(calibrate, "open_encoder", PieceEncoder)
    return lambda *arguments: calibrate.main([str(one) for one in arguments])


def test_the_command_writes_the_same_coefficients_every_time(
    run: Callable[..., None], tmp_path: Path
) -> None:
    noise = lines(
        tmp_path / "noise.jsonl.gz",
        [
            {"q": "내일 눈이 와요?"},
            {"question": "who won the match"},
            {"q": "x", "article": "ko-1"},
        ],
    )
    written = []
    for name in ("first.json", "second.json"):
        run(*pairs(tmp_path), "--noise", noise, "--out", tmp_path / name)
        written.append((tmp_path / name).read_text(encoding="utf-8"))
    assert written[0] == written[1]
    models = calibration.read(json.loads(written[0]))
    assert set(models) == set(WEIGHTS)
    # What is nearer is likelier: that much can be learned from anything.
    near, far = ([value] * len(calibration.FEATURES) for value in (0.9, 0.1))
    assert models["dense_en"][0].probability(near) > models["dense_en"][0].probability(far)


KB = '{"id": "a", "locale": "en", "title": "A", "questions": [], "body": "A."}\n'


@pytest.mark.parametrize(
    ("base", "asked", "said"),
    [
        (KB, "", "holds no questions"),
        (KB, '{"question": "a", "article": "a"}\n{', "line 2: not a JSON object"),
        (KB, '{"article": "a"}', "line 1: a question and its article"),
        (KB, '{"question": "a"}', "line 1: a question and its article"),
        (KB, '{"question": "a", "article": 7}', "line 1: a question and its article"),
        (KB, '{"question": "a", "article": "a", "locale": "fr"}', "line 1: locale is"),
        (KB, '{"question": "a", "article": "b"}', "'b' is no article of"),
        (KB + "{", '{"question": "a", "article": "a"}', "kb.jsonl"),
        ("", '{"question": "a", "article": "a"}', "holds no articles"),
        (KB, '{"question": "a", "article": "a", "locale": "en"}', "no questions for dense_en+"),
    ],
)
def test_what_cannot_be_used_is_refused_and_nothing_is_written(
    run: Callable[..., None],
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    base: str,
    asked: str,
    said: str,
) -> None:
    (tmp_path / "kb.jsonl").write_text(base, encoding="utf-8")
    (tmp_path / "asked.jsonl").write_text(asked, encoding="utf-8")
    out = tmp_path / "out.json"
    with pytest.raises(SystemExit) as ended:
        run(f"{tmp_path / 'kb.jsonl'}={tmp_path / 'asked.jsonl'}", "--out", out)
    assert ended.value.code == 2 and said in capsys.readouterr().err
    assert not out.exists()


@pytest.mark.parametrize("arguments", [["kb.jsonl"], ["=x"], ["no.jsonl=no.jsonl"]])
def test_a_pair_is_two_files(
    run: Callable[..., None], arguments: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit):
        run(*arguments)
    assert "error: " in capsys.readouterr().err


def test_a_packed_file_that_is_cut_off_is_refused(tmp_path: Path) -> None:
    whole = lines(tmp_path / "asked.jsonl.gz", [{"question": "a", "article": None}])
    assert calibrate.read_questions(whole) == [calibrate.Labelled("a", None, "ko")]
    raw = Path(whole).read_bytes()
    Path(whole).write_bytes(raw[:-9])
    with pytest.raises(Invalid, match="cannot be read"):
        calibrate.read_questions(whole)


def test_coefficients_for_other_features_or_regimes_are_refused() -> None:
    assert set(calibration.read(stored())) == set(WEIGHTS)
    other = stored()
    other["features"][0] = "another"
    fewer = stored()
    fewer["models"]["dense_ko"][1]["weights"].pop()
    missing = stored()
    del missing["models"]["words_en"]
    for wrong in (other, fewer, missing):
        with pytest.raises(ValueError, match=r"run python -m knowledge_base\.calibrate again"):
            calibration.read(wrong)


def test_what_is_hidden_in_a_workbook_is_no_document(tmp_path: Path) -> None:
    rows = [["a", "환불", "ko", "", "", "3일이에요."], ["b", "배송", "ko", "", "", "2일이에요."]]
    path = workbook(tmp_path / "a.xlsx", *rows, hidden=[3])
    assert [one.article for one in calibrate.load(str(path))] == ["a"]
