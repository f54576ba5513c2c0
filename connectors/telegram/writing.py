"""One thing that a customer did in Telegram, written: the effect of a job, in its transaction."""

from __future__ import annotations

import dataclasses
import logging
import re
from collections.abc import Callable, Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from connectors import choices, desk, outside
from connectors.channel import Inbound
from connectors.desk.lines import note_line, system_line
from connectors.desk.linking import code_in, given, redeem_code
from connectors.phrases import say
from connectors.telegram.inbound import CHANNEL
from ticketing import attachments, conversations, customers, history, lanes, tickets
from ticketing.attachments import File
from ticketing.errors import Conflict, Refused
from ticketing.lanes import Work
from ticketing.models import Conversation, Customer, Message

log = logging.getLogger(__name__)

# Shows under a message which of its buttons was pressed.
CHOSEN = "telegram.chosen"
# In a line's ``meta``: it was written down from an edit, its message is still to come.
EARLY = "early"
_COMMAND = re.compile(r"/([a-zA-Z_]{1,32})(?:@\w+)?(?:\s+(.*))?", re.DOTALL)
_DATA = re.compile(r"([0-9]{1,18}):([0-9]{1,2})", re.ASCII)
_MAP = "https://www.google.com/maps?q={},{}"


@dataclasses.dataclass(frozen=True, slots=True)
class Fetched:
    """The files of a message, and those that could not be had: name and why, a phrase's name."""

    files: Sequence[File] = ()
    failed: Sequence[tuple[str, str]] = ()
    # Of an album: the messages it consists of, and its words.
    parts: Sequence[int] = ()
    text: str = ""


