"""`breakcheck new-rule`: the folder of a rule of one's own, laid out and passing the contract."""

from __future__ import annotations

import re
from pathlib import Path

import click

from breakcheck.errors import BreakcheckError

RULE = '''"""`{name}`: say in one line what the pattern is.

## What it does
Finds calls of `.item()` on a tensor (the pattern to start from; put your own here).

## Why is this bad
The value must come back to Python, so Dynamo ends the graph there.

## What to do
Keep the value a tensor.

## Fix safety
No fix is offered: add a `fix.py` to offer one.
"""

import ast
from collections.abc import Iterator

from breakcheck.rule import Effect, Facts, Problem, Rule, Severity, breaks

RULE = Rule(
    code="{code}",
    name="{name}",
    summary="a tensor value is read back to Python",
    severity=Severity.ERROR,
    effects=(Effect.GRAPH_BREAK,),
    versions=">=2.9",
    gb_ids=("GB0124",),
    calls=("torch.Tensor.item",),
)


def match(node: ast.Call, facts: Facts) -> Iterator[Problem]:
    yield breaks(
        node,
        f"`{{facts.source(node)}}` reads a tensor value back to Python and ends the graph",
        facts,
        because=(facts.callee(node),),
        suggestion="keep the value a tensor",
    )
'''
EXAMPLE = """import torch
from torch import nn

from breakcheck import Case


class Scale(nn.Module):
    def forward(self, x: torch.Tensor) -> torch.Tensor:
        peak = x.abs().max(){read}
        return x / peak


def case() -> Case:
    return Case(Scale(), calls=[(torch.randn(4, 8),)])
"""
CASES = """# Near misses and odd spellings: linted, never run.
import torch
from torch import nn


class Near(nn.Module):
    def forward(self, x: torch.Tensor, table: dict[str, int]) -> torch.Tensor:
        for _key, _size in table.items():
            x = x + 1
        return x * x.sum().item()  # expect: {code}
"""


@click.command("new-rule")
@click.argument("name")
@click.option("--code", default="MY001", show_default=True, help="The code of the rule.")
@click.option(
    "--in",
    "folder",
    type=click.Path(path_type=Path, file_okay=False),
    default=Path("breakcheck_rules_local"),
    show_default=True,
    help="The folder of rules to put it in.",
)
def command(name: str, code: str, folder: Path) -> int:
    """Lay out a rule called NAME (kebab-case, named after the pattern: tensor-item)."""
    if not re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", name):
        raise BreakcheckError(f"{name!r} is not kebab-case; name the pattern, as in tensor-item")
    if not re.fullmatch(r"[A-Z]+\d{3,}", code):
        raise BreakcheckError(f"{code!r} is no code; write letters and at least three digits, as in MY001")
    _refuse_taken(name, code)
    target = folder / name.replace("-", "_")
    if target.exists():
        raise BreakcheckError(f"{target} is there already")
    target.mkdir(parents=True)
    files = {
        "rule.py": RULE.format(name=name, code=code),
        "bad.py": EXAMPLE.format(read=f".item()  # expect: {code}"),
        "good.py": EXAMPLE.format(read=""),
        "cases.py": CASES.format(code=code),
    }
    for file, text in files.items():
        (target / file).write_text(text, encoding="utf-8")
    click.echo(
        f"wrote {target} ({', '.join(files)})\n"
        f"test it:   breakcheck test-rules {folder}\n"
        f'use it:    rule-paths = ["{folder.as_posix()}"] under [tool.breakcheck] in pyproject.toml'
    )
    return 0


def _refuse_taken(name: str, code: str) -> None:
    from breakcheck.registry import find_rule

    for wanted in (name, code):
        taken = find_rule(wanted)
        if taken is not None:
            raise BreakcheckError(
                f"{wanted} is taken by the built-in rule {taken.rule.code} {taken.rule.name}"
            )
