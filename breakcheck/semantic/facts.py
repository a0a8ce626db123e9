"""The questions a rule may ask about a node, and the shape of the answers."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple, Protocol

from breakcheck.semantic.values import Reason, Value


class Callee(NamedTuple):
    """What a call calls.

    name: qualified: "torch.nonzero", "torch.Tensor.item" for a method of a tensor, "builtins.print",
        "logging.Logger.warning", "numpy.random.rand", "package.module.Class.method" for the user's own;
        "" when unknown.
    receiver: the value a method is called on.
    """

    name: str
    reasons: tuple[Reason, ...] = ()
    assumed: bool = False
    receiver: Value | None = None


class Reach(NamedTuple):
    """How a traced region reaches a function: the root and the chain of symbols from it to here."""

    root: str  # "package.module:Class.forward" or "torch.compile(function)"
    chain: tuple[str, ...]
    reasons: tuple[Reason, ...] = ()
    assumed: bool = False


@dataclass(frozen=True)
class Amplifier:
    """An enclosing construct in which a break gives up more than one graph.

    All but a comprehension give up the whole frame. Of a list, set or dict comprehension each element runs eagerly, and
    the frame goes on in a second graph after it (measured on torch 2.9.1 to 2.15.0, Python 3.11 and 3.12).
    """

    kind: str  # "for", "try", "with", "generator expression", "comprehension"
    line: int

    @property
    def whole_frame(self) -> bool:
        """Whether no graph of the frame is left."""
        return self.kind != "comprehension"


class Facts(Protocol):
    """Answers about the nodes of one reached function; each with reasons.

    Rules are asked only about nodes that a traced region can execute: code under `if is_compiling()`'s eager
    side, `is_scripting`, `TYPE_CHECKING`, or after a condition known to be false is never presented.
    """

    path: str

    def value(self, node: ast.expr) -> Value:
        """The abstract value of an expression."""
        ...

    def callee(self, call: ast.Call) -> Callee:
        """What a call calls."""
        ...

    def argument(self, call: ast.Call, position: int, name: str) -> ast.expr | None:
        """The argument at a position or of a keyword name; None when not given (or hidden in * or **)."""
        ...

    def reach(self, node: ast.AST) -> Reach:
        """Who reaches this node, and by which calls."""
        ...

    def parent(self, node: ast.AST) -> ast.AST | None:
        """The syntactic parent."""
        ...

    def ancestors(self, node: ast.AST) -> Iterator[ast.AST]:
        """The parents from the nearest up to the reached function."""
        ...

    def statement(self, node: ast.AST) -> ast.stmt:
        """The statement a node stands in."""
        ...

    def amplifier(self, node: ast.AST) -> Amplifier | None:
        """The innermost construct of the frame that makes a break here give it up whole, else an enclosing comprehension."""
        ...

    def function(self, node: ast.AST) -> ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda | None:
        """The function whose frame runs this node."""
        ...

    def decides_raise(self, node: ast.If | ast.Assert) -> bool:
        """Whether a branch's body does nothing but raise (a guard)."""
        ...

    def source(self, node: ast.AST) -> str:
        """The source text of a node, on one line, shortened for a message."""
        ...

    def is_disabled(self, call: ast.Call) -> bool:
        """Whether a call's target is excluded from compilation (`@torch.compiler.disable`)."""
        ...

    def descriptor(self, node: ast.Attribute) -> str:
        """What an attribute read runs: "builtins.property", "functools.cached_property", or "" for plain data."""
        ...

    def operator(self, node: ast.BinOp) -> str:
        """The method of one of the project's classes that an operator runs, "" for builtin types and tensors."""
        ...
