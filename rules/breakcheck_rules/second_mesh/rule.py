"""A second device mesh beside the first.

## What it does
Finds every `Mesh(...)` of `torch_xla.distributed.spmd` after the first in a file, whatever part of the program it stands
in. Selected on request, for models that are sharded by SPMD.

## Why is this bad
Two meshes order the devices differently, even with the same axes. Where a tensor marked with one meets a tensor marked
with the other, every shard moves to another device: in the example that is one collective more than with one mesh.

## What to do
Make one mesh, once, and pass it on (`spmd.set_global_mesh`, `spmd.get_global_mesh`).

## Fix safety
No fix is offered: which of the two is meant is not in the code.
"""

import ast
from collections.abc import Iterator

from breakcheck.rule import Effect, Facts, Problem, Rule, Severity, walk

_NAMES = (
    "torch_xla.distributed.spmd.Mesh",
    "torch_xla.distributed.spmd.HybridMesh",
    "torch_xla.distributed.spmd.xla_sharding.Mesh",
)

RULE = Rule(
    code="BC808",
    name="second-mesh",
    summary="shards of two meshes move between devices wherever they meet",
    severity=Severity.WARNING,
    effects=(Effect.XLA,),
    versions=">=2.1",
    calls=_NAMES,
    applies=("xla",),
    default=False,
    host=True,
)


def match(node: ast.Call, facts: Facts) -> Iterator[Problem]:
    top: ast.AST = node
    while (parent := facts.parent(top)) is not None:
        top = parent
    made = [each for each in walk(top) if isinstance(each, ast.Call) and facts.callee(each).name in _NAMES]
    first = min(made, key=lambda each: (each.lineno, each.col_offset))
    if node is first:
        return
    yield Problem(
        node,
        f"`{facts.source(node)}` is a mesh beside the one of line {first.lineno}: shards move where the two meet",
        suggestion="make one mesh and pass it on",
    )
