"""What compiled code is expected to do: thresholds as numbers or expressions ("breaks<=2"). Imports no torch."""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from breakcheck.errors import BreakcheckError

QUANTITIES = ("breaks", "recompiles", "graphs", "ops")
DEFAULT = "breaks<=0, recompiles<=0"

_COMPARE: dict[str, Callable[[int, int], bool]] = {
    "==": operator.eq,
    "<=": operator.le,
    ">=": operator.ge,
    "<": operator.lt,
    ">": operator.gt,
}
_EXPRESSION = re.compile(r"^\s*(?P<name>[a-z_]*)\s*(?P<op>==|<=|>=|<|>)?\s*(?P<limit>\d+)\s*$")


class ExpectationError(BreakcheckError):
    """An expectation cannot be read: the message gives it, the rule and the known names."""


@dataclass(frozen=True)
class Threshold:
    """One bound on one counted quantity, "breaks<=0"."""

    quantity: str
    op: str
    limit: int

    def holds(self, value: int) -> bool:
        """Whether a counted value meets the bound."""
        return _COMPARE[self.op](value, self.limit)

    def __str__(self) -> str:
        return f"{self.quantity}{self.op}{self.limit}"


@dataclass(frozen=True)
class Expectations:
    """The bounds that hold for a test or block, at most one a quantity."""

    thresholds: tuple[Threshold, ...] = ()

    def of(self, quantity: str) -> Threshold | None:
        """The bound on a quantity, None when it is free."""
        return next((bound for bound in self.thresholds if bound.quantity == quantity), None)

    @property
    def wants_graphs(self) -> bool:
        """Whether compiling nothing at all would leave a claim empty.

        A claim on recompiles alone holds in a block that only runs code compiled before it; a bound on graphs says
        itself whether none is fine.
        """
        graphs = self.of("graphs")
        if graphs is not None:
            return not graphs.holds(0)
        return self.of("breaks") is not None or self.of("ops") is not None

    @property
    def wants_fresh_code(self) -> bool:
        """Whether a bound speaks about compiling as such, not about compiling again alone."""
        return any(bound.quantity != "recompiles" for bound in self.thresholds)

    def updated(self, newer: Expectations) -> Expectations:
        """These bounds with those of `newer` in place of their own."""
        merged = {bound.quantity: bound for bound in (*self.thresholds, *newer.thresholds)}
        return Expectations(tuple(merged.values()))

    def __str__(self) -> str:
        return ", ".join(map(str, self.thresholds))


def parse_expectations(
    expressions: Iterable[object] = (), quantities: Mapping[str, object] | None = None
) -> Expectations:
    """The bounds of texts ("breaks<=2, graphs==1") and of keywords (breaks=2, recompiles="<=1").

    A bare number is a budget for breaks and recompiles (at most), and exact for graphs and ops.
    Raises ExpectationError for an unknown name or a bound that is no expression.
    """
    bounds: dict[str, Threshold] = {}
    for expression in expressions:
        if not isinstance(expression, str):
            raise ExpectationError(f'an expectation is a text such as "breaks<=2", got {expression!r}')
        for part in filter(None, (piece.strip() for piece in expression.split(","))):
            bound = _parse(part, "")
            bounds[bound.quantity] = bound
    for name, value in (quantities or {}).items():
        if value is not None:
            bounds[name] = _parse(value, name)
    return Expectations(tuple(bounds.values()))


def _parse(value: object, name: str) -> Threshold:
    if name and name not in QUANTITIES:
        raise ExpectationError(f"unknown expectation {name!r}; known: {', '.join(QUANTITIES)}")
    if isinstance(value, bool) or not isinstance(value, (int, str)):
        raise ExpectationError(f'{name} must be a number or an expression such as "<=2", got {value!r}')
    match = _EXPRESSION.match(str(value))
    if match is None:
        raise ExpectationError(
            f'{name or "expectation"} must read like "{name or "breaks"}<=2", got {value!r}'
        )
    quantity = match["name"] or name
    if quantity not in QUANTITIES:
        raise ExpectationError(f"unknown expectation {quantity or value!r}; known: {', '.join(QUANTITIES)}")
    if name and quantity != name:
        raise ExpectationError(f"{name} is given a bound on {quantity}: {value!r}")
    default = "==" if quantity in ("graphs", "ops") else "<="
    return Threshold(quantity, match["op"] or default, int(match["limit"]))
