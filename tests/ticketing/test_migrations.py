"""Migrations: up, down, and equal to the models."""

from __future__ import annotations

import json
import subprocess
import sys
import time
import unicodedata
import uuid
from pathlib import Path

import pytest
from alembic import command
from alembic.script import ScriptDirectory
from sqlalchemy import Engine, inspect, select, text
from sqlalchemy.exc import IntegrityError, ProgrammingError

from knowledge_base import articles, drafts
from knowledge_base.models import Base as KnowledgeBase
from ticketing import agents, api_tokens, customer_import, customers, migrate
from ticketing.db import Sessions
from ticketing.models import Agent
from ticketing.models import Base as Ticketing
from ticketing.record import Author

METADATA = [Ticketing.metadata, KnowledgeBase.metadata]


def test_the_migrations_make_exactly_the_models(engine: Engine) -> None:
    command.check(migrate.config(engine, metadata=METADATA))


def test_down_leaves_nothing_and_up_comes_back(engine: Engine) -> None:
    assert migrate.is_current(engine)
    migrate.downgrade(engine, "base")
    assert inspect(engine).get_table_names() == ["alembic_version"]
    assert not migrate.is_current(engine)
    migrate.upgrade(engine)
    migrate.upgrade(engine)
    assert migrate.is_current(engine)


def test_on_the_way_down_merged_gaps_fall_apart(engine: Engine) -> None:
    gap = """INSERT INTO kb_gap (id, locale, title, features, first_at, last_at, into_id)
        VALUES (:id, 'ko', 'one', '{}', now(), now(), :into)"""
    with engine.begin() as connection:
        connection.execute(text(gap), [{"id": 1, "into": None}, {"id": 2, "into": 1}])
    migrate.downgrade(engine, "0027")
    migrate.upgrade(engine)
    assert value(engine, "SELECT count(*) FROM kb_gap WHERE into_id IS NULL AND whole") == 2


def test_tokens_of_agents_stay_good_on_the_way_up_and_down(
    engine: Engine, sessions: Sessions
) -> None:
    def good() -> list[bool]:
        with sessions.begin() as session:
            found = [agents.authenticate(session, one, kind=kind) for kind, one in tokens.items()]
        return [one is not None for one in found]

    with sessions.begin() as session:
        agent = agents.add(session, name="연동", role="admin")
        tokens = {"api": api_tokens.create(session, agent, by="대표", label="창고")[0]}
        tokens["session"] = agents.issue(session, agent, kind="session", life=agents.SESSION_LIFE)
    migrate.downgrade(engine, "0035")
    with engine.begin() as connection:  # both as they were before it was known
        connection.execute(text("UPDATE agent_token SET created_at = now() - interval '9 days'"))
    migrate.upgrade(engine)
    assert value(engine, "SELECT array_agg(kind) FROM agent_token WHERE used_at IS NULL") == ["api"]
    assert value(engine, "SELECT count(DISTINCT id) FROM agent_token") == 2
    assert good() == [True, True]
    migrate.downgrade(engine, "0035")
    assert value(engine, "SELECT count(*) FROM agent_token WHERE label = '창고'") == 1
    migrate.upgrade(engine)
    assert good() == [True, True]


def test_what_is_kept_of_tokens_goes_on_the_way_down(engine: Engine, sessions: Sessions) -> None:
    with sessions.begin() as session:
        agent = agents.add(session, name="연동", role="admin")
        api_tokens.create(session, agent, by="대표", label="창고")
        agents.rename(session, agent, "창고 연동", by="대표")
    migrate.downgrade(engine, "0036")
    assert value(engine, "SELECT array_agg(kind) FROM agent_change") == ["name"]
    assert value(engine, "SELECT count(*) FROM agent_token") == 1
    migrate.upgrade(engine)
    with sessions.begin() as session:
        agent = session.scalars(select(Agent)).one()
        api_tokens.revoke_all(session, agent, by="대표")
    assert value(engine, "SELECT count(*) FROM agent_change WHERE kind = 'revoked'") == 1


