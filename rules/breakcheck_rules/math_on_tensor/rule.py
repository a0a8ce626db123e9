"""A function of Python's `math` is given a tensor.

## What it does
Finds `math.sqrt(t)`, `math.isnan(t)` and other functions of `math` with a tensor argument, and `math.floor` and
`math.ceil` of a number that numpy computed, `math.floor(np.log2(n))`.

## Why is this bad
`math` works on Python floats, so the tensor's value is read back, which ends the graph. A number of numpy's is a
tensor to Dynamo, whose value it knows where it is all that is asked; `floor` and `ceil` are operators of it.

## What to do
Call the tensor's function of the same name: `torch.sqrt(t)`, `torch.isnan(t)`. Of plain numbers use `math` all the
way: `math.floor(math.log2(n))`.

## Fix safety
`math.sqrt(t)` becomes `torch.sqrt(t)` for functions with a namesake in torch. The result is then a tensor
rather than a float, so the edit is unsafe.
"""

import ast
from collections.abc import Iterator

from breakcheck.rule import Effect, Facts, Kind, Problem, Rule, Severity, breaks

RULE = Rule(
    code="BC111",
    name="math-on-tensor",
    summary="a function of Python's `math` is given a tensor",
    severity=Severity.ERROR,
    effects=(Effect.GRAPH_BREAK, Effect.SYNC),
    versions=">=2.1",
    gb_ids=("GB0033", "GB0124", "GB0208"),
    calls=("math.*",),
    matrix=("hs_math_on_tensor",),
)


_ROUNDED = ("math.floor", "math.ceil", "math.trunc")


def match(node: ast.Call, facts: Facts) -> Iterator[Problem]:
    if facts.callee(node).name == "math.prod":
        return  # multiplies, which is traced
    for argument in node.args:
        value = facts.value(argument)
        known = value.is_numpy_number or isinstance(argument, ast.Attribute)
        if value.kind is Kind.NDARRAY and (not known or facts.callee(node).name in _ROUNDED):
            yield breaks(
                node,
                f"`{facts.source(node)}` takes a number of numpy's, which Dynamo traces as a tensor",
                facts,
                because=(facts.callee(node), value),
                suggestion="compute the number with `math`",
                fixable=False,
            )
            return
        if value.kind is Kind.TENSOR and value.name != "random":
            yield breaks(
                node,
                f"`{facts.source(node)}` reads a tensor back as a Python number",
                facts,
                because=(facts.callee(node), value),
                suggestion="use the function of the same name in `torch`",
            )
            return
