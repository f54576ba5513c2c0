"""Compares what was acknowledged with what is there. Pure: logs in, a verdict out."""

from __future__ import annotations

import dataclasses
import itertools
import re
from collections import Counter
from collections.abc import Iterable, Sequence

TOKEN = re.compile(r"\b([ac]\d+-\d{5})\b")
_SHOWN = 3


@dataclasses.dataclass(frozen=True)
class Acknowledged:
    """A message the gateway answered with 202; a button has no text.

    A messenger is told no place, ``None``, and its messages are known by their text.
    """

    client_id: str
    text: str
    seq: int | None = None


@dataclasses.dataclass(frozen=True)
class Line:
    """A line of the history. ``question``: what a line of the bot answers."""

    seq: int
    author: str
    kind: str
    text: str
    client_id: str | None = None
    question: str | None = None
    internal: bool = False


@dataclasses.dataclass
class Facts:
    """Everything about one customer, from every side."""

    customer: str
    acknowledged: Sequence[Acknowledged]
    # As the customer reads it, as their stream brought it, and all that is kept.
    visible: Sequence[Line]
    heard: Sequence[int]
    kept: Sequence[Line]
    # What agents wrote and Slack got 200 for; what our app wrote into the threads, as tokens.
    replies: Sequence[str] = ()
    notes: Sequence[str] = ()
    threads: Sequence[Sequence[str]] = ()
    cards: int = 0
    tickets: int = 0
    # The names of what a messenger was given to show, in order; ``None`` where there is none.
    shown: Sequence[str] | None = None


@dataclasses.dataclass
class Verdict:
    """The counts of a round, and the first few findings in words."""

    acknowledged: int = 0
    lost: int = 0
    doubled: int = 0
    reordered: int = 0
    extra_copies: int = 0
    shown_again: int = 0
    leaked: int = 0
    findings: list[str] = dataclasses.field(default_factory=list)

    def found(self, count: str, customer: str, what: str) -> None:
        """Count one."""
        setattr(self, count, getattr(self, count) + 1)
        if sum(finding.startswith(count) for finding in self.findings) < _SHOWN:
            self.findings.append(f"{count}: {customer}: {what}")

    def clean(self) -> bool:
        """Whether the promise was kept."""
        return not (self.lost or self.doubled or self.reordered or self.leaked)


def token(text: str) -> str:
    """The name a message carries in its text; the text itself where it has none."""
    found = TOKEN.search(text)
    return found.group() if found else text


def check(facts: Iterable[Facts]) -> Verdict:
    """The verdict on all customers of a round."""
    verdict = Verdict()
    for one in facts:
        _customer_lines(verdict, one)
        _stream(verdict, one)
        _effects(verdict, one)
        _agent_lines(verdict, one)
        _shown_there(verdict, one)
        verdict.extra_copies += max(0, one.cards - one.tickets)
    return verdict


def _customer_lines(verdict: Verdict, facts: Facts) -> None:
    """What the customer was promised is there once, in the order of the promises."""
    there: dict[str, list[Line]] = {}
    for line in facts.visible:
        if line.author == "customer" and line.client_id is not None:
            there.setdefault(line.client_id, []).append(line)
    places = []
    for said in facts.acknowledged:
        verdict.acknowledged += 1
        found = there.get(said.client_id, [])
        if not found or (said.text and found[0].text != said.text):
            verdict.found("lost", facts.customer, f"{token(said.text)} is not in the history")
        elif len(found) > 1:
            verdict.found("doubled", facts.customer, f"{token(said.text)} is there twice")
        elif said.seq is not None and found[0].seq != said.seq:
            verdict.found("reordered", facts.customer, f"{token(said.text)} has moved")
        places += [line.seq for line in found[:1]]
    _ascending(verdict, facts.customer, "acknowledged", places)
    _ascending(verdict, facts.customer, "history", [line.seq for line in facts.visible])
    for text, times in Counter(line.text for line in _texts(facts.visible)).items():
        if times > 1:
            verdict.found("doubled", facts.customer, f"{token(text)} is there {times} times")


def _stream(verdict: Verdict, facts: Facts) -> None:
    """The open chat showed the same lines as the history, each once, in order."""
    heard, there = Counter(facts.heard), {line.seq for line in facts.visible}
    for seq in sorted(there - heard.keys()):
        verdict.found("lost", facts.customer, f"line {seq} never came by the stream")
    for seq, times in heard.items():
        if times > 1:
            verdict.found("doubled", facts.customer, f"line {seq} came {times} times by the stream")
    _ascending(verdict, facts.customer, "stream", list(heard))


