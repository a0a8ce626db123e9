"""An `if` or conditional expression on a tensor's value.

## What it does
Finds `if`, `elif`, `a if t else b` and comprehension conditions whose truth depends on the value of a
tensor. `t is None`, `t.dim() == 2`, `x.shape[0] > 3` and `len(x)` are not such conditions.

## Why is this bad
Which way to go is known only when the tensor is computed: Dynamo ends the graph, runs it, waits for the
device, and compiles each side on its own. No setting captures it and `fullgraph=True` fails on it. Inside a
loop or `try` the whole frame runs eagerly.

## What to do
Compute both sides and choose with `torch.where(condition, a, b)`; drop the shortcut where both sides give
the same result; decide in Python before the compiled region. `torch.cond` also traces, but splits CUDA
graphs.

## Fix safety
`if t: x = a` / `else: x = b` becomes `x = torch.where(t, a, b)`: both sides are then computed, so the edit
is unsafe where a side raises, has an effect, differs in dtype, or where NaN gradients could leak from the
side that is not taken.
"""

import ast
from collections.abc import Iterator

from breakcheck.rule import (
    Effect,
    Facts,
    Kind,
    Problem,
    Rule,
    Severity,
    Value,
    asked_before,
    asked_for_truth,
    asks_whether_given,
    assumption,
    breaks,
    only_raises,
    tensor_on_one_path,
    walk,
)

RULE = Rule(
    code="BC104",
    name="tensor-branch",
    summary="an `if` or conditional expression on a tensor's value",
    severity=Severity.ERROR,
    effects=(Effect.GRAPH_BREAK, Effect.SYNC),
    versions=">=2.1",
    gb_ids=("GB0170", "GB0035", "GB0033"),
    nodes=(ast.If, ast.IfExp, ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp),
    matrix=(
        "hs_if_any",
        "hs_if_sum",
        "hs_ternary",
        "hs_tensor_eq_branch",
        "ag_sdpa_mask_all",
        "rope_dynamic_ntk_update",
        "hs_bool_any_flag_attr",
        "st_generate_loop_eos_break",
        "se_torch_rand_layerdrop",
        "st_generate_unfinished_max",
    ),
)

_Conditional = ast.If | ast.IfExp | ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp
_DRAWS = ("torch.rand", "torch.rand_like", "torch.bernoulli", "torch.randint", "torch.Tensor.uniform_")


def _half_precision(test: ast.expr, facts: Facts) -> bool:
    """Whether the condition lets only float16 or bfloat16 through: `x.dtype == torch.float16`."""
    if not isinstance(test, ast.Compare) or not isinstance(test.ops[0], ast.Eq):
        return False
    parent = facts.parent(test)
    return (
        isinstance(parent, ast.BoolOp)
        and isinstance(parent.op, ast.And)
        and facts.source(test.comparators[0]) in ("torch.float16", "torch.half", "torch.bfloat16")
    )


def _taken_for_granted(tests: list[ast.expr], part: ast.expr, facts: Facts) -> tuple[Value, ...]:
    """That something optional was given, where it may be None or the condition asks so first."""
    optional = facts.value(part).optional  # `if mask:` of a mask that may be None
    if not optional and not any(asks_whether_given(test, part) for test in tests):
        return ()
    return (assumption("taken to be given", part, facts),)


def _random_draw(test: ast.expr, facts: Facts) -> bool:
    """Whether the condition itself draws (LayerDrop: `if torch.rand([]) < p`)."""
    return any(isinstance(part, ast.Call) and facts.callee(part).name in _DRAWS for part in walk(test))


def match(node: _Conditional, facts: Facts) -> Iterator[Problem]:
    if isinstance(node, ast.If) and only_raises(node.body) and not node.orelse:
        return  # a guard: tensor-guard
    if isinstance(node, (ast.If, ast.IfExp)):
        tests = [node.test]
    else:
        tests = [test for generator in node.generators for test in generator.ifs]
    for part in (part for test in tests for part in asked_for_truth(test)):
        if _half_precision(part, facts):
            return  # what follows in the condition runs in half precision alone: half-precision-branch
        value = facts.value(part)
        flag = tensor_on_one_path(part, facts)
        if (flag is not None or value.kind is Kind.TENSOR) and asked_before(part, facts):
            return
        fixable = isinstance(node, ast.If) and _assigns_on_both_sides(node)
        if flag is not None:
            yield _of_flag(part, flag, facts, fixable)
            return
        if value.kind not in (Kind.TENSOR, Kind.NDARRAY):
            continue
        random = _random_draw(part, facts)
        yield breaks(
            part,
            f"branch on a random draw, `{facts.source(part)}`, which is a tensor"
            if random
            else f"branch on `{facts.source(part)}`, whose truth is read out of a tensor",
            facts,
            because=(value, *_taken_for_granted(tests, part, facts)),
            suggestion="draw in Python outside the compiled region, or scale the skipped part by the mask"
            if random
            else "compute both sides and choose with `torch.where`, or decide outside the compiled region",
            fixable=fixable,
        )
        return  # one condition, one finding


def _assigns_on_both_sides(node: ast.If) -> bool:
    """Whether each side is one assignment: all that the fix makes a `torch.where` of."""
    return all(len(side) == 1 and isinstance(side[0], ast.Assign) for side in (node.body, node.orelse))


def _of_flag(part: ast.expr, flag: tuple[Value, ast.stmt], facts: Facts, fixable: bool) -> Problem:
    """The problem of a flag that is a tensor only where some condition held, from there to the branch on it."""
    value, since = flag
    return breaks(
        part,
        f"branch on `{facts.source(part)}`, a tensor since line {since.lineno}, whose truth is read out of it",
        facts,
        because=(value,),
        suggestion="draw in Python outside the compiled region, or scale the skipped part by the mask",
        since=since,
        fixable=fixable,
    )
