"""A running sandbox: the configuration that it wrote, and its control address."""

from __future__ import annotations

import json
import urllib.request
from dataclasses import dataclass
from typing import Any

# The staff's token of a generated site, which no configuration needs. It opens nothing else.
STAFF = "sandbox0staff0token0opens0nothing0else00"


@dataclass(frozen=True)
class Town:
    """A sandbox by its control address."""

    control: str

    def _ask(self, method: str, path: str, body: str | None = None) -> Any:
        data = None if body is None else body.encode()
        request = urllib.request.Request(self.control.rstrip("/") + path, data=data, method=method)
        with urllib.request.urlopen(request, timeout=30) as response:
            text = response.read()
        return json.loads(text) if text else None

    def meddle(self, system: str, act: str, **what: Any) -> None:
        """Changes something behind a server's back."""
        self._ask("POST", "/meddle", json.dumps({"system": system, "act": act, **what}))

    def state(self, system: str) -> Any:
        """Returns everything that a server knows."""
        return self._ask("GET", f"/state/{system}")

    def journal(self) -> list[dict[str, Any]]:
        """Returns every request since the journal was cleared, and clears it."""
        exchanges = self._ask("GET", "/journal")["exchanges"]
        self._ask("DELETE", "/journal")
        return list(exchanges)

    def answer_after(self, span: str) -> None:
        """Makes every answer take this long, such as `60ms`."""
        self._ask("PUT", "/latency", span)


class Checks:
    """What was checked, and what did not hold."""

    def __init__(self) -> None:
        self.made = 0
        self.failed: list[str] = []

    def that(self, holds: bool, what: str) -> None:
        """Checks one thing; `what` says what is wrong if it does not hold."""
        self.made += 1
        if not holds:
            self.failed.append(what)

    def end(self, summary: str) -> int:
        """Prints the summary, or what failed, and returns the exit code."""
        if not self.failed:
            print(summary)
            return 0
        print(f"{len(self.failed)} of {self.made} checks failed:")
        for what in dict.fromkeys(self.failed):
            print(f"  {what}")
        return 1
