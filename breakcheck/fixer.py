"""Findings to edits: libcst parses the piece of the file a finding needs, a rule's `fix.py` rewrites it.

The piece is the statement around the finding, cut out by position and dedented; where the fix asks for the block
around it, or dedenting would change a string, the enclosing function is cut instead, and the whole file where a cut
does not parse. Edits are text replacements of exactly what changed, so comments and formatting elsewhere survive.
"""

from __future__ import annotations

import ast
import re
import textwrap
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property, lru_cache

import libcst as cst
from libcst.metadata import CodeRange, MetadataWrapper, PositionProvider

from breakcheck.finding import Applicability, Edit, Fix
from breakcheck.registry import LoadedRule
from breakcheck.rule_fix import children, parts
from breakcheck.spans import Span, source_lines

SHARED = 10_000  # characters of a piece that is kept for its copies: trees take hundreds of times that


class _NeedsWiderCut(Exception):
    """The fix asked for something outside the piece it was given."""


@dataclass(frozen=True)
class Cut:
    """A piece of a file that stands alone: its text, the line it begins at (1-based), the columns it was dedented by."""

    text: str
    first_line: int
    indent: int
    whole_file: bool = False
    held: bool = False  # under an `if` of ours, so that it keeps its indent


class Piece:
    """A parsed cut with what fixes ask of it: where each node stands and what it stands in.

    Parents come from one walk of our own: libcst's provider costs many times that on a statement.
    """

    def __init__(self, text: str) -> None:
        self.module = cst.parse_module(text)
        wrapper = MetadataWrapper(self.module, unsafe_skip_copy=True)
        self.positions: Mapping[cst.CSTNode, CodeRange] = wrapper.resolve(PositionProvider)
        self.parents: dict[cst.CSTNode, cst.CSTNode] = {}
        pending: list[cst.CSTNode] = [self.module]
        while pending:
            node = pending.pop()
            for child in children(node):
                self.parents[child] = node
                pending.append(child)

    def outermost(self, cut: Cut) -> Sequence[cst.CSTNode]:
        """The statements that were cut out, around which nothing is known."""
        (first, *_), held = self.module.body, cut.held
        return first.body.body if held and isinstance(first, cst.If) else self.module.body

    def node_at(self, span: Span) -> cst.CSTNode | None:
        """The node of the ast node's kind that starts and ends where it does; own parentheses count in neither."""
        wanted = (
            (cst.BaseExpression,) if span.expression else (cst.BaseSmallStatement, cst.BaseCompoundStatement)
        )
        found: list[cst.CSTNode] = []
        for node, place in self.positions.items():
            start, end = place.start, place.end
            if start.line != span.line or start.column != span.column or not isinstance(node, wanted):
                continue
            # Where a compound statement ends is told differently by the two trees; only one can start there.
            same_end = (end.line, end.column) == (span.end_line, span.end_column)
            if same_end or isinstance(node, cst.BaseCompoundStatement):
                found.append(node)
        return next((node for node in found if self.parents.get(node) not in found), None)

    def statement_of(self, node: cst.CSTNode) -> cst.BaseStatement | None:
        """The statement a node stands in."""
        current: cst.CSTNode | None = node
        while current is not None and not isinstance(current, cst.BaseStatement):
            current = self.parents.get(current)
        return current


@dataclass
class _Context:
    """What a fix may ask (`breakcheck.rule_fix.FixContext`), answered from one cut."""

    piece: Piece
    node: cst.CSTNode
    statement: cst.BaseStatement
    allows_block: bool
    knows_tensor: Callable[[CodeRange], bool]
    imports: list[str] = field(default_factory=list)
    replacement: tuple[cst.BaseStatement, ...] | None = None

    @property
    def module(self) -> cst.Module:
        """The parsed piece."""
        return self.piece.module

    @property
    def block(self) -> Sequence[cst.BaseStatement]:
        """The statements around `statement`, itself among them; an `elif` stands in none."""
        holder = self.parent(self.statement)
        if isinstance(holder, cst.Module) and not self.allows_block:
            raise _NeedsWiderCut
        body = holder.body if isinstance(holder, (cst.Module, cst.IndentedBlock)) else ()
        return [statement for statement in body if isinstance(statement, cst.BaseStatement)]

    def parent(self, node: cst.CSTNode) -> cst.CSTNode | None:
        """The syntactic parent."""
        if isinstance(node, cst.Module):
            return None
        parent = self.piece.parents[node]
        if isinstance(parent, cst.Module) and not self.allows_block and node is not self.statement:
            raise _NeedsWiderCut
        return parent

    def code(self, node: cst.CSTNode) -> str:
        """The source text of a node."""
        return self.module.code_for_node(node)

    def is_tensor(self, node: cst.BaseExpression) -> bool:
        """Whether the semantic model knows the expression to be a tensor."""
        place = self.piece.positions.get(node)
        return place is not None and self.knows_tensor(place)

    def need_import(self, module: str) -> None:
        """Ask for `import module`."""
        if module not in self.imports:
            self.imports.append(module)

    def replace_statement(self, *statements: cst.BaseStatement) -> None:
        """Put these statements in the place of `statement`."""
        self.replacement = statements


