"""What was seen while compiled code ran: plain frozen data, each with `to_dict()` for JSON."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields, is_dataclass
from enum import Enum
from typing import Any


class BreakKind(str, Enum):
    """How a graph ended."""

    PARTIAL = "partial"  # the frame was split at this line and goes on in another graph
    FRAME_SKIPPED = "frame_skipped"  # the whole frame runs eagerly, what follows in it was never traced
    ERROR = "error"  # the compiled call raised
    RECOMPILE_LIMIT = "recompile_limit"  # compiled too often: the frame runs eagerly from here on


class GuardClass(str, Enum):
    """What changed between two calls so that the code was compiled again."""

    SIZE = "size"
    ZERO_ONE = "0/1 specialisation"
    DTYPE = "dtype"
    DEVICE = "device"
    STRIDE = "stride or layout"
    REQUIRES_GRAD = "requires_grad"
    GRAD_MODE = "grad mode"
    INT_ATTRIBUTE = "int attribute"
    PYTHON_VALUE = "Python scalar argument"
    IDENTITY = "object identity"
    CONTAINER = "container length or keys"
    GLOBAL_STATE = "global state"
    OTHER = "other"


class Signal(str, Enum):
    """Where the events came from."""

    STRUCTURED_TRACE = "structured trace"
    COUNTERS = "counters and error_on_graph_break"


@dataclass(frozen=True)
class Frame:
    """One frame of a user stack; `path` is absolute, `line` 1-based."""

    path: str
    line: int
    function: str
    source: str = ""


@dataclass(frozen=True)
class BreakSite:
    """One distinct place where a graph ends, collapsed over repetitions.

    path, line, function, source: of the innermost frame that is neither torch nor the standard library;
        `function` is qualified within its file ("Block.forward"). path is absolute.
    gb_id: "GB0059", or "" when torch gives none. gb_type: its first line of text.
    owner: distribution the file belongs to, "user" for files outside site-packages and modules of torch's own that are
        compiled themselves, "torch" for what the allow list holds.
    torch_location: innermost frame at all, when it is another one ("path:line").
    count: how often Dynamo reported it while compiling. executions_per_call: how often it was executed in one warm
        call (None: not observed).
    hides: for skipped frames, the lines (first, last) that ran eagerly and were never analysed; they belong to
        `hides_function` in `hides_path`, which is this function or one that called it.
    """

    gb_id: str
    gb_type: str
    path: str
    line: int
    function: str
    source: str
    reason: str
    kind: BreakKind
    owner: str
    user_stack: tuple[Frame, ...] = ()
    torch_location: str = ""
    count: int = 1
    executions_per_call: int | None = None
    hides: tuple[int, int] | None = None
    hides_path: str = ""
    hides_function: str = ""
    hints: tuple[str, ...] = ()
    call: int = 0

    @property
    def key(self) -> tuple[str, str, str, str]:
        """Identity that survives edits elsewhere: GB id (or type), path, function, source without spacing."""
        return (self.gb_id or self.gb_type, self.path, self.function, " ".join(self.source.split()))


@dataclass(frozen=True)
class Recompile:
    """One compilation of a frame beyond its first; `guard` is the check that failed, newest first in `guards`."""

    guard: str
    guard_class: GuardClass
    path: str
    line: int
    function: str
    call: int
    frame_id: str
    subject: str = ""  # the guarded expression, "L['x']" or "self.step"
    source_line: int = 0  # user line the guard names, 0 when it names none
    guards: tuple[str, ...] = ()
    owner: str = "user"


@dataclass(frozen=True)
class LimitHit:
    """A frame that was compiled so often that Dynamo gave it up."""

    path: str
    line: int
    function: str
    reason: str
    call: int
    owner: str = "user"


@dataclass(frozen=True)
class CallError:
    """An exception out of a compiled call. `eager_raises` tells whether the uncompiled model raises too."""

    type: str
    message: str
    path: str
    line: int
    function: str
    source: str
    call: int
    owner: str = "user"
    gb_id: str = ""
    user_stack: tuple[Frame, ...] = ()
    eager_raises: bool | None = None
    phase: str = "forward"


@dataclass(frozen=True)
class GraphInfo:
    """One captured graph. lines: (path, line) of user code that its ops come from, callers included."""

    compile_id: str
    function: str
    path: str
    first_line: int
    op_count: int
    ops: tuple[str, ...]
    lines: tuple[tuple[str, int], ...]
    call: int
    compile_seconds: float = 0.0


@dataclass(frozen=True)
class SkippedFrame:
    """A function that ran eagerly as a whole although it was to be compiled."""

    path: str
    first_line: int
    last_line: int
    function: str
    reason: str
    owner: str = "user"


@dataclass(frozen=True)
class FallbackSite:
    """An op that Inductor called out for instead of generating code."""

    op: str
    path: str
    line: int
    function: str
    source: str
    reason: str  # "complex dtype" or "no lowering"
    owner: str = "user"
    count: int = 1
    user_stack: tuple[Frame, ...] = ()


@dataclass(frozen=True)
class Observation:
    """Everything seen in one run of a scenario; `outputs` is the last call's result (not part of JSON)."""

    breaks: tuple[BreakSite, ...] = ()
    recompiles: tuple[Recompile, ...] = ()
    limits: tuple[LimitHit, ...] = ()
    errors: tuple[CallError, ...] = ()
    graphs: tuple[GraphInfo, ...] = ()
    skipped_frames: tuple[SkippedFrame, ...] = ()
    fallbacks: tuple[FallbackSite, ...] = ()
    calls: int = 0
    warmup: int = 1
    backend: str = ""
    signal: Signal = Signal.STRUCTURED_TRACE
    disabled_by: str = ""  # why nothing could be compiled at all, "" when nothing stood in the way
    notes: tuple[str, ...] = ()
    compile_seconds: float = 0.0
    cudagraph_skips: tuple[str, ...] = ()
    outputs: Any = field(default=None, compare=False, repr=False)

    @property
    def op_count(self) -> int:
        """Ops captured in all graphs together."""
        return sum(graph.op_count for graph in self.graphs)

    @property
    def executed_per_call(self) -> int | None:
        """Breaks executed in one warm call, None when no site was counted."""
        counted = [site.executions_per_call for site in self.breaks if site.executions_per_call is not None]
        return sum(counted) if counted or not self.breaks else None

    def to_dict(self) -> dict[str, Any]:
        """JSON-ready form without `outputs`."""
        data = to_plain(self, skip=("outputs",))
        assert isinstance(data, dict)
        return data


def to_plain(value: Any, skip: tuple[str, ...] = ()) -> Any:
    """`value` with dataclasses as dicts, enums as values and tuples as lists."""
    if is_dataclass(value) and not isinstance(value, type):
        return {f.name: to_plain(getattr(value, f.name)) for f in fields(value) if f.name not in skip}
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, Mapping):
        return {str(key): to_plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [to_plain(item) for item in value]
    return value
