"""An assertion on a tensor that Dynamo can't turn into an asynchronous one.

## What it does
Finds `assert <tensor>, message` where the message is computed (an f-string with fields, a call), and
assertions on `not t`, `t and u`. `assert t.all()` and `assert t.all(), "constant"` are captured as an
asynchronous assertion and are not reported.

## Why is this bad
Only a plain tensor with a constant message becomes an assertion in the graph. Anything else is an ordinary
branch on data: the graph ends on every call, although the assertion nearly always holds.

## What to do
Make the message a constant, write `assert not t.any()` as `assert (~t).all()`, split `assert a and b` in
two, or drop the assertion from the compiled path.

## Fix safety
A computed message becomes the text of its constant parts: the assertion itself is unchanged, the message
poorer, so the edit is unsafe.
"""

import ast
from collections.abc import Iterator

from breakcheck.rule import Effect, Facts, Kind, Problem, Rule, Severity, asked_for_truth, breaks

RULE = Rule(
    code="BC108",
    name="tensor-assert-message",
    summary="an assertion on a tensor that Dynamo can't turn into an asynchronous one",
    severity=Severity.ERROR,
    effects=(Effect.GRAPH_BREAK, Effect.SYNC),
    versions=">=2.1",
    gb_ids=("GB0170", "GB0171", "GB0034"),
    nodes=(ast.Assert,),
    matrix=("hs_assert_tensor_msg", "hs_assert_tensor", "hs_assert_tensor_constmsg"),
)


def match(node: ast.Assert, facts: Facts) -> Iterator[Problem]:
    parts = list(asked_for_truth(node.test))
    plain = len(parts) == 1 and parts[0] is node.test
    computed = node.msg is not None and _computed(node.msg)
    for index, part in enumerate(parts):
        value = facts.value(part)
        if value.kind not in (Kind.TENSOR, Kind.NDARRAY):
            continue
        last = index == len(parts) - 1 and isinstance(node.test, ast.BoolOp) and part is node.test.values[-1]
        if computed or not (plain or last):
            yield breaks(
                part,
                f"assertion on `{facts.source(part)}` "
                + ("with a computed message" if computed else "inside `not`, `and` or `or`")
                + " is a branch on a tensor",
                facts,
                because=(value,),
                suggestion="assert one tensor with a constant message: that stays in the graph",
            )
            return


def _computed(message: ast.expr) -> bool:
    """Whether the message is not known before the run."""
    if isinstance(message, ast.JoinedStr):
        return any(isinstance(part, ast.FormattedValue) for part in message.values)
    return not isinstance(message, ast.Constant)
