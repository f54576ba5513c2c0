"""The story of the product: receive, bot turn, agent reply, resolve, rate.

Every function writes history, state and outgoing work in the caller's one transaction, under the
customer's lane. Who holds the conversation is checked in that transaction, so an answer that was
computed while a person took over is never sent.
"""

from connectors.desk.agent import answer_at, claim, note, reply, resolve, whisper
from connectors.desk.bot import (
    Turn,
    about_files,
    begin_anew,
    begin_turn,
    begin_turns,
    command,
    end_turn,
    end_turns,
    move_turn,
    turned_down_again,
)
from connectors.desk.customer import (
    HUMAN,
    Receipt,
    comment,
    plain,
    receive,
    receive_from_web,
    receive_together,
    receive_words,
    score_in_words,
)
from connectors.desk.lines import reach
from connectors.desk.planning import assign, open_for, prioritise, release, reopen, snooze, wake

__all__ = [
    "HUMAN",
    "Receipt",
    "Turn",
    "about_files",
    "answer_at",
    "assign",
    "begin_anew",
    "begin_turn",
    "begin_turns",
    "claim",
    "command",
    "comment",
    "end_turn",
    "end_turns",
    "move_turn",
    "note",
    "open_for",
    "plain",
    "prioritise",
    "reach",
    "receive",
    "receive_from_web",
    "receive_together",
    "receive_words",
    "release",
    "reopen",
    "reply",
    "resolve",
    "score_in_words",
    "snooze",
    "turned_down_again",
    "wake",
    "whisper",
]