def test_where_a_draft_was_is_forgotten_on_the_way_down(engine: Engine, sessions: Sessions) -> None:
    with sessions.begin() as session:
        articles.create(session, id="old", locale="ko", title="글", body="글", author="지수")
        drafts.move(session, id="old", to="new")
    migrate.downgrade(engine, "0037")
    migrate.upgrade(engine)
    with sessions.begin() as session:
        assert drafts.moved_to(session, id="old") is None
        assert articles.get(session, id="new", locale="ko").title == "글"


def test_imports_of_customers_stay_without_what_was_left_out(
    engine: Engine, sessions: Sessions
) -> None:
    with sessions.begin() as session:
        lines = iter([(1, ["고객번호"]), (2, ["C-1"])])
        me = Author(name="관리자", source="import")
        batch = customer_import.begin(session, lines, file_name="고객.xlsx", by=me)
        batch.left_out = ["3-4"]
    migrate.downgrade(engine, "0038")
    assert value(engine, "SELECT rows FROM customer_import") == 1
    migrate.upgrade(engine)
    assert value(engine, "SELECT left_out FROM customer_import") == []


def test_downloads_are_accesses_and_downloads_again(engine: Engine) -> None:
    migrate.downgrade(engine, "0028")
    taken = """INSERT INTO download (what, form, customer_id, rows, reason, by_name, source)
        VALUES ('person', 'zip', :who, 3, '요청', '장', 'api'),
               ('customers', 'csv', NULL, 9, '정산', 'root', 'cli')"""
    who = uuid.UUID(int=7)
    with engine.begin() as connection:
        connection.execute(text(taken), {"who": who})
    migrate.upgrade(engine)
    more = """INSERT INTO access
            (what, customer_id, people, rows, by_name, agent_id, source, whom, span)
        SELECT 'opened', :who, ARRAY[CAST(:who AS uuid)], 1, '장', :agent, 'api', :who, now()"""
    with engine.begin() as connection:
        found = connection.execute(text("SELECT id, file, people, reason FROM access ORDER BY id"))
        assert [tuple(row) for row in found] == [
            (1, "person", [who], "요청"), (2, "customers", [], "정산"),
        ]  # fmt: skip
        agent = connection.execute(text("INSERT INTO agent (name) VALUES ('장') RETURNING id"))
        connection.execute(text(more), {"who": who, "agent": agent.scalar_one()})
    assert value(engine, "SELECT max(id) FROM access") == 3
    migrate.downgrade(engine, "0028")
    assert value(engine, "SELECT string_agg(what, ' ' ORDER BY id) FROM download") == (
        "person customers"
    )
    migrate.upgrade(engine)
    assert value(engine, "SELECT count(*) FROM access") == 2


def test_looks_cannot_be_deleted_before_and_after_they_had_a_retention(engine: Engine) -> None:
    look = """INSERT INTO access (what, file, rows, by_name, source, at)
        VALUES ('downloaded', 'customers', 1, 'root', 'cli', now() - interval '500 days')"""
    days = "INSERT INTO retention (kind, days, by_name, source) VALUES ('accesses', :n, 'x', 'cli')"
    for version in ("0029", "head"):
        migrate.downgrade(engine, "0029")
        if version == "head":
            migrate.upgrade(engine)
        with engine.begin() as connection:
            connection.execute(text(look))
        with engine.connect() as connection, pytest.raises(ProgrammingError, match="stays"):
            connection.execute(text("DELETE FROM access"))
    with engine.begin() as connection:
        connection.execute(text(days), {"n": 501})
    with engine.connect() as connection, pytest.raises(ProgrammingError, match="stays"):
        connection.execute(text("DELETE FROM access"))
    with engine.begin() as connection:
        connection.execute(text(days), {"n": 499})
        connection.execute(text("DELETE FROM access"))
    assert value(engine, "SELECT count(*) FROM access") == 0