class Writing:
    """One job's effect, in the transaction that ends it."""

    def __init__(self, session: Session, work: Work, account: str, fetched: Fetched) -> None:
        self.session, self.payload, self.fetched = session, work.payload, fetched
        self.out = f"out:{CHANNEL}:{account}:{self.payload['chat']}"
        self.mark = f"{CHANNEL}:{work.job}"
        self.identity_id, self.customer_id = customers.identify(
            session,
            channel=CHANNEL,
            account=account,
            external_id=str(self.payload["chat"]),
            name=self.payload.get("name") or None,
            locale=self.payload.get("locale", "ko"),
        )

    def act(self) -> None:
        """Do it."""
        acts: dict[str, Callable[[], None]] = {
            "message": self._message,
            "edited": self._edited,
            "press": self._press,
            "blocked": self._blocked,
            "unblocked": self._blocked,
        }
        acts[self.payload["what"]]()

    # --- words and files ----------------------------------------------------------------------

    def _message(self) -> None:
        payload, fetched = self.payload, self.fetched
        command = _COMMAND.fullmatch(payload["text"]) if "file" not in payload else None
        if command and self._command(command[1].lower(), (command[2] or "").strip()):
            return
        if "file" not in payload and self._goes_on(payload["text"]):
            return
        if self._known() is not None and not self._late_part():
            self._came_late()
            return
        external_id = self._external_id()
        if self._known() is not None:
            external_id = str(payload["message"])
        text = fetched.text or self._told()
        files = self._with_room(fetched.files)
        if not files and fetched.failed and not text:
            self._record_lost(external_id)
        else:
            meant = None
            if not files:
                customers.hold(self.session, self.customer_id)
                meant = choices.meant(
                    self.session,
                    identity_id=self.identity_id,
                    customer_id=self.customer_id,
                    external_id=external_id,
                    text=text,
                )
            inbound = Inbound(external_id=external_id, text=text, files=files, payload=meant)
            self._receive(inbound)
        if fetched.parts and "album" in payload:
            line = self._line(external_id)
            line.meta = line.meta | {"album": list(fetched.parts)}
        for name, why in fetched.failed:
            self._say(why, name=name)
        if payload.get("told", {}).get("kind") == "other":
            self._say("tg_other_told")

    def _came_late(self) -> None:
        """A message of which we had an edit already: what it said at first stays with it."""
        line = self._known()
        if line is None or not line.meta.get(EARLY):
            return
        customers.hold(self.session, self.customer_id)
        self.session.refresh(line)
        first = {"text": self._told(), "until": line.at.isoformat()}
        kept = {name: value for name, value in line.meta.items() if name != EARLY}
        line.meta = kept | {"revisions": [first], "changed": "edited"}

    def _external_id(self) -> str:
        album = self.payload.get("album")
        return str(self.payload["message"]) if album is None else f"album:{album}"

    def _known(self) -> Message | None:
        return history.find(
            self.session, identity_id=self.identity_id, external_id=self._external_id()
        )

    def _late_part(self) -> bool:
        """Whether this part of an album came when the others had been written down already."""
        known, number = self._known(), self.payload["message"]
        if known is None or "album" not in self.payload or number in known.meta.get("album", []):
            return False
        return (
            history.find(self.session, identity_id=self.identity_id, external_id=str(number))
            is None
        )

    def _line(self, external_id: str) -> Message:
        found = history.find(self.session, identity_id=self.identity_id, external_id=external_id)
        assert found is not None
        return found

    def _receive(self, inbound: Inbound) -> None:
        desk.receive(
            self.session,
            customer_id=self.customer_id,
            identity_id=self.identity_id,
            inbound=inbound,
        )

    def _with_room(self, files: Sequence[File]) -> Sequence[File]:
        size = sum(len(file.content) for file in files)
        if not files:
            return files
        try:
            attachments.check_room(self.session, customer_id=self.customer_id, size=size)
        except Refused:
            log.warning("a customer sent more files today than there is room for")
            self.fetched = dataclasses.replace(
                self.fetched,
                failed=[*self.fetched.failed, *((file.name, "tg_file_large") for file in files)],
            )
            return ()
        return files

    def _record_lost(self, external_id: str) -> None:
        """A message that was nothing but files we could not get: agents see that it was there."""
        conversation = self._conversation()
        names = ", ".join(name for name, _ in self.fetched.failed)
        text = say("tg_file_lost", conversation.locale, name=names)
        seq = history.record(
            self.session,
            conversation_id=conversation.id,
            customer_id=self.customer_id,
            identity_id=self.identity_id,
            external_id=external_id,
            author="customer",
            text=text,
        )
        ticket = tickets.current(self.session, customer_id=self.customer_id)
        if ticket is not None and seq is not None:
            outside.customer_wrote(self.session, ticket, seq=seq, text=text)

    def _told(self) -> str:
        """What came, in words: what was written, or what a place or a sticker says."""
        told = self.payload.get("told")
        text: str = self.payload["text"]
        if told is None:
            return text
        locale = self._locale()
        match told["kind"]:
            case "sticker":
                said = say("tg_sticker", locale, emoji=told["emoji"]).strip()
            case "venue" | "location":
                link = _MAP.format(*told["at"])
                words = f"{told['text']}\n{link}" if told.get("text") else link
                said = say("tg_location", locale, text=words)
            case "contact":
                said = say("tg_contact", locale, text=told["text"])
            case _:
                said = say("tg_other", locale)
        return f"{text}\n{said}".strip()

    def _edited(self) -> None:
        """Other words in the place of the earlier ones; not a new message."""
        payload = self.payload
        line = self._known() or self._in_album(payload["message"])
        text = self._told()
        if line is None:
            self._edited_early(text)
            return
        customers.hold(self.session, self.customer_id)
        self.session.refresh(line)
        unchanged = line.text == text or (line.kind == "file" and not payload["text"])
        if unchanged or not text:
            return  # a live location that moves, a preview that was added
        history.revise(self.session, line, text=text)
        ticket = tickets.current(self.session, customer_id=self.customer_id)
        if ticket is not None:
            outside.customer_edited(self.session, ticket, line=line)

    def _edited_early(self, text: str) -> None:
        """An edit that came before its message, which it holds: kept as that message."""
        if not text or _COMMAND.fullmatch(text) or code_in(text):
            log.info("an edit of a message that is not in the history is ignored")
            return
        external_id = str(self.payload["message"])
        self._receive(Inbound(external_id=external_id, text=text))
        line = self._line(external_id)
        line.meta = line.meta | {EARLY: True}

    def _in_album(self, number: int) -> Message | None:
        return self.session.scalar(
            select(Message).where(
                Message.identity_id == self.identity_id,
                Message.meta["album"].contains([number]),
            )
        )

    # --- buttons ------------------------------------------------------------------------------

    def _press(self) -> None:
        payload = self.payload
        found = _DATA.fullmatch(payload["data"])
        line = None if found is None else self.session.get(Message, int(found[1]))
        index = 0 if found is None else int(found[2])
        mine = customers.members(self.customer_id)
        theirs = line is not None and line.customer_id in self.session.scalars(mine).all()
        if line is None or not theirs or line.internal or index >= len(line.buttons):
            log.info("a press on a button that we did not offer is ignored")
            return
        inbound = Inbound(
            external_id=f"press:{payload['query']}", payload=str(line.buttons[index]["payload"])
        )
        try:
            with self.session.begin_nested():
                self._receive(inbound)
        except Refused as error:
            log.info("a press was refused: %s", type(error).__name__)
            if not isinstance(error, Conflict) or error.reason != "same":
                self._say("tg_press_over")
            return
        lanes.enqueue(
            self.session,
            lane=self.out,
            kind=CHOSEN,
            dedup=self.mark,
            payload={"chat": str(payload["chat"]), "message": payload["message"]}
            | {"line": line.id, "index": index},
        )

    # --- commands -----------------------------------------------------------------------------

    def _command(self, name: str, argument: str) -> bool:
        """Do what a command asks; whether it was one. What else begins with ``/`` are words."""
        match name:
            case "start" if argument.startswith("link_") and self._has_written():
                # Somebody else may have sent the link, to read what was said here.
                code = re.sub(r"\W", "", argument.removeprefix("link_"))[:40]
                self._say("tg_link_sure", code=code)
            case "start" if argument.startswith("link_"):
                redeem_code(
                    self.session,
                    identity_id=self.identity_id,
                    customer_id=self.customer_id,
                    code=argument.removeprefix("link_")[:40],
                )
            case "start":
                self._say("tg_welcome")
            case "human":
                self._call_person(argument)
            case "lang" if argument.lower() in ("ko", "en"):
                conversation = self._conversation()
                conversation.locale = argument.lower()
                self.session.get_one(Customer, self.customer_id).locale = argument.lower()
                self._say("tg_language")
            case "lang":
                self._say("tg_help")
            case _ if argument:
                return False
            case _:
                self._say("tg_help")
        return True

    def _call_person(self, words: str) -> None:
        """``/human``; what stands behind it is the first thing that the person reads."""
        number = self._external_id()
        key = f"human:{number}" if words else number
        self._receive(Inbound(external_id=key, payload=desk.HUMAN))
        if words:
            self._receive(Inbound(external_id=number, text=words))

    def _goes_on(self, text: str) -> bool:
        return given(
            self.session, identity_id=self.identity_id, customer_id=self.customer_id, text=text
        )

    def _has_written(self) -> bool:
        """Whether the person said anything yet, here or at another of their addresses."""
        theirs = Message.customer_id.in_(customers.members(self.customer_id))
        written = select(Message.id).where(theirs, Message.author == "customer").limit(1)
        return self.session.scalar(written) is not None

    def _conversation(self) -> Conversation:
        """The open episode, at this address from now on."""
        customers.hold(self.session, self.customer_id)
        conversation = conversations.current(self.session, customer_id=self.customer_id)
        conversation.identity_id = self.identity_id
        self.session.flush()
        return conversation

    def _locale(self) -> str:
        ongoing = conversations.ongoing(self.session, customer_id=self.customer_id)
        if ongoing is not None:
            return ongoing.locale
        return self.session.get_one(Customer, self.customer_id).locale

    def _say(self, key: str, **values: str) -> None:
        conversation = self._conversation()
        system_line(self.session, conversation, say(key, conversation.locale, **values))

    # --- gone ---------------------------------------------------------------------------------

    def _blocked(self) -> None:
        """Agents have to know that nothing arrives any more, or does again."""
        customers.hold(self.session, self.customer_id)
        conversation = conversations.ongoing(self.session, customer_id=self.customer_id)
        if conversation is None:
            return
        note_line(self.session, conversation, f"tg_{self.payload['what']}", {})
        ticket = tickets.current(self.session, customer_id=self.customer_id)
        if ticket is not None:
            blocked = self.payload["what"] == "blocked"
            outside.customer_left(self.session, ticket, mark=self.mark, blocked=blocked)
