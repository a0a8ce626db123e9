from __future__ import annotations

import libcst as cst
from libcst import matchers as m

from breakcheck.finding import Applicability
from breakcheck.rule_fix import FixContext

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
    if not m.matches(
        node, m.Call(func=m.Attribute(m.Name("math"), m.Name()), args=[m.Arg(keyword=None, star="")])
    ):
        return None
    call = cst.ensure_type(node, cst.Call)
    function = cst.ensure_type(call.func, cst.Attribute)
    if function.attr.value not in NAMESAKES:
        return None
    facts.need_import("torch")
    return call.with_changes(func=function.with_changes(value=cst.Name("torch")))
