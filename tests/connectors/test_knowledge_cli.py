"""``sangdam kb`` and ``sangdam doctor`` as they are called: arguments in, JSON and a status out."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from connectors import cli
from connectors.doctor import Finding, examine
from connectors.settings import Settings
from tests.article_files import workbook
from tests.connectors.conftest import free_port
from tests.product import ROOT, SANGDAM

ARTICLE = """---
id: {id}
title: {title}
locale: ko
questions:
- {question}
tags: [대여]
---

하루 **5,000원**이에요.
"""


@pytest.fixture
def shop(database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder to work in; the commands use the test's database."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("SANGDAM_DATABASE_URL", database_url)
    monkeypatch.setenv("SANGDAM_DATA_DIR", str(tmp_path / "var"))
    folder = tmp_path / "articles"
    folder.mkdir()
    for id, title in (("spaceship", "우주선 대여"), ("submarine", "잠수함 대여")):
        text = ARTICLE.format(id=id, title=title, question=f"{title}료 얼마예요?")
        (folder / f"{id}.md").write_text(text, encoding="utf-8")
    return folder


@pytest.fixture
def kb(shop: Path, capsys: pytest.CaptureFixture[str]) -> Any:
    """Run ``sangdam kb …`` on the test's database: ``(status, what it printed as JSON)``."""

    def run(*arguments: object) -> tuple[int, Any]:
        capsys.readouterr()
        status = cli.main(["kb", *map(str, arguments)])
        said = capsys.readouterr()
        assert said.out or "database" not in said.err, said.err
        return status, json.loads(said.out) if said.out else None

    return run


def test_matrices_are_multiplied_in_one_thread() -> None:
    code = """if True:
        import sys
        from connectors import cli
        cli.main(["kb", "eval"])  # says what is missing
        import numpy, torch
        from threadpoolctl import threadpool_info
        sys.exit({one["num_threads"] for one in threadpool_info()} != {1})
    """
    others = {name: value for name, value in os.environ.items() if "NUM_THREADS" not in name}
    subprocess.run([sys.executable, "-c", code], check=True, env=others, cwd=ROOT)


def test_in_and_out_again(shop: Path, kb: Any, tmp_path: Path) -> None:
    planned = kb("import", shop, "--dry-run", "--json")
    assert planned == (
        0,
        {
            "added": 2,
            "updated": 0,
            "unchanged": 0,
            "breaks": [],
            "ignored": [],
            "hidden": [],
            "refused": [],
            "written": False,
            "batch": None,
            "replaced": [],
            "new": [
                {"id": "spaceship", "locale": "ko", "title": "우주선 대여"},
                {"id": "submarine", "locale": "ko", "title": "잠수함 대여"},
            ],
        },
    )
    assert kb("import", shop, "--json")[1]["added"] == 2
    assert kb("import", shop, "--json")[1]["unchanged"] == 2
    assert kb("export", tmp_path / "out", "--json") == (0, {"exported": 2})
    assert kb("import", tmp_path / "out", "--json")[1]["unchanged"] == 2


