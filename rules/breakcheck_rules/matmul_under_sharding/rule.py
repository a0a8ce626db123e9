"""A batched `matmul` of sharded activations.

## What it does
Finds `torch.matmul` and `@` where neither operand is a weight, in code that a compiled region reaches. Selected on
request, for models that are sharded by SPMD through torch_xla.

## Why is this bad
`matmul` flattens all leading dims into one. Where two of them are sharded (batch on `data`, heads on `model`) no sharding
of the flat dim says the same, so the partitioner gathers the operands: in the example 2 all-gathers, none with `einsum`.

## What to do
Write `torch.einsum`, which keeps every dim; for layers on three-dim inputs torch_xla patches `nn.Linear`
(`apply_xla_patch_to_nn_linear`).

## Fix safety
No fix is offered: the subscripts depend on the number of dims.
"""

import ast
from collections.abc import Iterator

from breakcheck.rule import Effect, Facts, Kind, Problem, Rule, Severity, assumption

RULE = Rule(
    code="BC807",
    name="matmul-under-sharding",
    summary="`matmul` flattens leading dims, and sharded ones are gathered first",
    severity=Severity.WARNING,
    effects=(Effect.XLA,),
    versions=">=2.1",
    calls=("torch.matmul", "torch.Tensor.matmul"),
    nodes=(ast.BinOp,),
    applies=("xla",),
    default=False,
)


def match(node: ast.Call | ast.BinOp, facts: Facts) -> Iterator[Problem]:
    if isinstance(node, ast.BinOp):
        if not isinstance(node.op, ast.MatMult):
            return
        operands: list[ast.expr | None] = [node.left, node.right]
    else:
        method = facts.callee(node).name == "torch.Tensor.matmul" and isinstance(node.func, ast.Attribute)
        own = node.func.value if method and isinstance(node.func, ast.Attribute) else None
        operands = [own or facts.argument(node, 0, "input"), facts.argument(node, 0 if own else 1, "other")]
    values = [facts.value(operand) for operand in operands if operand is not None]
    if len(values) != 2 or any(value.kind is not Kind.TENSOR for value in values):
        return
    if any(operand is not None and _is_weight(operand) for operand in operands):
        return
    yield Problem(
        node,
        f"`{facts.source(node)}` flattens its leading dims, and the partitioner gathers those that are sharded",
        because=(*values, assumption("taken to have two sharded leading dims", node, facts)),
        suggestion="write it as `torch.einsum`, which keeps every dim",
    )


def _is_weight(operand: ast.expr) -> bool:
    """Whether an operand is a matrix by its look: `self.weight`, `weight.t()`, `x.T`, an attribute of the module."""
    if isinstance(operand, ast.Call) and isinstance(operand.func, ast.Attribute) and operand.func.attr == "t":
        return True
    if isinstance(operand, ast.Attribute):
        return operand.attr == "T" or (isinstance(operand.value, ast.Name) and operand.value.id == "self")
    return False
