"""What stands behind a break that gives up its frame, told by the linter and shown by Dynamo."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from breakcheck.finding import Confidence, Finding
from breakcheck.linter import lint
from breakcheck.options import Options
from breakcheck.result import FileReport, merged

HEAD = """
import torch
from torch import nn


class Model(nn.Module):
    def forward(self, x: torch.Tensor, flag: bool, mask: torch.Tensor | None = None) -> torch.Tensor:
"""


def found(tmp_path: Path, body: str) -> list[Finding]:
    """The findings of a module with this `forward`."""
    path = tmp_path / "model.py"
    lines = "\n".join(f"        {line}" for line in body.strip().splitlines())
    path.write_text(f"{HEAD}{lines}\n        return x\n", encoding="utf-8")
    return list(lint([path], Options(use_cache=False)).findings)


def behind(tmp_path: Path, body: str) -> list[tuple[int, int | None]]:
    """The findings' lines in the body, each with that of the break it stands behind; the body begins at line 1."""
    first = HEAD.count("\n")
    return [
        (each.location.line - first, None if each.behind is None else each.behind - first)
        for each in found(tmp_path, body)
    ]


@pytest.mark.parametrize(
    ("body", "told"),
    [
        # In the same loop, in a branch below it, after it, and in a loop after it.
        ("for v in x:\n    a = v.item()\n    b = v.tolist()", [(2, None), (3, 2)]),
        ("for v in x:\n    a = v.item()\n    if flag:\n        b = v.tolist()", [(2, None), (4, 2)]),
        ("for v in x:\n    a = v.item()\nb = x.tolist()", [(2, None), (3, 2)]),
        (
            "for v in x:\n    a = v.item()\nfor v in x:\n    b = v.tolist()\n    x = x + v.item()",
            [(2, None), (4, 2), (5, 2)],
        ),
        # The head of a branch in a loop gives up what the branch holds.
        ("for v in x:\n    if v > 0:\n        b = v.tolist()", [(2, None), (3, 2)]),
        ("try:\n    a = x.sum().item()\nfinally:\n    flag = True\nb = x.tolist()", [(2, None), (5, 2)]),
        ('with torch.device("cpu"):\n    b = x.tolist()', [(1, None), (2, 1)]),
        # Before it, on another branch, or where only a branch leads to it.
        ("b = x.tolist()\nfor v in x:\n    a = v.item()", [(1, None), (3, None)]),
        ("for v in x:\n    if flag:\n        a = v.item()\n    b = v.tolist()", [(3, None), (4, None)]),
        (
            "for v in x:\n    if flag:\n        a = v.item()\n    else:\n        b = v.tolist()",
            [(3, None), (5, None)],
        ),
        ("while flag:\n    for v in x:\n        a = v.item()\nb = x.tolist()", [(3, None), (4, None)]),
        # Where the frame goes on in another graph.
        ("a = x.sum().item()\nb = x.tolist()", [(1, None), (2, None)]),
        ("a = [v.item() for v in x]\nb = x.tolist()", [(1, None), (2, None)]),
        ("a = sum(v.item() for v in x)\nb = x.tolist()", [(1, None), (2, 1)]),
        # No graph of the frame is left for a loop to be unrolled into, wherever the break is.
        ("for i in range(x.shape[0]):\n    a = x[i].item()", [(1, 2), (2, None)]),
        (
            "for i in range(x.shape[0]):\n    x = x + i\nfor v in x:\n    a = v.item()",
            [(1, None), (4, None)],
        ),
        ("for i in range(x.shape[0]):\n    if flag:\n        a = x[i].item()", [(1, None), (3, None)]),
        (
            "if flag:\n    for v in x:\n        a = v.item()\nfor i in range(x.shape[0]):\n    x = x + i",
            [(3, None), (4, None)],
        ),
        ("a = sum(x[i].item() for i in range(x.shape[0]))", [(1, None), (1, 1)]),
        # Where something may leave the block before, or the break is not always evaluated.
        (
            "for v in x:\n    if flag:\n        continue\n    a = v.item()\nb = x.tolist()",
            [(4, None), (5, None)],
        ),
        (
            "for v in x:\n    if flag:\n        return x\n    a = v.item()\nb = x.tolist()",
            [(4, None), (5, None)],
        ),
        (
            "for v in x:\n    if flag:\n        continue\n    a = v.item()\n    b = v.tolist()",
            [(4, None), (5, 4)],
        ),
        ("for v in x:\n    flag and v.item()\nb = x.tolist()", [(2, None), (3, None)]),
        ("for v in x:\n    v.item() and flag\nb = x.tolist()", [(2, None), (3, 2)]),
        ("for v in x:\n    a = v.item() if flag else 1\nb = x.tolist()", [(2, None), (3, None)]),
        ("a = (v.item() for v in x)\nb = x.tolist()", [(1, None), (2, None)]),
        (
            "try:\n    a = {}[flag]\n    a = x.sum().item()\nexcept KeyError:\n    pass\nb = x.tolist()",
            [(3, None), (6, None)],
        ),
        ("for v in {}.values():\n    print(v)\nb = x.tolist()", [(2, None), (3, None)]),
        ("for i, (v, w) in enumerate(zip(x, x)):\n    print(v)\nb = x.tolist()", [(2, None), (3, 2)]),
        # One that is only likely gives up nothing for certain.
        (
            "for v in x:\n    if mask is not None and mask.any():\n        x = x + 1\nb = x.tolist()",
            [(2, None), (4, None)],
        ),
    ],
)
def test_a_finding_names_the_break_it_stands_behind(
    tmp_path: Path, body: str, told: list[tuple[int, int | None]]
) -> None:
    assert behind(tmp_path, body) == told


def test_the_message_says_so(tmp_path: Path) -> None:
    first, second = found(tmp_path, "for v in x:\n    a = v.item()\n    b = v.tolist()")
    line = first.location.line
    assert "once line" not in first.message
    assert second.message.endswith(f"(once line {line} is cured)")


def test_a_finding_stands_behind_no_other_where_once_it_did_not(tmp_path: Path) -> None:
    first, second = found(tmp_path, "for v in x:\n    a = v.item()\n    b = v.tolist()")
    free = Finding(**{**second.__dict__, "behind": None, "claim": "free", "confidence": Confidence.LIKELY})
    both = merged(FileReport((first, second), frozenset()), FileReport((free,), frozenset()))
    told = both.findings[1]
    assert (told.behind, told.message, told.confidence) == (None, second.claim, Confidence.CERTAIN)


def graphs(function: Callable[..., object]) -> int:
    """How many graphs with a call Dynamo makes of a function of one tensor."""
    torch = pytest.importorskip("torch")
    made = []

    def count(module: object, inputs: object) -> object:
        made.append(any(node.op.startswith("call") for node in module.graph.nodes))  # type: ignore[attr-defined]
        return module

    torch._dynamo.reset()
    torch.compile(function, backend=count)(torch.arange(1.0, 5.0))
    return sum(made)


def test_dynamo_goes_on_after_a_comprehension_and_after_nothing_else() -> None:
    def comprehension(x):  # type: ignore[no-untyped-def]
        y = x.sin()
        return y.cos() * len([v.item() for v in x])

    def generator(x):  # type: ignore[no-untyped-def]
        y = x.sin()
        return y.cos() * sum(v.item() for v in x)

    def loop(x):  # type: ignore[no-untyped-def]
        y = x.sin()
        for v in x:
            v.item()
        return y.cos()

    assert (graphs(comprehension), graphs(generator), graphs(loop)) == (2, 0, 0)