def test_a_dry_run_names_what_is_new(
    shop: Path, kb: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(["kb", "import", str(shop), "--dry-run"]) == 0
    said = capsys.readouterr().out
    assert "adds     spaceship (ko): 우주선 대여\nadds     submarine (ko): 잠수함 대여\n" in said
    assert "2 added, 0 updated" in said and "nothing was written" in said
    kb("import", shop, "--json")
    assert kb("import", shop, "--dry-run", "--json")[1]["new"] == []


def test_names_that_an_article_has_not_are_told(
    shop: Path, kb: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    table = tmp_path / "articles.csv"
    table.write_text("제목,질뮨,본문,비고\n우주선 대여,얼마예요?,5000원,x\n", encoding="utf-8")
    status, report = kb("import", table, "--dry-run", "--json")
    assert (status, report["added"], report["ignored"]) == (0, 1, ["질뮨", "비고"])
    assert cli.main(["kb", "import", str(table), "--dry-run"]) == 0
    assert "ignored  columns: 질뮨, 비고\n" in capsys.readouterr().out


def test_rows_that_are_hidden_in_a_workbook_are_told(
    kb: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    table = workbook(
        tmp_path / "a.xlsx",
        ["a", "우주선 대여", "ko", "", "", "5000원"],
        ["b", "옛 우주선", "ko", "", "", "5000원"],
        hidden=[3],
    )
    status, report = kb("import", table, "--dry-run", "--json")
    assert (status, report["added"], report["hidden"]) == (0, 1, ["3"])
    assert cli.main(["kb", "import", str(table), "--dry-run"]) == 0
    assert "hidden   in the workbook, left out: 3\n" in capsys.readouterr().out


def test_an_export_names_what_is_left_of_another(
    shop: Path, kb: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    kb("import", shop, "--json")
    out = tmp_path / "out"
    assert cli.main(["kb", "export", str(out)]) == 0
    assert "not of this export" not in capsys.readouterr().err
    for name in ("old", "older"):
        (out / "ko" / f"{name}.md").write_text("retired since", encoding="utf-8")
    assert cli.main(["kb", "export", str(out)]) == 0
    assert f"not of this export, but there: {out}/ko/old.md and 1 more" in capsys.readouterr().err


def test_an_import_is_taken_back(shop: Path, kb: Any, tmp_path: Path) -> None:
    batch = kb("import", shop, "--json")[1]["batch"]
    changed = (shop / "submarine.md").read_text("utf-8").replace("5,000원", "9,000원")
    (shop / "submarine.md").write_text(changed, encoding="utf-8")
    report = kb("import", shop, "--json")[1]
    later = report["batch"]
    (replaced,) = report["replaced"]
    assert (replaced["id"], replaced["locale"], replaced["changes"]) == (
        "submarine",
        "ko",
        ["body"],
    )
    assert kb("undo-import", later, "--json") == (0, {"removed": 0, "restored": 1, "kept": []})
    assert kb("ask", "잠수함 대여료가 얼마예요?", "--json")[1]["text"].count("5,000원") == 1
    status, undone = kb("undo-import", batch, "--json")
    assert (status, undone["removed"]) == (1, 1)  # the other one was changed since
    assert [one["article"] for one in undone["kept"]] == ["submarine"]
    assert cli.main(["kb", "undo-import", str(batch)]) != 0
    assert cli.main(["kb", "undo-import", "999"]) != 0


def found_by(settings: Settings) -> list[Finding]:
    """What the doctor says of the test's database."""
    return examine(settings, database_url=os.environ["SANGDAM_DATABASE_URL"])


def test_the_sample_shop_comes_once_and_to_no_real_customers(
    shop: Path, kb: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SANGDAM_PRODUCTION", "true")
    monkeypatch.setenv("SANGDAM_SECRET_KEY", "x" * 40)
    skipped = (0, {"skipped": True})
    assert kb("sample", "--json") == skipped
    monkeypatch.setenv("SANGDAM_PRODUCTION", "false")
    status, report = kb("sample", "--json")
    assert status == 0 and report["added"] > 50
    assert kb("sample", "--json") == skipped
    demo, real = (
        Settings(data_dir=shop, production=production, secret_key="x" * 40)
        for production in (False, True)
    )
    assert "knowledge base" not in {one["what"] for one in found_by(demo)}
    (told,) = [one for one in found_by(real) if one["what"] == "knowledge base"]
    assert told["warning"] and f"undo-import {report['batch']}" in told["says"]
    # Who took it away does not get it back with the next start.
    assert kb("undo-import", report["batch"], "--json")[0] == 0
    assert kb("export", shop / "none", "--json")[1]["exported"] == 0
    assert kb("sample", "--json") == skipped


def test_one_bad_row_and_nothing_is_written(shop: Path, kb: Any) -> None:
    (shop / "bad.md").write_text("no front matter", encoding="utf-8")
    status, report = kb("import", shop, "--json")
    assert status == 1 and not report["written"]
    assert [one["row"] for one in report["refused"]] == ["bad.md"]
    (shop / "bad.md").unlink()
    assert kb("import", shop, "--json")[1]["added"] == 2


def test_asking_and_judging(shop: Path, kb: Any, tmp_path: Path) -> None:
    kb("import", shop, "--json")
    status, answer = kb("ask", "우주선 대여료가 얼마예요?", "--json")
    assert (status, answer["outcome"], answer["article"]) == (0, "answer", "spaceship")
    assert "5,000원" in answer["text"]
    questions = tmp_path / "questions.jsonl"
    rows = [
        {"question": "잠수함 대여료 얼마예요?", "article": "submarine", "locale": "ko"},
        {"question": "김치찌개 맛있게 끓이는 법", "article": None, "locale": "ko"},
    ]
    questions.write_text("\n".join(json.dumps(row) for row in rows), encoding="utf-8")
    status, result = kb("eval", questions)
    assert status == 0
    assert (result["n"], result["correct"], result["unknown"]) == (2, 1, 1)
    assert {"top1", "mrr10", "p50_ms", "p95_ms", "questions_per_s"} <= set(result)


def test_judging_names_what_is_not_published(
    shop: Path, kb: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    kb("import", shop, "--json")
    file = tmp_path / "questions.jsonl"
    rows = [{"question": "잠수함?", "article": id} for id in ("submarine", "subway", "bus", "bus")]
    file.write_text("\n".join(json.dumps(row) for row in rows), encoding="utf-8")
    capsys.readouterr()
    assert cli.main(["kb", "eval", str(file)]) == 0
    said = capsys.readouterr()
    assert json.loads(said.out)["n"] == 4
    assert "not published, so no answer can be right: bus, subway\n" in said.err


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("{", "line 2: not JSON"),
        ("[]", "line 2: an object"),
        ('{"question": "x"}', "line 2: article"),
        ('{"question": "x", "article": "a", "locale": "fr"}', "line 2: locale"),
    ],
)
def test_a_bad_line_of_questions_is_named(
    shop: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], line: str, says: str
) -> None:
    file = tmp_path / "questions.jsonl"
    file.write_text('{"question": "x", "article": null}\n' + line, encoding="utf-8")
    assert cli.main(["kb", "eval", str(file)]) == 1
    assert says in capsys.readouterr().err


def test_what_is_not_there_is_said(shop: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["kb", "import", "nowhere"]) == 1
    assert "nowhere" in capsys.readouterr().err
    assert cli.main(["customers", "import", "nowhere.csv"]) == 1
    assert capsys.readouterr().err == "sangdam: nowhere.csv: No such file or directory\n"


def test_who_reads_no_further_is_told_of_no_error(shop: Path) -> None:
    gone, printed = os.pipe()
    os.close(gone)
    done = subprocess.run(
        [sys.executable, "-m", "connectors.cli", "kb", "import", str(shop), "--json"],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdout=printed,
        stderr=subprocess.PIPE,
        text=True,
        timeout=120,
    )
    os.close(printed)
    assert (done.returncode, done.stderr) == (1, "")


def test_a_lost_password_gets_a_new_link(shop: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["agent", "link", "--name", "지원"]) == 1
    assert cli.main(["agent", "add", "--name", "지원", "--json"]) == 0
    first = json.loads(capsys.readouterr().out)["login"]
    assert cli.main(["agent", "link", "--name", "지원", "--json"]) == 0
    second = json.loads(capsys.readouterr().out)["login"]
    assert "/console/welcome?link=" in second and second != first


def test_libraries_add_nothing_to_what_is_said(shop: Path) -> None:
    assert cli.main(["kb", "import", str(shop)]) == 0
    loud = ("TRANSFORMERS_VERBOSITY", "HF_HUB_DISABLE_PROGRESS_BARS")
    environment = {name: value for name, value in os.environ.items() if name not in loud}
    done = subprocess.run(
        [str(SANGDAM), "kb", "ask", "우주선 대여료 얼마예요?"],
        env=environment,
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("answer\n")


def test_the_doctor_finds_what_is_wrong(database_url: str, tmp_path: Path) -> None:
    settings = Settings(
        data_dir=tmp_path,
        rasa_url=f"http://127.0.0.1:{free_port()}",
        embedding_model=str(tmp_path / "no-model"),
        slack_bot_token="xoxb-not-real",
        slack_channel="C1",
        slack_api_url=f"http://127.0.0.1:{free_port()}/api/",
    )
    found = {one["what"]: one for one in examine(settings, database_url=database_url)}
    wrong = {what for what, one in found.items() if not one["ok"]}
    assert {"Rasa", "embedding model", "Slack"} <= wrong
    assert found["database"]["ok"] and found["schema"]["ok"] and found["disk"]["ok"]
    assert not any("xoxb" in one["says"] for one in found.values())
    away = examine(settings, database_url="postgresql://127.0.0.1:1/x")
    assert (away[0]["what"], away[0]["ok"]) == ("database", False)
