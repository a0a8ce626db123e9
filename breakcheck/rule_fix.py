"""All that a rule's `fix.py` needs beside libcst: what a fix may ask, and how it answers.

A `fix.py` defines `TITLE` (imperative, "Drop `.item()`"), `APPLICABILITY`, and

    def fix(node: cst.CSTNode, facts: FixContext) -> cst.CSTNode | None

`node` is the concrete node of the finding: the expression (or statement) that `match` named. The answer replaces
that node; `None` declines. A fix that must replace the whole statement hands it to `facts.replace_statement` and
returns `node`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    import libcst as cst

__all__ = ["FixContext"]


class FixContext(Protocol):
    """The tree around the node of a finding, before any edit of this finding."""

    @property
    def module(self) -> cst.Module:
        """The parsed file."""
        ...

    @property
    def statement(self) -> cst.BaseStatement:
        """The statement the node stands in: a `SimpleStatementLine` or a compound statement."""
        ...

    @property
    def block(self) -> Sequence[cst.BaseStatement]:
        """The statements of the block that holds `statement`, in order, `statement` among them (by identity)."""
        ...

    def parent(self, node: cst.CSTNode) -> cst.CSTNode | None:
        """The syntactic parent of a node of `module`, None for the module itself."""
        ...

    def code(self, node: cst.CSTNode) -> str:
        """The source text of a node."""
        ...

    def is_tensor(self, node: cst.BaseExpression) -> bool:
        """Whether the semantic model knows (not: assumes) this expression of the file to be a tensor."""
        ...

    def need_import(self, module: str) -> None:
        """Make sure `import module` stands at the top of the file."""
        ...

    def replace_statement(self, *statements: cst.BaseStatement) -> None:
        """Put these statements where `statement` stands; the node returned by `fix` is then ignored."""
        ...