def test_looks_in_slack_have_no_address_and_no_place_in_an_older_version(engine: Engine) -> None:
    look = """INSERT INTO access
            (what, people, rows, by_name, agent_id, source, place, whom, span)
        SELECT 'searched', '{}', 0, '장', id, :source, :place, gen_random_uuid(), now()
          FROM agent"""
    slack = {"source": "slack", "place": ""}
    with engine.begin() as connection:
        connection.execute(text("INSERT INTO agent (name) VALUES ('장')"))
        connection.execute(text(look), [slack, {"source": "console", "place": "127.0.0.1"}])
    with engine.connect() as connection, pytest.raises(IntegrityError, match="place"):
        connection.execute(text(look), slack | {"place": "127.0.0.1"})
    migrate.downgrade(engine, "0030")
    assert value(engine, "SELECT string_agg(source, ' ') FROM access") == "console"
    with engine.connect() as connection, pytest.raises(IntegrityError, match="source"):
        connection.execute(text(look), slack)
    with engine.connect() as connection, pytest.raises(ProgrammingError, match="stays"):
        connection.execute(text("DELETE FROM access"))
    migrate.upgrade(engine)
    with engine.begin() as connection:
        connection.execute(text(look), slack)


def test_articles_of_an_older_version_are_read_as_before_and_found(engine: Engine) -> None:
    migrate.downgrade(engine, "0031")
    pieces = {one: unicodedata.normalize("NFD", one) for one in ("환불", "환불 기간", "며칠?")}
    wrapped = "한 문장이\n여기서 이어져요.\n\n- 하나\n  둘\\\n  셋  \n  넷\n\n```\n가\n나\n```\\\n"
    kept = "평일 9시\n토요일 휴무"
    bodies = {"mac": unicodedata.normalize("NFD", kept), "file": wrapped, "table": kept}
    with engine.begin() as connection:
        connection.execute(text("INSERT INTO kb_version VALUES (1, 7)"))
        for number, source in enumerate(("kb.zip", "문서.CSV"), start=1):
            connection.execute(
                text(
                    "INSERT INTO kb_import (id, source, author, state) "
                    "VALUES (:id, :source, '지수', 'done')"
                ),
                {"id": number, "source": source},
            )
        for id, body in bodies.items():
            title = pieces["환불 기간"] if id == "mac" else "환불 기간"
            tags = [pieces["환불"], "배송", "환불"] if id == "mac" else ["환불"]
            question = pieces["며칠?"] if id == "mac" else "며칠?"
            content = {"title": title, "questions": [question], "tags": tags, "body": body}
            one = {"id": id, "title": title, "body": body, "tags": tags, "question": question}
            for query in (
                "INSERT INTO kb_article (id, locale, state, title, body, tags, revision, "
                "published_revision) VALUES (:id, 'ko', 'published', :title, :body, :tags, 1, 1)",
                "INSERT INTO kb_question VALUES (:id, 'ko', 0, :question)",
                "INSERT INTO kb_revision (article_id, locale, revision, action, author, content) "
                "VALUES (:id, 'ko', 1, 'publish', '지수', CAST(:content AS jsonb))",
            ):
                connection.execute(text(query), one | {"content": json.dumps(content)})
        brought = """INSERT INTO kb_imported_article (import_id, article_id, locale, last_seq)
            VALUES (1, 'file', 'ko', 1), (2, 'table', 'ko', 1)"""
        connection.execute(text(brought))

    migrate.upgrade(engine)
    joined = "한 문장이 여기서 이어져요.\n\n- 하나 둘\\\n  셋  \n  넷\n\n```\n가\n나\n```\\\n"
    with engine.connect() as connection:
        rows = connection.execute(
            text(
                "SELECT id, title, body, tags, text, content FROM kb_article "
                "JOIN kb_question ON kb_question.article_id = id "
                "JOIN kb_revision ON kb_revision.article_id = id"
            )
        ).all()
        version = connection.execute(text("SELECT version FROM kb_version")).scalar()
    now = {row.id: row for row in rows}
    assert {id: row.body for id, row in now.items()} == {"mac": kept, "file": joined, "table": kept}
    for row in rows:
        assert row.content["body"] == row.body and row.content["title"] == row.title == "환불 기간"
        assert row.content["questions"] == [row.text] == ["며칠?"]
    assert now["mac"].tags == ["환불", "배송"]
    assert version == 8, "indexes read it anew"
    migrate.downgrade(engine, "0031")
    migrate.upgrade(engine)
    assert value(engine, "SELECT version FROM kb_version") == 8, "and once is enough"


