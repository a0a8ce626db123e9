"""The `breakcheck` fixture."""

from __future__ import annotations

from typing import Any

from breakcheck.pytest_support.options import Settings
from breakcheck.watch import Expecting, expect


class Checker:
    """What a test gets as `breakcheck`."""

    def __init__(self, settings: Settings, test: str, reports: list[dict[str, Any]]) -> None:
        self._settings = settings
        self._test = test
        self._reports = reports

    def expect(self, *expressions: str, reset: bool | None = None, **bounds: int | str | None) -> Expecting:
        """As `breakcheck.expect`, with the session's expectations where a block states none."""
        if not expressions and not any(value is not None for value in bounds.values()):
            expressions = (str(self._settings.expect),)
        return expect(*expressions, reset=reset, **bounds)
