"""Chromium, steered through its debugging pipe: pages are opened, scripts run in them, keys pressed, pictures taken."""

import base64
import contextlib
import json
import os
import shutil
import subprocess
import tempfile
from pathlib import Path

OPTIONS = (
    "--headless --no-sandbox --disable-gpu --no-first-run --disable-background-networking "
    "--disable-component-update --disable-sync --disable-dev-shm-usage --remote-debugging-pipe"
).split()


class ChromiumError(Exception):
    """A script failed in a page, or Chromium refused an order."""


class Chromium:
    """One browser; a context manager. Orders are those of the Chrome DevTools Protocol."""

    def __enter__(self):
        self._folder = tempfile.mkdtemp(prefix="chromium-")
        orders, self._orders = os.pipe()
        self._answers, answers = os.pipe()

        def as_3_and_4():
            # The pipe is spoken through these two descriptors. First out of the way of each other.
            a, b = os.dup(orders), os.dup(answers)
            a, b = (os.dup(a), os.dup(b)) if {a, b} & {3, 4} else (a, b)
            os.dup2(a, 3)
            os.dup2(b, 4)

        self._process = subprocess.Popen(
            [
                "chromium",
                *OPTIONS,
                f"--user-data-dir={self._folder}",
                "about:blank",
            ],
            preexec_fn=as_3_and_4,
            close_fds=False,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        os.close(orders)
        os.close(answers)
        self._read = b""
        self._number = 0
        self.events = []
        return self

    def __exit__(self, *_):
        with contextlib.suppress(OSError, ChromiumError):
            self.order("Browser.close")
        try:
            self._process.wait(10)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        os.close(self._orders)
        os.close(self._answers)
        shutil.rmtree(self._folder, ignore_errors=True)

    def order(self, method, session=None, **parameters):
        """Give an order and return its result; events that come in between are kept."""
        self._number += 1
        message = {"id": self._number, "method": method, "params": parameters}
        message |= {"sessionId": session} if session else {}
        data = json.dumps(message).encode() + b"\0"
        while data:
            data = data[os.write(self._orders, data) :]
        while True:
            answer = self._receive()
            if answer.get("id") == self._number:
                if "error" in answer:
                    raise ChromiumError(f"{method}: {answer['error']['message']}")
                return answer["result"]
            self.events.append(answer)

    def wait_for(self, method, session):
        """Return the next event of this name, or the first that came already."""
        for at, event in enumerate(self.events):
            if event.get("method") == method and event.get("sessionId") == session:
                return self.events.pop(at)
        while True:
            event = self._receive()
            if event.get("method") == method and event.get("sessionId") == session:
                return event
            self.events.append(event)

    def page(self, path, width=1280, height=800, dark=False):
        """Open a file and return its page, loaded."""
        return Page(self, Path(path), width, height, dark)

    def _receive(self):
        while b"\0" not in self._read:
            chunk = os.read(self._answers, 1 << 20)
            if not chunk:
                raise ChromiumError("Chromium ended.")
            self._read += chunk
        message, self._read = self._read.split(b"\0", 1)
        return json.loads(message)


class Page:
    """One page."""

    def __init__(self, browser, path, width, height, dark):
        self.browser = browser
        target = browser.order("Target.createTarget", url="about:blank")["targetId"]
        self.target = target
        self.session = browser.order("Target.attachToTarget", targetId=target, flatten=True)[
            "sessionId"
        ]
        for domain in ("Page", "Runtime", "Log", "Network"):
            self.order(f"{domain}.enable")
        self.order(
            "Emulation.setDeviceMetricsOverride",
            width=width,
            height=height,
            deviceScaleFactor=1,
            mobile=False,
        )
        scheme = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
        self.order("Emulation.setEmulatedMedia", features=[scheme])
        self.order("Page.navigate", url=path.resolve().as_uri())
        browser.wait_for("Page.loadEventFired", self.session)

    def order(self, method, **parameters):
        return self.browser.order(method, self.session, **parameters)

    def run(self, script):
        """Return the value of an expression of JavaScript, as plain data."""
        result = self.order(
            "Runtime.evaluate", expression=script, returnByValue=True, awaitPromise=True
        )
        if "exceptionDetails" in result:
            details = result["exceptionDetails"]
            raise ChromiumError(details.get("exception", {}).get("description", details["text"]))
        return result["result"].get("value")

    def press(self, key, text=None):
        """Press a key, named as JavaScript names it; a single letter is typed."""
        text = key if text is None and len(key) == 1 else text
        text = "\r" if key == "Enter" else text
        codes = {
            "Enter": 13,
            "Escape": 27,
            "Tab": 9,
            "Backspace": 8,
            "Delete": 46,
            "End": 35,
            "Home": 36,
        }
        codes |= {"ArrowLeft": 37, "ArrowUp": 38, "ArrowRight": 39, "ArrowDown": 40, "F2": 113}
        options = {"key": key, "windowsVirtualKeyCode": codes.get(key, ord(key[0].upper()))}
        options |= {"text": text} if text else {}
        self.order("Input.dispatchKeyEvent", type="keyDown", **options)
        self.order("Input.dispatchKeyEvent", type="keyUp", **options)

    def type(self, text):
        """Type a text into what has the focus."""
        self.order("Input.insertText", text=text)

    def complaints(self):
        """Return what the console has against the page: errors, warnings, refused loads."""
        self.run("0")
        found = []
        for event in self.browser.events:
            if event.get("sessionId") != self.session:
                continue
            name, what = event["method"], event["params"]
            if name == "Runtime.exceptionThrown":
                details = what["exceptionDetails"]
                found.append(details.get("exception", {}).get("description", details["text"]))
            elif name == "Runtime.consoleAPICalled" and what["type"] in ("error", "warning"):
                found.append(str(what["args"]))
            elif name == "Log.entryAdded":
                found.append(what["entry"]["text"])
        return found

    def requests(self):
        """Return the addresses that the page asked for."""
        self.run("0")
        return [
            event["params"]["request"]["url"]
            for event in self.browser.events
            if event.get("sessionId") == self.session
            and event["method"] == "Network.requestWillBeSent"
        ]

    def picture(self, path):
        """Write what is seen as a PNG."""
        data = self.order("Page.captureScreenshot", format="png")["data"]
        Path(path).write_bytes(base64.b64decode(data))

    def close(self):
        self.browser.order("Target.closeTarget", targetId=self.target)
