from __future__ import annotations

import libcst as cst
from libcst import matchers as m

from breakcheck.finding import Applicability
from breakcheck.rule_fix import FixContext

TITLE = "Use `.clone()`"
APPLICABILITY = Applicability.UNSAFE


def fix(node: cst.CSTNode, facts: FixContext) -> cst.CSTNode | None:
    """`t.clone()` for a copied name or attribute that is known to be a tensor; else declined."""
    if not m.matches(node, m.Call(args=[m.Arg(keyword=None, star="")])):
        return None
    copied = cst.ensure_type(node, cst.Call).args[0].value
    if not isinstance(copied, (cst.Name, cst.Attribute)) or not facts.is_tensor(copied):
        return None
    return cst.Call(cst.Attribute(copied, cst.Name("clone")))
