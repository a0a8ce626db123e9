"""A report as `check` makes it, with a hostile source file beside it: every text tries to leave its place."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

HOSTILE = "<script>alert(1)</script><img src=http://evil.example/x onerror=alert(2)>"
SOURCE = f'''import torch


class Model(torch.nn.Module):
    def forward(self, x):
        x = x * 2
        print("{HOSTILE}")  # \u202egnirts
        for row in x:
            print(row)
        return torch.view_as_complex(x) + 1
'''


def frame(line: int, source: str) -> dict[str, Any]:
    return {"file": "hostile.py", "line": line, "function": "forward", "source": source}


def site(line: int, source: str, **more: Any) -> dict[str, Any]:
    return {
        "gb_id": "GB0059",
        "gb_type": f"Failed to trace {HOSTILE}",
        "rule": None,
        "rule_name": "",
        "rule_candidates": ["BC101", "BC301"],
        "fix": "",
        "linter": None,
        "file": "hostile.py",
        "line": line,
        "function": f"Model.forward{HOSTILE}",
        "source": source,
        "reason": f"reason {HOSTILE} `code` | cell\nsecond line %",
        "hints": [HOSTILE],
        "kind": "partial",
        "owner": "user",
        "status": "new",
        "waiver": None,
        "count": 2,
        "executions_per_call": 3,
        "hides": None,
        "torch_location": "",
        "user_stack": [frame(5, "def forward"), frame(line, source)],
        "call": 0,
        **more,
    }


def recompile(call: int, subject: str) -> dict[str, Any]:
    return {
        "guard": f"{subject} == {HOSTILE}",
        "class": "size",
        "subject": subject,
        "file": "hostile.py",
        "line": 5,
        "source_line": 0,
        "function": "Model.forward",
        "call": call,
        "measured": call >= 1,
        "frame": "0/1",
        "guards": [],
        "owner": "user",
        "rule": None,
        "status": "new",
    }


def graph(number: int, compile_id: str, call: int, lines: list[int]) -> dict[str, Any]:
    return {
        "id": compile_id,
        "function": "Model.forward",
        "file": "hostile.py",
        "first_line": 5,
        "op_count": number * 3,
        "ops": ["mul", "add", HOSTILE],
        "lines": {"hostile.py": lines},
        "call": call,
        "compile_seconds": 0.1,
    }


@pytest.fixture
def hostile(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """The JSON of a failing check of a hostile model, in whose folder the test runs."""
    (tmp_path / "hostile.py").write_text(SOURCE, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    tensor = {
        "where": f"call 0: {HOSTILE}",
        "kind": "value",
        "problem": "",
        "rmse_ratio": 0.5,
        "max_ratio": 3.0,
    }
    fallback = site(
        10, "return torch.view_as_complex(x) + 1", op="aten.add.Tensor", rule="BC401", kind="fallback"
    )
    return {
        "version": 1,
        "target": f"hostile.py:case{HOSTILE}",
        "environment": {"torch": "2.13.0", "python": "3.11", "backend": "inductor", "weird": HOSTILE},
        "options": {"device": "cpu"},
        "verdicts": {
            "graph_breaks": {
                "status": "fail",
                "summary": f"2 sites, 4 executed per call {HOSTILE}",
                "sites": [
                    site(7, f'print("{HOSTILE}")'),
                    site(9, "print(row)", kind="frame_skipped", hides=[5, 10], executions_per_call=1),
                    site(6, "x = x * 2", status="allowed", owner="torch"),
                ],
                "limits": [
                    {
                        "file": "hostile.py",
                        "line": 5,
                        "function": "Model.forward",
                        "reason": "limit",
                        "call": 3,
                        "owner": "user",
                        "rule": None,
                    }
                ],
                "executed_per_call": 4,
            },
            "recompiles": {
                "status": "fail",
                "summary": "1",
                "sites": [recompile(0, "x"), recompile(2, "x"), recompile(2, "y")],
                "limits": [],
                "calls": 4,
                "warmup": 1,
            },
            "parity": {"status": "fail", "summary": "off", "tensors": [tensor]},
            "latency": {
                "status": "pass",
                "summary": "r = 0.5",
                "budget": "r<=0.9",
                "ratio": 0.5,
                "samples_ms": {"eager": [2.0, 2.1, 2.4], "compiled": [1.0, 1.2, 1.1]},
            },
            "fallbacks": {"status": "fail", "summary": "1 op", "sites": [fallback]},
            "syncs": {"status": "not_checked", "summary": "a CPU has no device to wait for"},
        },
        "graphs": [graph(1, "0/0", 0, [6]), graph(2, "1/0", 0, [6, 10]), graph(3, "0/1", 2, [6])],
        "skipped_frames": [
            {
                "file": "hostile.py",
                "first_line": 5,
                "last_line": 10,
                "function": "Model.forward",
                "reason": HOSTILE,
                "owner": "user",
            }
        ],
        "notes": [HOSTILE],
        "failure": None,
        "timings": {"compile": 1.5},
        "lint": [
            {
                "code": "BC101",
                "name": "tensor-item",
                "file": "hostile.py",
                "line": 6,
                "message": f"`x` {HOSTILE}",
                "outcome": "refuted",
            }
        ],
        "baseline": {"file": "known.json", "known": 1, "new": 2, "fixed": [HOSTILE], "unused": []},
        "explain": {},
    }
