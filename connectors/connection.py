"""A client's connection, closed when the client keeps it waiting: uvicorn itself waits for ever.

Thousands of half-sent requests, or of readers that never read, then hold nothing for long. Whoever
was only slow comes back: browsers, the widget and Slack all connect again by themselves.
"""

from __future__ import annotations

import asyncio
import socket

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

# A whole request has to arrive in this time, and an answer that waits has to move on, in seconds.
REQUEST_S = 30.0
# A file from a phone on a slow network takes longer: 10 MiB at 300 kbit/s.
UPLOAD_S = 300.0
READ_S = 60.0
# In bytes; the parser itself takes any number of them.
HEADERS_LIMIT = 64 * 1024
# What the system keeps of an answer that is not read: a page of this site, not megabytes.
SEND_BUFFER = 128 * 1024
FILES_PATH = b"/chat/files"


class Connection(HttpToolsProtocol):
    """HTTP as uvicorn speaks it, with an end to its patience."""

    _request_due: asyncio.TimerHandle | None = None
    _reading_due: asyncio.TimerHandle | None = None
    _headers = False
    _size = 0

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as in uvicorn
        super().connection_made(transport)
        transport.get_extra_info("socket").setsockopt(
            socket.SOL_SOCKET, socket.SO_SNDBUF, SEND_BUFFER
        )
        self._await_request()

    def connection_lost(self, exc: Exception | None) -> None:
        self._request_came()
        self._was_read()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        if self._headers:
            self._size += len(data)
            if self._size > HEADERS_LIMIT and not self.transport.is_closing():
                self.send_400_response("The request's headers are too large.")

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self._headers, self._size = True, 0
        self._await_request()

    def on_headers_complete(self) -> None:
        self._headers = False
        if self.url.partition(b"?")[0] == FILES_PATH:
            self._await_request(UPLOAD_S)
        super().on_headers_complete()

    def on_message_complete(self) -> None:
        self._request_came()
        super().on_message_complete()

    def pause_writing(self) -> None:
        super().pause_writing()
        self._reading_due = self.loop.call_later(READ_S, self.transport.abort)

    def resume_writing(self) -> None:
        self._was_read()
        super().resume_writing()

    def _await_request(self, seconds: float | None = None) -> None:
        self._request_came()
        patience = REQUEST_S if seconds is None else seconds
        self._request_due = self.loop.call_later(patience, self.transport.abort)

    def _request_came(self) -> None:
        if self._request_due is not None:
            self._request_due.cancel()

    def _was_read(self) -> None:
        if self._reading_due is not None:
            self._reading_due.cancel()
