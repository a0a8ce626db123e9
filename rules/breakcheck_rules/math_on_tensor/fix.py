from __future__ import annotations

import libcst as cst

from breakcheck.finding import Applicability
from breakcheck.rule_fix import FixContext, one_argument

TITLE = "Use the function of the same name in `torch`"
APPLICABILITY = Applicability.UNSAFE

# The functions of `math` whose namesake in torch computes the same of one tensor.
NAMESAKES = frozenset(
    {
        "acos",
        "asin",
        "atan",
        "ceil",
        "cos",
        "cosh",
        "exp",
        "exp2",
        "expm1",
        "floor",
        "isfinite",
        "isinf",
        "isnan",
    }
    | {"log", "log10", "log1p", "log2", "sin", "sinh", "sqrt", "tan", "tanh", "trunc"}
)


def fix(node: cst.CSTNode, facts: FixContext) -> cst.CSTNode | None:
    """`torch.sqrt(t)` for `math.sqrt(t)`; declined where torch has no namesake or the call is not spelled so."""
    if not isinstance(node, cst.Call) or one_argument(node) is None:
        return None
    function = node.func
    if not isinstance(function, cst.Attribute) or function.attr.value not in NAMESAKES:
        return None
    if not isinstance(function.value, cst.Name) or function.value.value != "math":
        return None
    facts.need_import("torch")
    return node.with_changes(func=function.with_changes(value=cst.Name("torch")))
