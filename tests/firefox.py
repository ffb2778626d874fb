"""Firefox, steered through Marionette, its own remote control: a page is opened, scripts run in it."""

import contextlib
import json
import shutil
import socket
import subprocess
import tempfile
import time
from pathlib import Path

PATIENCE = 60.0


class FirefoxError(Exception):
    """Firefox refused an order, or a script failed."""


def _free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Firefox:
    """One browser; a context manager."""

    def __enter__(self):
        self._folder = tempfile.mkdtemp(prefix="firefox-")
        port = _free_port()
        settings = {"marionette.port": port, "datareporting.policy.dataSubmissionEnabled": False}
        lines = [f"user_pref({json.dumps(k)}, {json.dumps(v)});" for k, v in settings.items()]
        Path(self._folder, "user.js").write_text("\n".join(lines), encoding="utf-8")
        self._process = subprocess.Popen(
            [
                "firefox-esr",
                "--headless",
                "--no-remote",
                "--marionette",
                "--remote-allow-system-access",
                "--profile",
                self._folder,
            ],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        self._number = 0
        self._read = b""
        self._connect(port)
        self.order("WebDriver:NewSession")
        return self

    def __exit__(self, *_):
        with contextlib.suppress(OSError, FirefoxError):
            self.order("Marionette:Quit")
        self._socket.close()
        try:
            self._process.wait(15)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        shutil.rmtree(self._folder, ignore_errors=True)

    def order(self, method, **parameters):
        """Give an order and return its result."""
        self._number += 1
        self._send([0, self._number, method, parameters])
        while True:
            kind, number, error, result = self._receive()
            if kind == 1 and number == self._number:
                if error:
                    raise FirefoxError(f"{method}: {error['message']}")
                return result

    def open(self, path):
        self.order("WebDriver:Navigate", url=Path(path).resolve().as_uri())

    def run(self, script):
        """Return what a script returns, run in the page."""
        return self.order("WebDriver:ExecuteScript", script=script, args=[])["value"]

    def complaints(self):
        """Return the errors and warnings of pages from files, as the browser's console has them."""
        self.order("Marionette:SetContext", value="chrome")
        found = self.run("return Services.console.getMessageArray().map((m) => m.message);")
        self.order("Marionette:SetContext", value="content")
        return [message for message in found if '{file: "file:' in message]

    def _connect(self, port):
        end = time.monotonic() + PATIENCE
        while True:
            try:
                self._socket = socket.create_connection(("127.0.0.1", port), timeout=PATIENCE)
                self._receive()  # Firefox says what it is
                return
            except OSError:
                if time.monotonic() > end or self._process.poll() is not None:
                    raise
                time.sleep(0.1)

    def _send(self, message):
        data = json.dumps(message).encode()
        self._socket.sendall(f"{len(data)}:".encode() + data)

    def _receive(self):
        while b":" not in self._read:
            self._fill()
        length, _, self._read = self._read.partition(b":")
        while len(self._read) < int(length):
            self._fill()
        data, self._read = self._read[: int(length)], self._read[int(length) :]
        return json.loads(data)

    def _fill(self):
        chunk = self._socket.recv(1 << 16)
        if not chunk:
            raise ConnectionError("Firefox closed the connection.")
        self._read += chunk
