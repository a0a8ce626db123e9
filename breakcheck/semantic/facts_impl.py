"""The answers to a rule's questions about one file, from the records of its interpreted functions."""

from __future__ import annotations

import ast
import io
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

from breakcheck.semantic import values as v
from breakcheck.semantic.facts import Amplifier, Callee, Reach
from breakcheck.semantic.frame import Record
from breakcheck.semantic.symbols import FunctionInfo, ModuleInfo
from breakcheck.semantic.trees import parents_within
from breakcheck.semantic.values import Kind, Value

Function = ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda
COMPREHENSIONS = (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)
NO_CALLEE = Callee("")
SHORT = 60


class FileFacts:
    """What the analysis knows of one file; implements `Facts`.

    `calls()` and `nodes()` go through the functions that a traced region reaches, once for every context they are
    reached in (a helper called with a tensor and with a list is two contexts): the same node may come more than
    once, and questions asked while it is the current one are answered for its context. Sites seen twice are one
    finding; the more certain one counts.
    """

    def __init__(self, module: ModuleInfo, path: Path, records: list[Record]) -> None:
        self.path = str(path)
        self.source_text = module.source
        self._lines: list[str] | None = None
        self._analysed = module
        self.module = module.name
        self._records = records
        self._current: Record | None = records[0] if records else None
        self._parents: dict[ast.AST, dict[ast.AST, ast.AST]] = {}
        self._by_type: list[dict[type[ast.AST], list[ast.AST]]] | None = None

    @property
    def lines(self) -> list[str]:
        """The lines of the file with their ends, split as Python's tokenizer does."""
        if self._lines is None:
            self._lines = list(io.StringIO(self.source_text, newline=""))
        return self._lines

    @property
    def tree(self) -> ast.Module:
        """The syntax tree of the whole file."""
        return self._analysed.whole()

    # Going through -------------------------------------------------------------------------------------------

    def calls(self) -> Iterator[tuple[ast.Call, Callee]]:
        """Every live call with its callee, context by context, in the order of evaluation."""
        for record in self._records:
            self._current = record
            for call, callee in record.callees.items():
                if call in record.values:
                    yield call, callee

    def nodes(self, kind: type[ast.AST], value: Kind | None = None) -> Iterator[ast.AST]:
        """Every live node of a class of syntax, context by context, in the order of evaluation.

        value: of expressions only those whose value is of this kind.
        """
        if self._by_type is None:
            self._by_type = [_by_type(record) for record in self._records]
        for record, table in zip(self._records, self._by_type, strict=True):
            exact = table.get(kind)
            if exact is not None:
                self._current = record
                if value is None:
                    yield from exact
                else:
                    values = record.values
                    yield from [node for node in exact if values[node].kind is value]  # type: ignore[index]
            elif kind in (ast.stmt, ast.expr, ast.AST):
                self._current = record
                for found, nodes in table.items():
                    if issubclass(found, kind):
                        yield from nodes

    @property
    def context(self) -> int:
        """What tells the function that is looked at, as it is reached, from others."""
        return id(self._current)

    @property
    def reached(self) -> bool:
        """Whether any function of the file is reached."""
        return bool(self._records)

    def functions(self) -> Iterator[FunctionInfo]:
        """The functions that are reached, each once."""
        seen: set[FunctionInfo] = set()
        for record in self._records:
            if record.info not in seen:
                seen.add(record.info)
                yield record.info

    # Facts ---------------------------------------------------------------------------------------------------

    def value(self, node: ast.expr) -> Value:
        """The abstract value of an expression."""
        assert self._current is not None
        return self._current.values.get(node, v.UNKNOWN)

    def callee(self, call: ast.Call) -> Callee:
        """What a call calls."""
        assert self._current is not None
        return self._current.callees.get(call, NO_CALLEE)

    def argument(self, call: ast.Call, position: int, name: str) -> ast.expr | None:
        """The argument at a position or of a keyword name; None when not given (or hidden in * or **)."""
        for keyword in call.keywords:
            if keyword.arg == name:
                return keyword.value
        if position < 0 or any(isinstance(arg, ast.Starred) for arg in call.args[: position + 1]):
            return None
        return call.args[position] if position < len(call.args) else None

    def reach(self, node: ast.AST) -> Reach:
        """Who reaches this node, and by which calls."""
        assert self._current is not None
        return self._current.reach

    def symbol(self, node: ast.AST) -> str:
        """ "package.module:Class.method" of the function whose frame runs a node."""
        assert self._current is not None
        return f"{self.module}:{self._current.info.qualname}"

    def is_disabled(self, call: ast.Call) -> bool:
        """Whether a call's target is excluded from compilation."""
        assert self._current is not None
        return call in self._current.disabled

    def descriptor(self, node: ast.Attribute) -> str:
        """What an attribute read runs, "" for plain data."""
        assert self._current is not None
        return self._current.descriptors.get(node, "")

    def operator(self, node: ast.BinOp) -> str:
        """The method of one of the project's classes that an operator runs."""
        assert self._current is not None
        return self._current.operators.get(node, "")

    def parent(self, node: ast.AST) -> ast.AST | None:
        """The syntactic parent, within the function that is reached."""
        assert self._current is not None
        top = self._current.info.node
        table = self._parents.get(top)
        if table is None:
            table = self._parents[top] = parents_within(top)
        return table.get(node)

    def ancestors(self, node: ast.AST) -> Iterator[ast.AST]:
        """The parents from the nearest up to the reached function."""
        parent = self.parent(node)
        while parent is not None:
            yield parent
            parent = self.parent(parent)

    def statement(self, node: ast.AST) -> ast.stmt:
        """The statement a node stands in."""
        if isinstance(node, ast.stmt):
            return node
        for parent in self.ancestors(node):
            if isinstance(parent, ast.stmt):
                return parent
        assert self._current is not None
        assert isinstance(self._current.info.node, ast.Lambda)
        return ast.copy_location(ast.Expr(self._current.info.node), self._current.info.node)

    def function(self, node: ast.AST) -> Function | None:
        """The function whose frame runs this node."""
        assert self._current is not None
        if node is self._current.info.node:
            return self._current.info.node
        for parent in self.ancestors(node):
            if isinstance(parent, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)):
                return parent
        return self._current.info.node

    def amplifier(self, node: ast.AST) -> Amplifier | None:
        """The innermost construct of the frame that makes a break here give it up whole, else an enclosing comprehension."""
        child = node
        around: Amplifier | None = None
        for parent in self.ancestors(node):
            if isinstance(parent, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)):
                break
            kind = self._amplifies(parent, child)
            found = Amplifier(kind, getattr(parent, "lineno", 0)) if kind else None
            if found is not None and found.whole_frame:
                return found
            around = around or found
            child = parent
        return around

    def _amplifies(self, parent: ast.AST, child: ast.AST) -> str:
        if isinstance(parent, (ast.For, ast.AsyncFor)):
            return "for" if child in parent.body else ""
        if isinstance(parent, ast.Try):
            return "try" if child in parent.body or child in parent.handlers else ""
        if isinstance(parent, COMPREHENSIONS):
            first = parent.generators[0]
            kind = "generator expression" if isinstance(parent, ast.GeneratorExp) else "comprehension"
            return kind if child is not first else ""
        if isinstance(parent, (ast.With, ast.AsyncWith)) and child in parent.body:
            for item in parent.items:
                value = item.context_expr
                name = self.callee(value).name if isinstance(value, ast.Call) else self.value(value).name
                if not name.startswith("torch."):
                    return "with"
        return ""

    def expression_at(self, line: int, column: int, end_line: int, end_column: int) -> ast.expr | None:
        """The live expression of a range (1-based lines, 0-based character columns), None when there is none."""
        assert self._current is not None
        lines = self.source_text.splitlines()
        start = len(lines[line - 1][:column].encode()) if line <= len(lines) else column
        end = len(lines[end_line - 1][:end_column].encode()) if end_line <= len(lines) else end_column
        for node in self._current.values:
            if (node.lineno, node.col_offset, node.end_lineno, node.end_col_offset) == (
                line,
                start,
                end_line,
                end,
            ):
                return node
        return None

    def decides_raise(self, node: ast.If | ast.Assert) -> bool:
        """Whether a branch's body does nothing but raise (a guard)."""
        if isinstance(node, ast.Assert):
            return True
        return not node.orelse and len(node.body) == 1 and isinstance(node.body[0], ast.Raise)

    def source(self, node: ast.AST) -> str:
        """The source text of a node, on one line, shortened for a message."""
        text = " ".join((self._segment(node) or ast.unparse(node)).split())
        return text if len(text) <= SHORT else f"{text[: SHORT - 4].rstrip()} ..."

    def _segment(self, node: ast.AST) -> str:
        """The text between a node's ends; `ast.get_source_segment` cuts the whole file into lines at every call."""
        first, last = getattr(node, "lineno", 0), getattr(node, "end_lineno", None) or 0
        if not 0 < first <= last <= len(self.lines):
            return ""
        lines = [line.encode() for line in self.lines[first - 1 : last]]
        lines[-1] = lines[-1][: getattr(node, "end_col_offset", 0)]
        lines[0] = lines[0][getattr(node, "col_offset", 0) :]
        return b"".join(lines).decode(errors="replace")


def _by_type(record: Record) -> dict[type[ast.AST], list[ast.AST]]:
    """The live nodes of a record, by class."""
    table: dict[type[ast.AST], list[ast.AST]] = defaultdict(list)
    table[record.info.node.__class__].append(record.info.node)
    for statement in record.statements:
        table[statement.__class__].append(statement)
    for node in record.values:
        table[node.__class__].append(node)
    return table
