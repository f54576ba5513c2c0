"""What every connection to the database has in common."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import text

from ticketing import customers
from ticketing.db import connect, session_factory


def test_times_are_the_same_wherever_the_server_is(database_url: str) -> None:
    engine = connect(database_url, pool_size=1)
    try:
        with engine.begin() as connection:
            name = connection.scalar(text("SELECT current_database()"))
            connection.execute(text(f"ALTER DATABASE {name} SET timezone TO 'Asia/Seoul'"))
        engine.dispose()
        with session_factory(engine)() as session:
            _, customer = customers.start_session(session)
            session.expire_all()
            assert customer.created_at.utcoffset() == dt.timedelta(0)
    finally:
        engine.dispose()