@lru_cache(maxsize=16)
def _shared_piece(text: str) -> Piece:
    """The parsed piece of a text whose copies stand in other files too."""
    return Piece(text)


def cut_lines(lines: Sequence[str], first: int, last: int) -> Cut:
    """The piece of a file from line `first` to line `last` (1-based, inclusive), dedented."""
    piece = list(lines[first - 1 : last])
    indent = len(piece[0]) - len(piece[0].lstrip())
    text = textwrap.dedent("".join(piece)) if indent else "".join(piece)
    dedented = len(piece[0]) - len(text.splitlines(keepends=True)[0])
    if dedented != indent:
        raise _NeedsWiderCut  # a string or comment stands further left than the statement
    return Cut(text, first, indent)


def cut_function(lines: Sequence[str], first: int, last: int) -> Cut:
    """The same of a function, which keeps its indent: dedented, a string over several lines would say another thing."""
    text = "".join(lines[first - 1 : last])
    return Cut(f"if _:\n{text}", first - 1, 0, held=True) if text[:1].isspace() else Cut(text, first, 0)


class FileFixer:
    """Computes the fixes of one file's findings; pieces of the file are parsed once.

    whole: gives the syntax tree of the file, which few fixes need.
    """

    def __init__(self, source: str, whole: Callable[[], ast.Module]) -> None:
        self.source = source
        self.lines = source_lines(source)
        self.whole = whole
        self._pieces: dict[str, Piece] = {}

    def fix(
        self,
        loaded: LoadedRule,
        span: Span,
        statement: Span,
        function: Span | None,
        tensor_at: Callable[[Span], bool],
    ) -> Fix | None:
        """The fix of a finding at `span`, or None where the rule declines.

        statement and function are the spans of the enclosing statement and function (decorators included);
        tensor_at asks the semantic model.
        """
        module = loaded.load_fix()
        for make in self._cuts(statement, function):
            try:
                return self._fix_in(module, make(), span, tensor_at)
            except (_NeedsWiderCut, cst.ParserSyntaxError, IndexError):
                continue
        return None

    def _cuts(self, statement: Span, function: Span | None) -> Iterable[Callable[[], Cut]]:
        yield lambda: cut_lines(self.lines, statement.line, statement.end_line)
        if function is not None:
            yield lambda: cut_function(self.lines, function.line, function.end_line)
        yield lambda: Cut(self.source, 1, 0, whole_file=True)

    def _fix_in(self, module: object, cut: Cut, span: Span, tensor_at: Callable[[Span], bool]) -> Fix | None:
        piece = self._pieces.get(cut.text)
        if piece is None:
            make = _shared_piece if len(cut.text) <= SHARED else Piece
            piece = self._pieces[cut.text] = make(cut.text)
        node = piece.node_at(_into(span, cut))
        if node is None:
            raise _NeedsWiderCut
        statement = piece.statement_of(node)
        if statement is None:
            raise _NeedsWiderCut
        context = _Context(
            piece,
            node,
            statement,
            allows_block=cut.whole_file or statement not in piece.outermost(cut),
            knows_tensor=lambda place: tensor_at(_out_of(place, cut)),
        )
        answer = module.fix(node, context)  # type: ignore[attr-defined]  # the contract of fix.py
        if answer is None:
            return None
        edits = self._edits(context, node, answer, cut)
        if not edits:
            return None
        title, applicability = module.TITLE, module.APPLICABILITY  # type: ignore[attr-defined]
        assert isinstance(title, str)
        assert isinstance(applicability, Applicability)
        edits += self._import_edits(context.imports)
        return Fix(applicability, title, tuple(edits))

    def _edits(self, context: _Context, node: cst.CSTNode, answer: object, cut: Cut) -> list[Edit]:
        positions = context.piece.positions
        replaced = node if context.replacement is None else context.statement
        place = _out_of(positions[replaced], cut)
        if cut.indent and _holds_long_string(replaced):
            raise _NeedsWiderCut  # dedenting the cut has changed what the string says
        if context.replacement is not None:
            return [_edit(place, self._block(context.module, context.replacement, place) or "pass")]
        assert isinstance(answer, cst.CSTNode)
        if answer is node or answer.deep_equals(node):
            return []
        if getattr(node, "lpar", ()) and getattr(answer, "lpar", ()):
            answer = answer.with_changes(
                lpar=(), rpar=()
            )  # the edit leaves the node's own parentheses in place
        if isinstance(answer, cst.BaseStatement):
            return [_edit(place, self._block(context.module, (answer,), place))]
        content = context.module.code_for_node(answer)
        if cut.indent and "\n" in content:
            head, *rest = content.split("\n")
            margin = self.lines[cut.first_line - 1][: cut.indent]
            content = "\n".join([head, *(margin + line if line.strip() else line for line in rest)])
        return [_edit(place, content)]

    def _block(self, module: cst.Module, statements: Sequence[cst.BaseStatement], place: Span) -> str:
        """The text of statements in a block that stands as far right as `place`, from the first one's first character.

        libcst writes the indent, as it alone knows where a string goes on over a line's end.
        """
        before = self.lines[place.line - 1][: place.column]
        margin = before if before.isspace() else " " * place.column
        module = module.with_changes(default_indent=self._indent_unit)
        if not margin:
            return "".join(module.code_for_node(statement) for statement in statements).strip("\r\n")
        holder = cst.If(cst.Name("_"), cst.IndentedBlock(statements, indent=margin))
        _head, _end, text = module.code_for_node(holder).partition(module.default_newline)
        return text.strip("\r\n").removeprefix(margin)

    @cached_property
    def _indent_unit(self) -> str:
        """One step of the file's indentation: that of its first indented block, else four spaces."""
        for statement in self.whole().body:
            for inner in getattr(statement, "body", ()):
                if isinstance(inner, ast.stmt) and inner.lineno > statement.lineno:
                    before = self.lines[inner.lineno - 1][: inner.col_offset]
                    if before.isspace():
                        return before
        return "    "

    def _import_edits(self, modules: Iterable[str]) -> list[Edit]:
        edits = []
        for module in modules:
            tree = self.whole()
            if not _imports(tree, module):
                line = _import_line(tree)
                edits.append(Edit(line, 1, line, 1, f"import {module}\n"))
        return edits


