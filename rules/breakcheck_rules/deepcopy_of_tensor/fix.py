from __future__ import annotations

import libcst as cst

from breakcheck.finding import Applicability
from breakcheck.rule_fix import FixContext, one_argument

TITLE = "Use `.clone()`"
APPLICABILITY = Applicability.UNSAFE


def fix(node: cst.CSTNode, facts: FixContext) -> cst.CSTNode | None:
    """`t.clone()` for a copied name or attribute that is known to be a tensor; else declined."""
    copied = one_argument(node)
    if not isinstance(copied, (cst.Name, cst.Attribute)) or not facts.is_tensor(copied):
        return None
    return cst.Call(cst.Attribute(copied, cst.Name("clone")))
