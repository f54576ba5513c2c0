"""The ``https://`` in front of a server of a test, with a certificate of its own."""

from __future__ import annotations

import asyncio
import contextlib
import ssl
import subprocess
import threading
from pathlib import Path


class Https:
    """Passes what it decrypts to ``port``; ``url`` is its address, ``certificate`` its file."""

    def __init__(self, port: int, folder: Path) -> None:
        self._port = port
        self.certificate, key = folder / "certificate.pem", folder / "key.pem"
        options = "-newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=localhost"
        options += " -addext subjectAltName=IP:127.0.0.1 -keyout key.pem -out certificate.pem"
        command = ["openssl", "req", "-x509", *options.split()]
        subprocess.run(command, cwd=folder, check=True, capture_output=True)
        self._ssl = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self._ssl.load_cert_chain(self.certificate, key)
        self._loop = asyncio.new_event_loop()
        self.url = ""
        ready = threading.Event()
        self._thread = threading.Thread(target=self._run, args=[ready], daemon=True)
        self._thread.start()
        if not ready.wait(10):
            raise RuntimeError("the https server did not start")

    def stop(self) -> None:
        """Stop and wait for the thread."""
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)

    def _run(self, ready: threading.Event) -> None:
        asyncio.set_event_loop(self._loop)
        server = self._loop.run_until_complete(
            asyncio.start_server(self._pass, "127.0.0.1", 0, ssl=self._ssl)
        )
        self.url = "https://{}:{}".format(*server.sockets[0].getsockname())
        ready.set()
        self._loop.run_forever()
        server.close()
        self._loop.close()

    async def _pass(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        there, back = await asyncio.open_connection("127.0.0.1", self._port)
        await asyncio.gather(_copy(reader, back), _copy(there, writer))


async def _copy(source: asyncio.StreamReader, target: asyncio.StreamWriter) -> None:
    with contextlib.suppress(OSError):
        while data := await source.read(65536):
            target.write(data)
            await target.drain()
    target.close()