def _into(span: Span, cut: Cut) -> Span:
    shift = cut.first_line - 1
    return Span(
        span.line - shift,
        span.column - cut.indent,
        span.end_line - shift,
        span.end_column - cut.indent,
        span.expression,
    )


def _out_of(place: CodeRange, cut: Cut) -> Span:
    shift = cut.first_line - 1
    return Span(
        place.start.line + shift,
        place.start.column + cut.indent,
        place.end.line + shift,
        place.end.column + cut.indent,
    )


def _holds_long_string(node: cst.CSTNode) -> bool:
    """Whether a string in the node goes on over a line's end."""
    strings = (cst.SimpleString, cst.FormattedStringText)
    return any(isinstance(part, strings) and "\n" in part.value for part in parts(node))


def _edit(span: Span, content: str) -> Edit:
    return Edit(span.line, span.column + 1, span.end_line, span.end_column + 1, content)


def _imports(tree: ast.Module, module: str) -> bool:
    """Whether `module` is bound by a plain top-level import under its own name."""
    return any(
        isinstance(statement, ast.Import)
        and any(
            alias.name.split(".")[0] == module.split(".")[0] and alias.asname is None
            for alias in statement.names
        )
        for statement in tree.body
    )


def _import_line(tree: ast.Module) -> int:
    """The line before which a new import goes: the first import that is not from __future__, else after the head."""
    after = 1
    for position, statement in enumerate(tree.body):
        is_docstring = (
            position == 0 and isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant)
        )
        if is_docstring or (isinstance(statement, ast.ImportFrom) and statement.module == "__future__"):
            after = (statement.end_lineno or statement.lineno) + 1
            continue
        if isinstance(statement, ast.Import | ast.ImportFrom):
            return statement.lineno
        break
    return after


def apply_edits(source: str, fixes: Iterable[Fix]) -> tuple[str, int]:
    """The source with the edits of as many fixes as fit without overlap, first come first, and their number.

    What is put in gets the line ends of the source's first line.
    """
    lines = source_lines(source)
    line_end = lines[0][len(lines[0].rstrip("\r\n")) :] if lines else ""
    starts = [0]
    for line in lines:
        starts.append(starts[-1] + len(line))

    def offset(line: int, column: int) -> int:
        return starts[min(line, len(lines) + 1) - 1] + column - 1

    taken: list[tuple[int, int, str]] = []
    applied = 0
    for fix in fixes:
        spans = [(offset(e.line, e.column), offset(e.end_line, e.end_column), e.content) for e in fix.edits]
        fresh = [span for span in spans if span not in taken]
        if any(_overlap(span, other) for span in fresh for other in taken):
            continue
        taken += fresh
        applied += 1
    text = source
    for start, end, content in sorted(taken, key=lambda span: (span[0], span[1]), reverse=True):
        text = text[:start] + re.sub(r"\r\n|\r|\n", line_end or "\n", content) + text[end:]
    return text, applied


def _overlap(one: tuple[int, int, str], other: tuple[int, int, str]) -> bool:
    if one[0] == one[1] or other[0] == other[1]:  # an insertion collides only inside a replaced range
        return one[0] < other[1] and other[0] < one[1] and one[0] != other[0]
    return one[0] < other[1] and other[0] < one[1]
