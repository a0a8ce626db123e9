"""All that a rule's `fix.py` needs beside libcst: what a fix may ask, and how it answers.

A `fix.py` defines `TITLE` (imperative, "Drop `.item()`"), `APPLICABILITY`, and

    def fix(node: cst.CSTNode, facts: FixContext) -> cst.CSTNode | None

`node` is the concrete node of the finding: the expression (or statement) that `match` named. The answer replaces
that node; `None` declines. A fix that must replace the whole statement hands it to `facts.replace_statement` and
returns `node`.

The fixes that come with the package leave `libcst.matchers` alone: importing it takes longer than all of libcst.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import fields
from functools import cache
from typing import Protocol

import libcst as cst

__all__ = [
    "FixContext",
    "bare",
    "children",
    "one_argument",
    "one_assignment",
    "only_when_eager",
    "parts",
]


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
        """The statements of the block that holds `statement`, in order, `statement` among them (by identity).

        Empty for an `elif`, which stands in no block.
        """
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
        """Put these statements where `statement` stands; the node returned by `fix` is then ignored.

        Comments above the statement and behind it stay where they are: the replacement carries none of them.
        """
        ...


# Calls that an argument of a dropped call may hold: they read and change nothing.
_READS = frozenset(
    [
        "abs",
        "all",
        "any",
        "cpu",
        "detach",
        "dim",
        "float",
        "format",
        "id",
        "int",
        "item",
        "join",
        "len",
        "list",
        "max",
        "mean",
        "min",
        "norm",
        "numel",
        "numpy",
        "repr",
        "round",
        "size",
        "std",
        "str",
        "sum",
        "tolist",
        "tuple",
        "type",
        "var",
    ]
)


def only_when_eager(node: cst.CSTNode, facts: FixContext) -> bool:
    """Put the statement, a call for its effect alone, under `if not torch.compiler.is_compiling():`.

    False where the call's value is used, where other statements share its line, or where evaluating its
    arguments changes anything: then the edit would change what the program computes.
    """
    statement = facts.statement
    if not isinstance(statement, cst.SimpleStatementLine) or len(statement.body) != 1:
        return False
    line = statement.body[0]
    if not isinstance(line, cst.Expr) or line.value is not node or not isinstance(node, cst.Call):
        return False
    if any(_may_change(arg) for arg in node.args):
        return False
    facts.need_import("torch")
    facts.replace_statement(
        cst.If(
            test=cst.parse_expression("not torch.compiler.is_compiling()"),
            body=cst.IndentedBlock([bare(statement)]),
        )
    )
    return True


def bare(statement: cst.SimpleStatementLine) -> cst.SimpleStatementLine:
    """The statement without the comments above and behind it."""
    return statement.with_changes(leading_lines=[], trailing_whitespace=cst.TrailingWhitespace())


def _may_change(argument: cst.Arg) -> bool:
    """Whether evaluating the argument may do more than read."""
    for part in parts(argument):
        if isinstance(part, (cst.NamedExpr, cst.Await, cst.Yield)):
            return True
        if isinstance(part, cst.Call):
            name = part.func.attr if isinstance(part.func, cst.Attribute) else part.func
            if not isinstance(name, cst.Name) or name.value not in _READS:
                return True
    return False


@cache
def _field_names(kind: type[cst.CSTNode]) -> tuple[str, ...]:
    return tuple(field.name for field in fields(kind))


def children(node: cst.CSTNode) -> Iterator[cst.CSTNode]:
    """The nodes right below a node; its own `children` makes the whole node anew to tell them."""
    for name in _field_names(node.__class__):
        held = getattr(node, name)
        if isinstance(held, cst.CSTNode):
            yield held
        elif isinstance(held, (list, tuple)):
            for item in held:
                if isinstance(item, cst.CSTNode):
                    yield item


def parts(node: cst.CSTNode) -> Iterator[cst.CSTNode]:
    """A node and all below it."""
    yield node
    for child in children(node):
        yield from parts(child)


def one_argument(node: cst.CSTNode) -> cst.BaseExpression | None:
    """The argument of a call that has but one, neither named nor unpacked."""
    if not isinstance(node, cst.Call) or len(node.args) != 1:
        return None
    argument = node.args[0]
    return None if argument.keyword is not None or argument.star else argument.value


def one_assignment(statement: cst.CSTNode) -> tuple[cst.Name, cst.BaseExpression] | None:
    """The name and the value of a line that does nothing but give one name a value."""
    if not isinstance(statement, cst.SimpleStatementLine) or len(statement.body) != 1:
        return None
    assign = statement.body[0]
    if not isinstance(assign, cst.Assign) or len(assign.targets) != 1:
        return None
    target = assign.targets[0].target
    return (target, assign.value) if isinstance(target, cst.Name) else None
