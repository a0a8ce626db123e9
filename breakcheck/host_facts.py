"""Facts about code that no compiled region reaches: imports and syntax, for rules on how a model is built and fed."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from breakcheck.semantic.facts import Callee, Reach
from breakcheck.semantic.facts_impl import FileFacts
from breakcheck.semantic.symbols import Import, imports_of
from breakcheck.semantic.trees import parents_within, walk
from breakcheck.semantic.values import UNKNOWN, Value

_SCOPES = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)


class HostFacts(FileFacts):
    """As `FileFacts`, of a whole file without any analysis: callees are named by the file's imports, nothing has a value."""

    def __init__(self, facts: FileFacts) -> None:
        self.path = facts.path
        self.source_text = facts.source_text
        self._analysed = facts._analysed
        self.module = facts.module
        self._lines = None
        self._up = parents_within(facts.tree)
        self._imports: dict[str, Import] = {}
        for node in walk(facts.tree):
            if isinstance(node, (ast.Import, ast.ImportFrom)):
                self._imports.update(imports_of(node, ""))

    def calls(self) -> Iterator[tuple[ast.Call, Callee]]:
        """Every call of the file, in source order, with the name its imports give it."""
        found = [node for node in walk(self.tree) if isinstance(node, ast.Call)]
        for call in sorted(found, key=lambda node: (node.lineno, node.col_offset)):
            yield call, self.callee(call)

    def callee(self, call: ast.Call) -> Callee:
        """The callee by its imported name; of a method of something unknown the attribute alone, as `.to`."""
        name = self.imported(call.func)
        if not name and isinstance(call.func, ast.Attribute):
            name = f".{call.func.attr}"
        return Callee(name)

    def imported(self, node: ast.expr) -> str:
        """The qualified name of a dotted expression that begins with an import; "" for anything else."""
        if isinstance(node, ast.Attribute):
            holder = self.imported(node.value)
            return f"{holder}.{node.attr}" if holder else ""
        if isinstance(node, ast.Name) and node.id in self._imports:
            target = self._imports[node.id]
            return target.module if target.attribute is None else f"{target.module}.{target.attribute}"
        return ""

    def value(self, node: ast.expr) -> Value:
        """Nothing is known of values here."""
        return UNKNOWN

    def reach(self, node: ast.AST) -> Reach:
        """No compiled region reaches it, and none has to."""
        return Reach("", ())

    def symbol(self, node: ast.AST) -> str:
        """ "package.module:function" of the function around a node, the module alone outside of any."""
        names = [
            each.name
            for each in self.ancestors(node)
            if not isinstance(each, ast.Lambda) and hasattr(each, "name")
        ]
        return f"{self.module}:{'.'.join(reversed(names))}" if names else self.module

    def parent(self, node: ast.AST) -> ast.AST | None:
        """The syntactic parent, within the file."""
        return self._up.get(node)

    def function(self, node: ast.AST) -> ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda | None:
        """The innermost function around a node, None at module level."""
        return next((each for each in self.ancestors(node) if isinstance(each, _SCOPES)), None)

    def is_disabled(self, call: ast.Call) -> bool:
        """Not asked of host code."""
        return False
