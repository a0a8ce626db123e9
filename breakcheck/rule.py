"""All that a rule author imports.

A rule is a folder holding `rule.py` (this vocabulary: a `RULE` and a `match`), optionally `fix.py`, and the
examples `bad.py`, `good.py` and `cases.py` that prove it (see `breakcheck.testing`).
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Protocol

from breakcheck.finding import Effect, Severity
from breakcheck.rule_flow import (
    asked_before,
    definition_above,
    is_given,
    made_here,
    seen_before,
    tensor_on_one_path,
)
from breakcheck.rule_rank import rank_of
from breakcheck.rule_syntax import asked_for_truth, asks_whether_given, only_raises
from breakcheck.semantic.arguments import defaults, parameters
from breakcheck.semantic.facts import Amplifier, Callee, Facts, Reach
from breakcheck.semantic.trees import walk, within
from breakcheck.semantic.values import Kind, Reason, Value

__all__ = [
    "Amplifier",
    "Assumable",
    "Callee",
    "Effect",
    "Facts",
    "Kind",
    "Problem",
    "Reach",
    "Reason",
    "Rule",
    "Severity",
    "Value",
    "asked_before",
    "asked_for_truth",
    "asks_whether_given",
    "assumption",
    "breaks",
    "defaults",
    "definition_above",
    "is_given",
    "made_here",
    "only_raises",
    "parameters",
    "rank_of",
    "seen_before",
    "tensor_on_one_path",
    "walk",
    "within",
]


class Assumable(Protocol):
    """A fact that may rest on an assumption: a `Value`, a `Callee`, a `Reach`."""

    @property
    def assumed(self) -> bool: ...
    @property
    def reasons(self) -> tuple[Reason, ...]: ...


@dataclass(frozen=True)
class Problem:
    """What `match` yields: a node, what is wrong with it, and the facts the claim rests on.

    Confidence and secondary locations of the finding come from `because`, never from the rule's own guess.
    `effects`, `severity` and `gb_ids` narrow the rule's own for this occurrence when given. `since` is an earlier
    place where what is wrong begins (the assignment that makes a flag a tensor): the range shown starts there when
    it stays within a few lines. `whole_frame`: Dynamo gives the frame up there. `fixable`: False where the syntax alone
    tells that the rule's fix would decline; nothing is then parsed for it.
    """

    node: ast.AST
    message: str
    because: tuple[Assumable, ...] = ()
    suggestion: str = ""
    effects: tuple[Effect, ...] = ()
    severity: Severity | None = None
    gb_ids: tuple[str, ...] = ()
    since: ast.AST | None = None
    fixable: bool = True
    whole_frame: bool = False


Match = Callable[..., Iterator[Problem]]


def assumption(text: str, node: ast.AST, facts: Facts) -> Value:
    """A fact for `because` that says what a claim takes for granted: the finding is then `likely`, not `certain`."""
    return Value(Kind.UNKNOWN, (Reason(text, facts.path, getattr(node, "lineno", 0)),), assumed=True)


def breaks(
    node: ast.AST,
    message: str,
    facts: Facts,
    because: tuple[Assumable, ...] = (),
    suggestion: str = "",
    effects: tuple[Effect, ...] = (),
    gb_ids: tuple[str, ...] = (),
    since: ast.AST | None = None,
    fixable: bool = True,
) -> Problem:
    """A problem of a node that breaks the graph: where the surroundings give up more than one graph, it says so.

    A break inside a `for` body, a `try`, a generator expression or a foreign `with` leaves no graph at all of the frame
    (GB7000), one in a comprehension none of the comprehension. The message names the construct and its line, and the
    severity is `ERROR`.
    """
    amplifier = facts.amplifier(node)
    severity = None
    if amplifier is not None:
        severity = Severity.ERROR
        given_up = "the whole frame then runs eagerly" if amplifier.whole_frame else "no element is captured"
        message += f"; inside the `{amplifier.kind}` of line {amplifier.line} {given_up}"
    whole_frame = amplifier is not None and amplifier.whole_frame
    return Problem(node, message, because, suggestion, effects, severity, gb_ids, since, fixable, whole_frame)


@dataclass(frozen=True)
class Rule:
    """The metadata of a rule, readable with neither libcst nor torch.

    code: stable, "BC101". name: kebab-case, names the pattern, never the remedy.
    versions: PEP 440 specifier of the torch releases in which the effect holds; a finding is reported when the
        target torch (or any admitted minor release) is inside.
    requires: further libraries and their specifiers, as {"einops": "<0.7"}; silent when the library's version is
        unknown.
    calls: qualified names of callables, exact ("torch.Tensor.item") or a prefix ending in ".*" ("logging.*");
        `match` is asked about a call only when its callee is one of them.
    nodes: other node classes `match` is asked about. A rule names calls, nodes or both.
    kind: of the nodes only those are asked about whose value is of this kind.
    attributes: of attributes (`nodes=(ast.Attribute,)`) only those of these names are asked about, read or assigned.
    host: `match` is asked about the calls of the whole file, also those that no compiled region reaches (building a
        model, a training loop); only callees found through imports have a name there, and no value is known.
    """

    code: str
    name: str
    summary: str
    severity: Severity
    effects: tuple[Effect, ...]
    versions: str
    gb_ids: tuple[str, ...] = ()
    calls: tuple[str, ...] = ()
    nodes: tuple[type[ast.AST], ...] = ()
    kind: Kind | None = None
    attributes: tuple[str, ...] = ()
    requires: dict[str, str] = field(default_factory=dict)
    applies: tuple[str, ...] = ("eager", "inductor")
    matrix: tuple[str, ...] = ()  # rows of the measured table (`breakcheck rule CODE` prints them)
    aliases: tuple[str, ...] = ()
    default: bool = True  # reported without being selected; XLA and CUDA-graph profiles are opt-in
    host: bool = False

    def __post_init__(self) -> None:
        if not self.calls and not self.nodes:
            raise ValueError(f"rule {self.code} names neither calls nor nodes, so it would never be asked")
        by_kind = [node for node in self.nodes if issubclass(node, ast.expr) and node is not ast.expr]
        if self.kind is not None and (not by_kind or len(by_kind) < len(self.nodes)):
            raise ValueError(
                f"rule {self.code} asks by the kind of a value, which classes of expressions have"
            )
        if self.attributes and (self.nodes != (ast.Attribute,) or self.kind is not None):
            raise ValueError(
                f"rule {self.code} names attributes: it can only be asked about attributes, of any kind"
            )
        if self.host and self.nodes:
            raise ValueError(f"rule {self.code} is about host code, where it can only be asked about calls")
