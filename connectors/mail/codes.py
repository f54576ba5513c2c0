"""Codes by mail, sent: a job each, in the customer's language.

A try that may have got through is followed by another one with another code, which makes the
earlier code void: no code is ever mailed twice.
"""

from __future__ import annotations

from email.message import EmailMessage
from email.utils import formatdate, make_msgid, parseaddr

from sqlalchemy.orm import Session

from connectors.desk.linking import MAIL
from connectors.mail.smtp import Server
from connectors.phrases import say
from connectors.store import Store
from connectors.worker import Handler, Settle
from ticketing import mailed_codes
from ticketing.lanes import Work
from ticketing.mailed_codes import Letter


class Codes:
    """What one gateway mails. ``sender`` stands in From: an address, with a name or without."""

    def __init__(self, store: Store, *, url: str, sender: str) -> None:
        self._store = store
        self._server = Server.of(url)
        self._sender = sender

    def handlers(self) -> dict[str, Handler]:
        """What the worker does, by kind of job."""
        return {MAIL: self._send}

    async def _send(self, work: Work) -> Settle:
        request: int = work.payload["request"]
        found = await self._store.run(mailed_codes.letter, request)
        if found is not None:
            await self._server.send(message(found, sender=self._sender))

        def settle(session: Session) -> None:
            mailed_codes.sent(session, request)

        return settle


def message(letter: Letter, *, sender: str) -> EmailMessage:
    """The mail with a code. Nothing in it is anybody else's text."""
    made = EmailMessage()
    made["From"] = sender
    made["To"] = letter.to
    made["Subject"] = say("mail_code_subject", letter.locale)
    made["Date"] = formatdate()
    made["Message-ID"] = make_msgid(domain=parseaddr(sender)[1].rpartition("@")[2])
    # No programme answers it, and none of ours would read the answer.
    made["Auto-Submitted"] = "auto-generated"
    shown = f"{letter.code[:4]} {letter.code[4:]}"
    made.set_content(say("mail_code_body", letter.locale, code=shown))
    return made
