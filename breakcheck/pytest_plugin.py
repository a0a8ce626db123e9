"""pytest plugin: imports neither torch nor libcst at load."""

from __future__ import annotations

import pytest


def pytest_configure(config: pytest.Config) -> None:
    """Register the marker so that `--strict-markers` knows it."""
    config.addinivalue_line(
        "markers", "breakcheck(**expectations): everything compiled during the test meets these expectations"
    )