def _effects(verdict: Verdict, facts: Facts) -> None:
    """Each message was answered by the bot or shown to a person: one of the two, once, in order."""
    answers: dict[str, list[int]] = {}
    for place, line in enumerate(facts.kept):
        if line.author == "bot" and line.question is not None:
            answers.setdefault(token(line.question), []).append(place)
    shown = [name for thread in facts.threads for name in dict.fromkeys(thread)]
    verdict.extra_copies += sum(len(thread) for thread in facts.threads) - len(set(shown))
    asked = [token(line.text) for line in _texts(facts.kept)]
    for name in asked:
        places = answers.get(name, [])
        if not places and name not in shown:
            verdict.found("lost", facts.customer, f"{name} was neither answered nor shown")
        elif places and name in shown:
            verdict.found("doubled", facts.customer, f"{name} was answered and shown to a person")
        elif places and _answered_twice([facts.kept[place] for place in places], places):
            verdict.found("doubled", facts.customer, f"{name} was answered twice")
    order = {name: number for number, name in enumerate(asked)}
    by_bot = sorted((places[0], name) for name, places in answers.items() if name in order)
    _ascending(verdict, facts.customer, "answers", [order[name] for _, name in by_bot])
    for thread in facts.threads:
        names = [order[name] for name in dict.fromkeys(thread) if name in order]
        _ascending(verdict, facts.customer, "thread", names)


def _answered_twice(lines: Sequence[Line], places: Sequence[int]) -> bool:
    """An answer may have several lines, written together and different from each other."""
    together = places[-1] - places[0] == len(places) - 1
    return not together or len({line.text for line in lines}) < len(lines)


def _agent_lines(verdict: Verdict, facts: Facts) -> None:
    """What agents wrote reached the customer once and in order; notes never did."""
    verdict.acknowledged += len(facts.replies) + len(facts.notes)
    seen = [line.text for line in facts.visible if line.author == "agent"]
    _once(verdict, facts.customer, facts.replies, seen)
    places = [seen.index(text) for text in facts.replies if text in seen]
    _ascending(verdict, facts.customer, "agent", places)
    kept = [line.text for line in facts.kept if line.internal and line.kind == "note"]
    _once(verdict, facts.customer, facts.notes, kept)
    everything = "\n".join(line.text for line in facts.visible)
    for text in facts.notes:
        if text in everything:
            verdict.found("leaked", facts.customer, f"the note {token(text)} reached the customer")


def _shown_there(verdict: Verdict, facts: Facts) -> None:
    """The messenger was given what is in the history, in its order; more than once is allowed."""
    if facts.shown is None:
        return
    said = [line for line in facts.visible if line.author in ("bot", "agent")]
    order = {name: number for number, name in enumerate(filter(TOKEN.match, map(_name, said)))}
    for name in order.keys() - set(facts.shown):
        verdict.found("lost", facts.customer, f"{name} was never shown")
    secret = {token(text) for text in facts.notes}
    for name in set(facts.shown) - order.keys():
        count = "leaked" if name in secret else "doubled"
        verdict.found(count, facts.customer, f"{name} was shown, and is not in the history")
    first = [order[name] for name in dict.fromkeys(facts.shown) if name in order]
    _ascending(verdict, facts.customer, "shown", first)
    verdict.shown_again += len(facts.shown) - len(set(facts.shown))


def _name(line: Line) -> str:
    return token(line.text)


def _once(verdict: Verdict, customer: str, wanted: Sequence[str], there: Sequence[str]) -> None:
    for text in wanted:
        times = there.count(text)
        if times == 0:
            verdict.found("lost", customer, f"{token(text)} is not in the history")
        elif times > 1:
            verdict.found("doubled", customer, f"{token(text)} is there {times} times")


def _ascending(verdict: Verdict, customer: str, what: str, numbers: Sequence[int]) -> None:
    for before, after in itertools.pairwise(numbers):
        if after <= before:
            verdict.found("reordered", customer, f"{what}: {after} after {before}")


def _texts(lines: Iterable[Line]) -> list[Line]:
    return [line for line in lines if line.author == "customer" and line.kind == "text"]
