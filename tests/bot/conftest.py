"""The sample shop's knowledge base for the actions, on a real database."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from rasa_sdk.executor import ActionExecutor

from bot.actions import wiring
from knowledge_base import importing, reading
from knowledge_base.search import Index
from tests.bot.customer import Customer
from tests.conftest import create, database, patient
from tests.product import ROOT
from ticketing.db import Sessions, session_factory


@pytest.fixture(scope="session")
def shop_url(postgres: str) -> str:
    """A database with the sample shop's articles published."""
    create(postgres, "shop", "template_sangdam")
    url = database(postgres, "shop")
    engine = patient(url, pool_size=1)
    with session_factory(engine).begin() as session:
        rows = reading.read(ROOT / "knowledge_base" / "sample")
        assert not importing.import_rows(session, rows, author="test").refused
    engine.dispose()
    return url


@pytest.fixture(scope="session")
def shop(shop_url: str) -> Iterator[Sessions]:
    """Sessions on the shop's database."""
    engine = patient(shop_url)
    yield session_factory(engine)
    engine.dispose()


@pytest.fixture(scope="session")
def index(shop: Sessions) -> Index:
    """The shop's articles, compared by words alone: quick to build, and quite enough here."""
    return Index(shop)


@pytest.fixture(scope="module")
def actions(shop: Sessions, index: Index) -> ActionExecutor:
    return wiring.executor(index=index, sessions=shop)


@pytest.fixture
def customer(shop: Sessions, actions: ActionExecutor) -> Customer:
    return Customer(shop, actions)
