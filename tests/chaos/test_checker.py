"""The checker finds what it is there for: each harm, done to a small log by hand."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable

import pytest

from tests.chaos.checker import Acknowledged, Facts, Line, Verdict, check


def texts(*names: str) -> list[str]:
    return [f"{name} 안녕하세요" for name in names]


def good() -> Facts:
    """A customer who asks twice, goes to a person, and is answered by them."""
    one, two, three, four = texts("c1-00001", "c1-00002", "c1-00003", "c1-00004")
    first, second = texts("a1-00000", "a2-00000")
    (note,) = texts("a3-00000")
    kept = [
        Line(1, "customer", "text", one, "i1"),
        Line(2, "bot", "say", one, question=one),
        Line(3, "customer", "text", two, "i2"),
        Line(4, "bot", "say", two, question=two),
        Line(5, "customer", "button", "상담원 연결", "i3"),
        Line(6, "bot", "hand_off", "연결할게요", question="상담원 연결"),
        Line(7, "customer", "text", three, "i4"),
        Line(8, "agent", "text", first),
        Line(9, "agent", "note", note, internal=True),
        Line(10, "customer", "text", four, "i5"),
        Line(11, "agent", "text", second),
    ]
    visible = [line for line in kept if not line.internal]
    said = [
        Acknowledged(line.client_id, line.text if line.kind == "text" else "", line.seq)
        for line in kept
        if line.client_id is not None
    ]
    return Facts(
        customer="c1",
        acknowledged=said,
        visible=visible,
        heard=[line.seq for line in visible],
        kept=kept,
        replies=[first, second],
        notes=[note],
        threads=[["c1-00003", "c1-00004"]],
        cards=1,
        tickets=1,
    )


def by_messenger() -> Facts:
    """The same customer in a messenger, who is told no place and is shown what is said."""
    facts = good()
    facts.acknowledged = [
        Acknowledged(line.text, line.text)
        for line in facts.kept
        if line.author == "customer" and line.kind == "text"
    ]
    facts.kept = [dataclasses.replace(line, client_id=line.text) for line in facts.kept]
    facts.visible = [line for line in facts.kept if not line.internal]
    facts.shown = ["c1-00001", "c1-00002", "a1-00000", "a2-00000"]
    return facts


def counts(verdict: Verdict) -> dict[str, int]:
    names = ("lost", "doubled", "reordered", "extra_copies", "shown_again", "leaked")
    return {name: getattr(verdict, name) for name in names if getattr(verdict, name)}


def without(lines: object, seq: int) -> list[Line]:
    return [line for line in lines if line.seq != seq]  # type: ignore[attr-defined]  # of Lines


def everywhere(facts: Facts, change: Callable[[object], list[Line]]) -> None:
    facts.kept, facts.visible = change(facts.kept), change(facts.visible)
    facts.heard = [line.seq for line in facts.visible]


def test_nothing_is_found_where_nothing_is_wrong() -> None:
    verdict = check([good()])
    assert (counts(verdict), verdict.findings, verdict.clean()) == ({}, [], True)
    assert verdict.acknowledged == 8


def lose_a_message(facts: Facts) -> None:
    everywhere(facts, lambda lines: without(lines, 3))


def lose_an_answer(facts: Facts) -> None:
    everywhere(facts, lambda lines: without(lines, 4))


def lose_a_reply_of_the_agent(facts: Facts) -> None:
    everywhere(facts, lambda lines: without(lines, 11))


def lose_a_note(facts: Facts) -> None:
    facts.kept = without(facts.kept, 9)


def lose_a_post_to_the_platform(facts: Facts) -> None:
    facts.threads = [["c1-00004"]]


def lose_a_line_of_the_stream(facts: Facts) -> None:
    facts.heard = [seq for seq in facts.heard if seq != 8]


def double_a_message(facts: Facts) -> None:
    again = dataclasses.replace(facts.kept[0], seq=12)
    everywhere(facts, lambda lines: [*lines, again])  # type: ignore[misc]  # of Lines


def double_an_answer(facts: Facts) -> None:
    again = dataclasses.replace(facts.kept[1], seq=12)
    everywhere(facts, lambda lines: [*lines, again])  # type: ignore[misc]  # of Lines


def double_a_reply_of_the_agent(facts: Facts) -> None:
    again = dataclasses.replace(facts.kept[7], seq=12)
    everywhere(facts, lambda lines: [*lines, again])  # type: ignore[misc]  # of Lines


def answer_what_a_person_was_shown(facts: Facts) -> None:
    facts.threads = [["c1-00002", "c1-00003", "c1-00004"]]


def bring_a_line_twice(facts: Facts) -> None:
    facts.heard = [*facts.heard, 11]


def reorder_messages(facts: Facts) -> None:
    facts.acknowledged = [facts.acknowledged[n] for n in (1, 0, 2, 3, 4)]


def reorder_answers(facts: Facts) -> None:
    everywhere(facts, lambda lines: _swapped(lines, 2, 4))


def reorder_the_agent(facts: Facts) -> None:
    everywhere(facts, lambda lines: _swapped(lines, 8, 11))


def reorder_the_thread(facts: Facts) -> None:
    facts.threads = [["c1-00004", "c1-00003"]]


def reorder_the_stream(facts: Facts) -> None:
    facts.heard = [*facts.heard[:-2], facts.heard[-1], facts.heard[-2]]


def _swapped(lines: object, one: int, two: int) -> list[Line]:
    numbers = {one: two, two: one}
    changed = [
        dataclasses.replace(line, seq=numbers.get(line.seq, line.seq))
        for line in lines  # type: ignore[attr-defined]  # of Lines
    ]
    return sorted(changed, key=lambda line: line.seq)


@pytest.mark.parametrize(
    ("harm", "count"),
    [
        (lose_a_message, "lost"),
        (lose_an_answer, "lost"),
        (lose_a_reply_of_the_agent, "lost"),
        (lose_a_note, "lost"),
        (lose_a_post_to_the_platform, "lost"),
        (lose_a_line_of_the_stream, "lost"),
        (double_a_message, "doubled"),
        (double_an_answer, "doubled"),
        (double_a_reply_of_the_agent, "doubled"),
        (answer_what_a_person_was_shown, "doubled"),
        (bring_a_line_twice, "doubled"),
        (reorder_messages, "reordered"),
        (reorder_answers, "reordered"),
        (reorder_the_agent, "reordered"),
        (reorder_the_thread, "reordered"),
        (reorder_the_stream, "reordered"),
    ],
)
def test_each_harm_is_found(harm: Callable[[Facts], None], count: str) -> None:
    facts = good()
    harm(facts)
    verdict = check([facts])
    assert getattr(verdict, count) > 0, verdict.findings
    assert not verdict.clean()


def test_a_note_that_reached_the_customer_is_found() -> None:
    facts = good()
    facts.visible = facts.kept
    facts.heard = [line.seq for line in facts.visible]
    assert counts(check([facts])) == {"leaked": 1}


def test_copies_at_the_platform_are_counted_and_allowed() -> None:
    facts = good()
    facts.threads = [["c1-00003", "c1-00003", "c1-00004"]]
    facts.cards = 2
    verdict = check([facts])
    assert counts(verdict) == {"extra_copies": 2}
    assert verdict.clean()


@pytest.mark.parametrize(
    ("shown", "found"),
    [
        ("c1-00001 c1-00002 a1-00000 a2-00000", {}),
        ("c1-00001 c1-00002 a1-00000", {"lost": 1}),
        ("c1-00002 c1-00001 a1-00000 a2-00000", {"reordered": 1}),
        ("c1-00001 c1-00002 c1-00001 a1-00000 a2-00000", {"shown_again": 1}),
        ("c1-00001 c1-00002 c1-00003 a1-00000 a2-00000", {"doubled": 1}),
        ("c1-00001 c1-00002 a1-00000 a3-00000 a2-00000", {"leaked": 1}),
    ],
)
def test_what_a_messenger_shows_is_what_the_history_has(shown: str, found: dict[str, int]) -> None:
    facts = by_messenger()
    facts.shown = shown.split()
    verdict = check([facts])
    assert (counts(verdict), verdict.clean()) == (found, set(found) <= {"shown_again"})


def test_in_a_messenger_the_order_of_the_acknowledgements_is_that_of_the_history() -> None:
    facts = by_messenger()
    facts.acknowledged = [facts.acknowledged[n] for n in (1, 0, 2, 3)]
    assert counts(check([facts])) == {"reordered": 1}
    facts.acknowledged = [*facts.acknowledged, Acknowledged("c1-00009", "c1-00009")]
    assert counts(check([facts])) == {"reordered": 1, "lost": 1}


def test_several_lines_of_one_answer_are_one_answer() -> None:
    facts = good()
    more = [dataclasses.replace(line, seq=line.seq * 10) for line in facts.kept]
    more.insert(2, Line(21, "bot", "say", "그리고 하나 더", question=more[0].text))
    facts.kept, facts.visible = more, [line for line in more if not line.internal]
    facts.heard = [line.seq for line in facts.visible]
    facts.acknowledged = [dataclasses.replace(a, seq=a.seq * 10) for a in facts.acknowledged]
    assert check([facts]).findings == []