def test_f27_an_upgrade_that_broke_off_leaves_the_old_schema(engine: Engine) -> None:
    """A step that fails halfway rolls back whole, and running it again works."""
    migrate.downgrade(engine, "base")
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE message (wrong int)"))
    try:
        migrate.upgrade(engine)
    except Exception as error:
        assert "message" in str(error)
    else:
        raise AssertionError("the upgrade should have met the wrong table")
    assert inspect(engine).get_table_names() in (["message"], ["alembic_version", "message"])
    with engine.begin() as connection:
        connection.execute(text("DROP TABLE message"))
    migrate.upgrade(engine)
    assert migrate.is_current(engine)


NEXT = """
from alembic import op

revision, down_revision = "next", "{head}"

def upgrade():
    op.execute("ALTER TABLE customer ADD COLUMN nickname text")
    op.execute("UPDATE customer SET nickname = 'half' WHERE locale = 'ko'")
    op.execute("SELECT pg_sleep({sleep})")
    op.execute("UPDATE customer SET nickname = 'done'")
"""
UPGRADE = """
import sys
from alembic import command
from ticketing import db, migrate

engine = db.connect(sys.argv[1], pool_size=1)
config = migrate.config(engine)
mine = config.get_main_option("script_location") + "/versions"
config.set_main_option("version_path_separator", "newline")
config.set_main_option("version_locations", mine + "\\n" + sys.argv[2])
command.upgrade(config, "head")
"""


def test_f27_a_migration_killed_in_the_middle_is_run_again(
    engine: Engine, sessions: Sessions, database_url: str, tmp_path: Path
) -> None:
    with sessions.begin() as session:
        for number in range(200):
            customers.start_session(session, locale=("ko", "en")[number % 2])
    before = counts(engine)
    (head,) = ScriptDirectory.from_config(migrate.config(engine)).get_heads()
    step = tmp_path / "next.py"
    run = [sys.executable, "-c", UPGRADE, database_url, str(tmp_path)]

    step.write_text(NEXT.format(head=head, sleep=600))
    with subprocess.Popen(run) as killed:
        until(engine, ASLEEP, 1)
        killed.kill()
    until(engine, ASLEEP, 0)  # its locks end with it, not with its statement
    assert migrate.is_current(engine), "the old schema, whole"
    assert counts(engine) == before

    step.write_text(NEXT.format(head=head, sleep=0))
    subprocess.run(run, check=True, timeout=60)
    assert migrate.revision(engine) == "next"
    assert counts(engine) == before
    assert value(engine, "SELECT count(*) FROM customer WHERE nickname = 'done'") == 200


ASLEEP = """SELECT count(*) FROM pg_stat_activity
    WHERE query LIKE '%pg_sleep(600)%' AND pid <> pg_backend_pid()"""


def until(engine: Engine, query: str, wanted: object) -> None:
    deadline = time.monotonic() + 60
    while value(engine, query) != wanted:
        assert time.monotonic() < deadline


def counts(engine: Engine) -> dict[str, object]:
    """Rows of every table."""
    names = inspect(engine).get_table_names()
    return {name: value(engine, f'SELECT count(*) FROM "{name}"') for name in names}


def value(engine: Engine, query: str) -> object:
    with engine.connect() as connection:
        return connection.execute(text(query)).scalar()
