"""Runs of pytest inside a test: in this process, which keeps torch loaded (loading it twice crashes)."""

from __future__ import annotations

import sys
from collections.abc import Callable

import pytest

pytest_plugins = ["pytester"]

PRELUDE = """
import pytest, torch

def clean(x):
    return (x * 2 + 1).relu()

def broken(x):
    x = x * 2
    print("seen")
    return x + 1

def compiled(function):
    return torch.compile(function, backend="eager")
"""

Run = Callable[..., pytest.RunResult]


@pytest.fixture
def run(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Runs pytest on a file `test_it.py` that begins with `PRELUDE`."""
    from _pytest.pytester import SysModulesSnapshot

    def keep_torch(self: object) -> None:
        for name, module in list(sys.modules.items()):
            if str(getattr(module, "__file__", None) or "").startswith(str(pytester.path)):
                del sys.modules[name]

    monkeypatch.setattr(SysModulesSnapshot, "restore", keep_torch)
    monkeypatch.delenv("CI", raising=False)

    def go(body: str, *args: str, subprocess: bool = False) -> pytest.RunResult:
        pytester.makepyfile(test_it=PRELUDE + body)
        call = pytester.runpytest_subprocess if subprocess else pytester.runpytest_inprocess
        return call("-p", "no:cacheprovider", *args)

    return go
