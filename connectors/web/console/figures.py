"""The shop's figures: each with a chart, a table, the rows behind it, and all of it as CSV."""

from __future__ import annotations

import datetime as dt
import functools
from collections.abc import Iterable, Sequence
from typing import Annotated, Any, Literal
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Depends, Query, Request, Response
from pydantic import NaiveDatetime
from sqlalchemy import select
from sqlalchemy.orm import Session

from connectors.customer_files import csv_pieces
from connectors.web.console import charts, frame, trends
from connectors.web.console.dead_letters import Lead
from connectors.web.console.frame import ConsoleRoute, Here
from connectors.web.console.words import known, say
from connectors.web.problems import Problem
from ticketing import accesses, downloads, figures, sla
from ticketing.errors import Invalid
from ticketing.figures import Period, Spread
from ticketing.models import Customer, Ticket

SHOWN = 500
# More rows than a spreadsheet opens are no table any more.
CSV_MOST = 1_000_000
_RATED = ("channel", "agent", "article", "word")

router = APIRouter(prefix="/figures", route_class=ConsoleRoute)
Key = Annotated[Literal["today", "7", "30", "90"], Query()]
Kind = Literal["messages", "episodes", "opened", "first", "resolved", "waiting", "csat", "nps"]
Value = Annotated[str | None, Query(max_length=300)]
Took = Annotated[int | None, Query(ge=0, le=len(figures.BUCKETS))]
Slot = Annotated[NaiveDatetime | None, Query(description="a step's beginning, local time")]


class Chosen:
    """Which rows: of what kind, period and step, whose, about what, and how long they took."""

    def __init__(
        self,
        kind: Kind,
        period: Key = "today",
        channel: Value = None,
        agent: Value = None,
        article: Value = None,
        word: Value = None,
        slot: Slot = None,
        took: Took = None,
    ) -> None:
        self.kind, self.period, self.slot = kind, period, slot
        given = {"channel": channel, "agent": agent, "article": article, "word": word}
        given["took"] = None if took is None else str(took)
        self.by = {
            name: value.replace("\x00", "") for name, value in given.items() if value is not None
        }

    def span(self, session: Session) -> Period:
        """The period, or the step of it."""
        whole = figures.period(session, self.period)
        return whole if self.slot is None else whole.part(self.slot)


Which = Annotated[Chosen, Depends()]


@router.get("")
async def page(request: Request, here: Here, me: Lead, period: Key = "today") -> Response:
    """All of it on one page."""

    def read(session: Session) -> dict[str, Any]:
        span = figures.period(session, period)
        return {"here": "figures", **_all(session, span, me.lang)}

    return await frame.show(request, here, me, "figures", read)


@router.get("/rows")
async def rows(request: Request, here: Here, me: Lead, which: Which) -> Response:
    """The rows behind a figure."""

    def read(session: Session) -> dict[str, Any]:
        span = which.span(session)
        found = figures.rows(session, which.kind, span, limit=SHOWN + 1, **which.by)
        total = figures.count(session, which.kind, span, **which.by)
        people = session.scalars(
            select(Customer).where(Customer.id.in_({row.customer_id for row in found[:SHOWN]}))
        ).all()
        accesses.found(session, [one.id for one in people], by=me.author)
        step = {} if which.slot is None else {"slot": _key(which.slot)}
        return {
            "here": "figures",
            "kind": which.kind,
            "period": which.period,
            "by": which.by,
            "step": which.slot and trends.named(which.slot, span, me.lang),
            "rows": found[:SHOWN],
            "total": total,
            "full": len(found) > SHOWN,
            "people": {one.id: one for one in people},
            "csv": {"kind": which.kind, "period": which.period, **step, **which.by},
            "local": lambda at: _local(at, span),
            **_words(me.lang),
        }

    return await frame.show(request, here, me, "figure_rows", read)


@router.get("/rows.csv")
async def rows_csv(
    here: Here, me: Lead, which: Which, reason: Annotated[str, Query(max_length=1000)] = ""
) -> Response:
    """The same rows as a table, for a reason: what customers said is in it."""
    try:
        why = downloads.why(reason)
    except Invalid as error:
        raise Problem(422, f"taken.wrong.{error.code}") from None

    def read(session: Session) -> bytes:
        span = which.span(session)
        found = figures.rows(session, which.kind, span, limit=CSV_MOST, **which.by)
        downloads.keep(
            session, file="figures", form="csv", rows=len(found), reason=why, by=me.author
        )
        head = [say(f"fig.col.{name}", me.lang) for name in _COLUMNS]
        return b"".join(csv_pieces(head, (_cells(row, which.kind, span, me.lang) for row in found)))

    return _csv(await here.store.read(read), f"{which.kind}-{which.period}")


@router.get("/all.csv")
async def all_csv(here: Here, me: Lead, period: Key = "today") -> Response:
    """Every figure of the page as a table: section, what, by, and its numbers."""

    def read(session: Session) -> bytes:
        span = figures.period(session, period)
        head = [say(f"fig.csv.{name}", me.lang) for name in ("section", "row", "measure", "value")]
        return b"".join(csv_pieces(head, _lines(_all(session, span, me.lang), me.lang)))

    return _csv(await here.store.read(read), f"figures-{period}")


