"""Real parts for the tests: one PostgreSQL, a fresh migrated database a test, the whole product."""

from __future__ import annotations

import contextlib
import functools
import itertools
import os
from collections.abc import Iterator
from typing import Any

import httpx
import psycopg
import pytest
from fastapi.routing import APIRoute, _EffectiveRouteContext
from sqlalchemy import Engine, event
from sqlalchemy.engine import make_url
from sqlalchemy.orm import Session

from tests.clock import Clock
from tests.product import open_folder
from tests.scheduling import ByFile, longest_first
from ticketing import migrate
from ticketing.db import Sessions, connect, embedded, session_factory

_numbers = itertools.count(1)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> ByFile:
    """What ``pytest -n`` runs where."""
    config.option.loadscopereorder = False
    return ByFile(config, log)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """The order in which the processes of ``pytest -n`` take the tests."""
    if hasattr(config, "workerinput"):
        longest_first(items)


@pytest.fixture(scope="session", autouse=True)
def authorities_read_once() -> Iterator[None]:
    """Every client of httpx reads all certificate authorities; that is 34 ms of computing each."""
    with pytest.MonkeyPatch.context() as patch:
        read = functools.cache(lambda _, *given, **more: httpx.create_ssl_context(*given, **more))

        def once(*given: Any, **more: Any) -> Any:
            return read(os.environ.get("SSL_CERT_FILE"), *given, **more)

        patch.setattr("httpx._transports.default.create_ssl_context", once)
        yield


@pytest.fixture(scope="session", autouse=True)
def routes_built_once() -> Iterator[None]:
    """Every gateway builds the same routes at its first request; 180 ms of computing each."""
    built: dict[int, tuple[APIRoute, Any]] = {}
    build = _EffectiveRouteContext.from_api_route

    def once(*, original_route: APIRoute, include_context: Any) -> Any:
        key = id(original_route)
        if key not in built:
            made = build(original_route=original_route, include_context=include_context)
            built[key] = original_route, made  # the route is kept, and with it its id
        return built[key][1]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(_EffectiveRouteContext, "from_api_route", once)
        yield


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    """The URL of an embedded server with a migrated template database."""
    with open_folder() as folder, embedded(folder) as url:
        # No test here pulls the plug, so none has to wait for the disk.
        _admin(url, "ALTER SYSTEM SET fsync = off", "SELECT pg_reload_conf()")
        create(url, "template_sangdam")
        engine = connect(database(url, "template_sangdam"), pool_size=1)
        migrate.upgrade(engine)
        engine.dispose()
        yield url


def database(url: str, name: str) -> str:
    """The same server, another database."""
    return make_url(url).set(database=name).render_as_string(hide_password=False)


def create(url: str, name: str, template: str = "template1") -> None:
    """Make a database; statements of this kind run outside transactions.

    Copying the template's files takes a fifth of what writing them to the log takes.
    """
    _admin(url, f'CREATE DATABASE "{name}" TEMPLATE "{template}" STRATEGY FILE_COPY')


def drop(url: str, name: str) -> None:
    """Remove a database, whoever is still connected."""
    _admin(url, f'DROP DATABASE "{name}" WITH (FORCE)')


def _admin(url: str, *statements: str) -> None:
    plain = make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)
    with psycopg.connect(plain, autocommit=True) as connection:
        for statement in statements:
            connection.execute(statement.encode())


@contextlib.contextmanager
def fresh_database(postgres: str) -> Iterator[str]:
    """A database with the current schema, dropped afterwards."""
    name = f"test_{next(_numbers)}"
    create(postgres, name, "template_sangdam")
    try:
        yield database(postgres, name)
    finally:
        drop(postgres, name)


@pytest.fixture
def database_url(postgres: str) -> Iterator[str]:
    """A fresh database for one test."""
    with fresh_database(postgres) as url:
        yield url


def patient(url: str, *, pool_size: int = 12) -> Engine:
    """An engine for a test's own transactions, which end when the test ends them.

    On a slow machine, what is loaded once, like the analyser of Korean, holds the interpreter for
    longer than the product lets a transaction do nothing; so does a gateway that begins beside it.
    """
    made = connect(url, pool_size=pool_size)

    @event.listens_for(made, "connect")
    def may_sleep(connection: Any, record: object) -> None:
        connection.execute("SET idle_in_transaction_session_timeout = 0")
        connection.commit()

    return made


@pytest.fixture
def engine(database_url: str) -> Iterator[Engine]:
    """An engine on the fresh database."""
    made = patient(database_url)
    yield made
    made.dispose()


@pytest.fixture
def sessions(engine: Engine) -> Sessions:
    """Sessions on the fresh database."""
    return session_factory(engine)


@pytest.fixture
def session(sessions: Sessions) -> Iterator[Session]:
    """One session; what it does not commit is rolled back."""
    with sessions() as made:
        yield made


@pytest.fixture(scope="module")
def clock(postgres: str) -> Iterator[Clock]:
    """The time of a database that a module's tests share."""
    with fresh_database(postgres) as url:
        engine = patient(url, pool_size=3)
        yield Clock(engine, queue="C0QUEUE")
        engine.dispose()


@pytest.fixture
def shop(clock: Clock) -> Iterator[Session]:
    """A session on that database, empty, with a queue channel; it is emptied afterwards."""
    with clock.sessions() as made:
        yield made
    clock.empty()
