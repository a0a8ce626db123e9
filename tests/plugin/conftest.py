"""Runs of pytest inside a test: in this process, which keeps torch loaded (loading it twice crashes)."""

from __future__ import annotations

import sys
from collections.abc import Callable

import pytest

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


@pytest.fixture(autouse=True)
def _keep_torch(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> None:
    """Lets a run forget its own files only; and the outer run may be a CI job, the inner one is not."""
    from _pytest.pytester import SysModulesSnapshot

    def forget_own(self: object) -> None:
        for name, module in list(sys.modules.items()):
            if str(getattr(module, "__file__", None) or "").startswith(str(pytester.path)):
                del sys.modules[name]

    monkeypatch.setattr(SysModulesSnapshot, "restore", forget_own)
    monkeypatch.delenv("CI", raising=False)
    # The outer run may be one of xdist's workers, where the plugin measures no latency.
    monkeypatch.delenv("PYTEST_XDIST_WORKER", raising=False)
    monkeypatch.setenv("OMP_NUM_THREADS", "1")


@pytest.fixture
def run(pytester: pytest.Pytester) -> Run:
    """Runs pytest on a file `test_it.py` that begins with `PRELUDE`."""

    def go(body: str, *args: str) -> pytest.RunResult:
        pytester.makepyfile(test_it=PRELUDE + body)
        return pytester.runpytest_inprocess("-p", "no:cacheprovider", *args)

    return go
