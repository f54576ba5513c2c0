"""A real mail server on this machine, which keeps what comes; refuses, fails or hangs on demand."""

from __future__ import annotations

import email
import email.policy
import threading
from collections.abc import Callable
from email.message import EmailMessage
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, LoginPassword

from tests.product import unused_port

USER, PASSWORD = "sangdam", "p@ss/word"


class FakeMail:
    """``letters`` are the mails that came, oldest first; ``answers`` are to the next recipients."""

    def __init__(self) -> None:
        self.letters: list[EmailMessage] = []
        self.answers: list[str] = []
        # Answer to a whole mail that was kept all the same.
        self.after: list[str] = []
        self._changed = threading.Condition()
        port = unused_port()
        self._controller = Controller(
            self,
            hostname="127.0.0.1",
            port=port,
            authenticator=self._authenticate,
            auth_require_tls=False,
        )
        self._controller.start()
        self.url = f"smtp://{USER}:p%40ss%2Fword@127.0.0.1:{port}"
        self.without_password = f"smtp://{USER}:wrong@127.0.0.1:{port}"

    def _authenticate(self, server: Any, *args: Any) -> AuthResult:
        given = args[-1]
        known = isinstance(given, LoginPassword) and given.login == USER.encode()
        return AuthResult(success=known and given.password == PASSWORD.encode(), handled=False)

    async def handle_RCPT(
        self, server: Any, session: Any, envelope: Any, address: str, options: Any
    ) -> str:  # aiosmtpd's
        if not session.authenticated:
            return "530 sign in first"
        if self.answers:
            answer = self.answers.pop(0)
            with self._changed:
                self._changed.notify_all()
            return answer
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # aiosmtpd's
        made = email.message_from_bytes(envelope.content, policy=email.policy.default)
        assert isinstance(made, EmailMessage) and made["To"] == envelope.rcpt_tos[0]
        with self._changed:
            self.letters.append(made)
            self._changed.notify_all()
        return self.after.pop(0) if self.after else "250 OK"

    def until(self, wanted: Callable[[], Any], timeout_s: float = 15) -> Any:
        """Wait until ``wanted()`` is something, and return it."""
        with self._changed:
            assert self._changed.wait_for(wanted, timeout_s), self.letters
            return wanted()

    def code(self, number: int = -1) -> str:
        """The code in a mail."""
        line = next(
            x for x in self.letters[number].get_content().splitlines() if x.startswith("    ")
        )
        return line.strip()

    def stop(self) -> None:
        """Stop the server."""
        self._controller.stop()