def _all(session: Session, span: Period, lang: str) -> dict[str, Any]:
    words = _words(lang)

    def url(kind: str, **by: str) -> str:
        return "/console/figures/rows?" + urlencode({"kind": kind, "period": span.key, **by})

    def step_url(kind: str, slot: dt.datetime) -> str:
        return url(kind, slot=_key(slot))

    messages = figures.series(session, "messages", span)
    volume: dict[str, dict[str, int]] = {"messages": _total(messages)}
    for kind in ("episodes", "opened"):
        volume[kind] = figures.counts(session, kind, span, "channel")
    channels = list(dict.fromkeys(one for counts in volume.values() for one in counts))
    outcomes = figures.outcomes(session, span)
    times = {
        kind: figures.summary(session, kind, span, ("channel", "agent"))
        for kind in ("first", "resolved")
    }
    rated = {kind: figures.summary(session, kind, span, _RATED) for kind in ("csat", "nps")}
    scores = {word: one.count for word, one in rated["csat"]["word"].items()}
    nps = {word: one.count for word, one in rated["nps"]["word"].items()}
    waiting = figures.spread(session, "waiting", span)
    return {
        "span": span,
        "period": span.key,
        "periods": list(figures.PERIODS),
        "waiting": waiting,
        "overdue": _overdue(session),
        "channels": channels,
        "channel_names": [words["channel_name"](one) for one in channels],
        "volume": volume,
        "volume_chart": charts.columns(
            [(trends.slot(slot, span), counts) for slot, counts in messages],
            {one: words["channel_name"](one) for one in channels},
            urls=[
                {one: url("messages", slot=_key(slot), channel=one) for one in counts}
                for slot, counts in messages
            ],
        ),
        "trends": {
            kind: trends.trend(
                session,
                kind,
                span,
                lang=lang,
                lasts=words["lasts"],
                url=functools.partial(step_url, kind),
            )
            for kind in trends.KINDS
        },
        "outcomes": outcomes,
        "outcome_chart": charts.strip(
            [
                (
                    one.percent,
                    f"{say(f'fig.outcome.{one.key}', lang)} {one.percent}%",
                    url("episodes", word=one.key),
                )
                for one in outcomes
            ]
        ),
        "times": {kind: times[kind][""][""] for kind in times},
        "time_charts": {
            kind: charts.columns(
                [
                    (bucket, {"n": number})
                    for bucket, number in zip(
                        _buckets(lang), figures.buckets(session, kind, span), strict=True
                    )
                ],
                {"n": say(f"fig.{kind}", lang)},
                urls=[{"n": url(kind, took=str(at))} for at in range(len(figures.BUCKETS) + 1)],
            )
            for kind in ("first", "resolved")
        },
        "time_by": {
            column: _both(times["first"][column], times["resolved"][column])
            for column in ("channel", "agent")
        },
        "csat": rated["csat"][""][""],
        "csat_scores": scores,
        "csat_chart": charts.columns(
            [(f"{score}★", {"n": scores.get(str(score), 0)}) for score in range(1, 6)],
            {"n": say("fig.csat", lang)},
            urls=[{"n": url("csat", word=str(score))} for score in range(1, 6)],
        ),
        "nps": figures.net_promoters(nps),
        "nps_shares": figures.shares(nps, ("promoter", "passive", "detractor")),
        "nps_total": sum(nps.values()),
        "csat_by": {column: rated["csat"][column] for column in _RATED[:3]},
        "nps_by": {column: rated["nps"][column] for column in _RATED[:3]},
        "url": url,
        **words,
    }


def _total(slots: Sequence[tuple[dt.datetime, dict[str, int]]]) -> dict[str, int]:
    made: dict[str, int] = {}
    for _, counts in slots:
        for channel, number in counts.items():
            made[channel] = made.get(channel, 0) + number
    return dict(sorted(made.items(), key=lambda one: (-one[1], one[0])))


def _both(first: dict[str, Spread], resolved: dict[str, Spread]) -> dict[str, dict[str, Spread]]:
    none = Spread(0, None, None, None)
    names = list(dict.fromkeys([*resolved, *first]))
    return {
        name: {"first": first.get(name, none), "resolved": resolved.get(name, none)}
        for name in names
    }


def _overdue(session: Session) -> int:
    waiting = session.scalars(
        select(Ticket.id).where(
            Ticket.state == "open", Ticket.snoozed_until.is_(None), Ticket.joined_to.is_(None)
        )
    ).all()
    return sum(one.broken for one in sla.standings(session, waiting).values())


# --- words ----------------------------------------------------------------------------------------


def _words(lang: str) -> dict[str, Any]:
    return {
        "channel_name": lambda one: known(f"channel.{one}", lang, one),
        "agent_name": lambda one: _agent(one, lang),
        "lasts": lambda seconds: _lasts(seconds, lang),
        "word_name": lambda kind, word: _word(kind, word, lang),
        "took_name": lambda number: _buckets(lang)[int(number)],
    }


