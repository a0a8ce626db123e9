"""The one vocabulary of the linter, the runtime check and the reports: plain data, no behaviour of rules."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum


class Severity(str, Enum):
    """How much a finding costs the model: an `ERROR` ends a graph or fails, a `WARNING` slows, `INFO` informs."""

    ERROR = "error"
    WARNING = "warning"
    INFO = "info"


class Confidence(str, Enum):
    """`CERTAIN` when every fact behind the finding was derived, `LIKELY` when one was assumed."""

    CERTAIN = "certain"
    LIKELY = "likely"


class Effect(str, Enum):
    """What a pattern does to a compiled model, as the runtime half observes it."""

    GRAPH_BREAK = "graph-break"  # the graph ends here and another begins (or the frame is given up)
    ERROR = "error"  # eager works, the compiled call raises
    RECOMPILE = "recompile"  # compiled again beyond the one dynamic-shape recompile
    RECOMPILE_LIMIT = "recompile-limit"  # recompiles until Dynamo gives up and runs the frame eagerly
    FALLBACK = "fallback"  # captured, but Inductor generates no code for it
    SYNC = "sync"  # the host waits for the device
    CUDAGRAPH_SKIP = "cudagraph-skip"  # CUDA graphs are skipped or split
    XLA = "xla"  # refused or made slow by XLA


class Applicability(str, Enum):
    """`SAFE` edits give the same result for every input; `UNSAFE` ones need a look."""

    SAFE = "safe"
    UNSAFE = "unsafe"


@dataclass(frozen=True, order=True)
class Location:
    """A range in a file; lines and columns are 1-based, the end column is exclusive, as in LSP plus one."""

    path: str
    line: int
    column: int
    end_line: int
    end_column: int


@dataclass(frozen=True)
class Edit:
    """Replace the text of a range (1-based, end exclusive) by `content`."""

    line: int
    column: int
    end_line: int
    end_column: int
    content: str


@dataclass(frozen=True)
class Fix:
    """A rewrite of the source; `message` is an imperative title such as "Drop `.item()`"."""

    applicability: Applicability
    message: str
    edits: tuple[Edit, ...]


@dataclass(frozen=True)
class Note:
    """A second place that explains a finding: where a value became a tensor, who calls this function."""

    path: str
    line: int
    message: str


@dataclass(frozen=True)
class Finding:
    """One cause at one place in the source, in the terms of one rule."""

    code: str
    name: str
    claim: str  # what is wrong here, whatever comes before it
    location: Location
    symbol: str  # "package.module:Class.forward"
    severity: Severity
    confidence: Confidence
    effects: tuple[Effect, ...]
    gb_ids: tuple[str, ...] = ()
    versions: str = ""  # PEP 440 specifier of the torch releases in which the effect was measured
    call_path: tuple[str, ...] = ()  # symbols from the traced root to this function
    notes: tuple[Note, ...] = ()
    suggestion: str = ""  # what to write instead, in one sentence
    fix: Fix | None = field(default=None, compare=False)
    url: str = ""
    behind: int | None = None  # line of a break before it, at which Dynamo gives up the function's frame

    @property
    def message(self) -> str:
        """What is wrong, in one line."""
        return self.claim if self.behind is None else f"{self.claim} (once line {self.behind} is cured)"