def _agent(name: str | None, lang: str) -> str:
    """Who is rated: the bot has no name, and where nobody answered there is nobody."""
    if name is None:
        return say("csat.by.nobody", lang)
    return name or say("author.bot", lang)


def _word(kind: str, word: str | None, lang: str) -> str:
    if kind == "episodes":
        return say(f"fig.outcome.{word}", lang)
    if kind == "nps":
        return say(f"fig.nps.{word}", lang)
    if kind == "csat":
        return f"{word}★"
    return known(f"state.{word}", lang, "")


def _lasts(seconds: float | None, lang: str) -> str:
    """A duration in two units at most: ``45초``, ``12분``, ``3시간 5분``, ``2일 4시간``."""
    if seconds is None:
        return "–"
    whole = int(seconds)
    if whole < 60:
        return say("fig.seconds", lang, n=whole)
    parts = [(whole // 86400, "day"), (whole // 3600 % 24, "hour"), (whole // 60 % 60, "min")]
    while not parts[0][0]:
        parts.pop(0)
    return " ".join(say(f"ago.{unit}", lang, n=number) for number, unit in parts[:2] if number)


def _buckets(lang: str) -> list[str]:
    limits = [_lasts(one, lang) for one in figures.BUCKETS]
    return [f"≤ {one}" for one in limits] + [f"> {limits[-1]}"]


def _key(slot: dt.datetime) -> str:
    return slot.isoformat(timespec="minutes")


def _local(at: dt.datetime, span: Period) -> str:
    return at.astimezone(ZoneInfo(span.zone)).strftime("%Y-%m-%d %H:%M")


# --- tables ---------------------------------------------------------------------------------------

_COLUMNS = ("at", "customer", "ticket", "channel", "agent", "article", "word", "value", "text")


def _cells(row: Any, kind: str, span: Period, lang: str) -> Sequence[str]:
    agent = _agent(row.agent, lang) if kind == "csat" else row.agent
    return [
        _local(row.at, span),
        str(row.customer_id),
        row.ticket or "",
        known(f"channel.{row.channel}", lang, row.channel),
        agent or "",
        row.article or "",
        _word(kind, row.word, lang),
        "" if row.value is None else f"{row.value:g}",
        row.text or "",
    ]


def _lines(page: dict[str, Any], lang: str) -> Iterable[Sequence[str]]:
    def t(key: str) -> str:
        return say(f"fig.{key}", lang)

    def number(value: float | None) -> str:
        return "" if value is None else f"{value:.10g}"

    def spread(section: str, row: str, found: Spread, *, scores: bool) -> Iterable[Sequence[str]]:
        yield section, row, t("csv.count"), str(found.count)
        if scores:
            yield section, row, t("average"), number(found.average)
        else:
            yield section, row, t("csv.median"), number(found.median)
            yield section, row, t("csv.p90"), number(found.p90)

    names = {"channel": page["channel_name"], "agent": page["agent_name"], "article": str}
    yield t("waiting"), t("all"), t("csv.count"), str(page["waiting"].count)
    yield t("waiting"), t("all"), t("overdue"), str(page["overdue"])
    for kind, counts in page["volume"].items():
        for channel, one in counts.items():
            yield t("volume"), names["channel"](channel), t(kind), str(one)
    for share in page["outcomes"]:
        row = t(f"outcome.{share.key}")
        yield t("outcomes"), row, t("csv.count"), str(share.count)
        yield t("outcomes"), row, "%", number(share.percent)
    for kind in ("first", "resolved"):
        yield from spread(t(f"{kind}.time"), t("all"), page["times"][kind], scores=False)
        for column, found in page["time_by"].items():
            for name, both in found.items():
                said = names[column](name)
                yield from spread(t(f"{kind}.time"), said, both[kind], scores=False)
    for kind, trend in page["trends"].items():
        section = t("csat") if kind == "csat" else t(f"{kind}.time")
        for when, one, _ in trend.rows:
            yield from spread(section, when, one, scores=kind == "csat")
    yield from spread(t("csat"), t("all"), page["csat"], scores=True)
    for score, one in sorted(page["csat_scores"].items()):
        yield t("csat"), f"{score}★", t("csv.count"), str(one)
    yield t("nps"), t("all"), t("nps"), number(page["nps"])
    for share in page["nps_shares"]:
        yield t("nps"), t(f"nps.{share.key}"), t("csv.count"), str(share.count)
    for kind in ("csat", "nps"):
        for column, found in page[f"{kind}_by"].items():
            for name, one in found.items():
                said = f"{t('by.' + column)}: {names[column](name)}"
                yield from spread(t(kind), said, one, scores=True)


def _csv(content: bytes, name: str) -> Response:
    headers = {**frame.HEADERS, "Content-Disposition": f'attachment; filename="{name}.csv"'}
    return Response(content, media_type="text/csv; charset=utf-8", headers=headers)
