"""How often each break runs in one warm call: observed, never computed from the configuration.

A frame split at a break goes on in a resume function, so each entry of one made by the site's own frame is one
executed break; callers split too and would count twice. A site in a skipped frame counts each time its statement
runs. The observer's own functions are marked for Dynamo to skip, so that watching adds no event.
"""

from __future__ import annotations

import re
import sys
import types
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from functools import lru_cache
from typing import Any

from breakcheck.runtime.observation import BreakKind, BreakSite
from breakcheck.runtime.places import is_foreign, plain_name, statement_range

_RESUME = re.compile(r"^torch_dynamo_resume_in_(?P<name>.+)_at_(?P<line>\d+)$")
TraceFunction = Callable[[types.FrameType, str, Any], Any]


class Counts:
    """Entries of resume functions by (path, function, line), of code by (path, name), runs of statements by first line."""

    def __init__(self) -> None:
        self.resumed: Counter[tuple[str, str, int]] = Counter()
        self.entered: Counter[tuple[str, str]] = Counter()
        self.statements: Counter[tuple[str, int]] = Counter()


@lru_cache(maxsize=2048)
def _entry_offset(code: types.CodeType, first: int, last: int) -> int | None:
    """Offset of the first instruction of a statement in a code object, None when it has none."""
    offsets = [start for start, _end, line in code.co_lines() if line is not None and first <= line <= last]
    return min(offsets) if offsets else None


@contextmanager
def counting(sites: Sequence[BreakSite]) -> Iterator[Counts]:
    """Counts for what runs inside the block; the user's own profile and trace functions are put back after."""
    from torch._dynamo.eval_frame import skip_code

    counts = Counts()
    watched: dict[tuple[str, str], list[tuple[int, int]]] = {}
    for site in sites:
        if site.kind is BreakKind.FRAME_SKIPPED:
            name = plain_name(site.function)
            watched.setdefault((site.path, name), []).append(statement_range(site.path, site.line))

    def on_line(frame: types.FrameType, event: str, argument: object) -> TraceFunction:
        if event == "line":
            code = frame.f_code
            for first, last in watched_in(code):
                if first <= frame.f_lineno <= last and frame.f_lasti == _entry_offset(code, first, last):
                    counts.statements[(code.co_filename, first)] += 1
        return on_line

    def watched_in(code: types.CodeType) -> list[tuple[int, int]]:
        # A skipped frame may itself be the rest of a split one: a resume function that runs eagerly.
        return watched.get((code.co_filename, plain_name(code.co_name)), [])

    def on_call(frame: types.FrameType, event: str, argument: object) -> TraceFunction | None:
        code = frame.f_code
        counts.entered[(code.co_filename, code.co_name)] += 1
        match = _RESUME.match(code.co_name)
        if match:
            counts.resumed[(code.co_filename, plain_name(code.co_name), int(match["line"]))] += 1
        return on_line if watched and watched_in(code) else None

    own: list[Any] = [on_line, on_call, watched_in, plain_name]
    own += [_entry_offset.__wrapped__]
    for function in own:
        skip_code(function.__code__)
    before = sys.gettrace()
    sys.settrace(on_call)
    try:
        yield counts
    finally:
        sys.settrace(before)


Pieces = Mapping[tuple[object, ...], set[tuple[str, str]]]


def with_executions(sites: Sequence[BreakSite], counts: Counts, pieces: Pieces) -> tuple[BreakSite, ...]:
    """The sites with `executions_per_call` filled in from one counted warm call.

    pieces: code that ends at a site for good (`return x.item()` leaves nothing to resume): its entries count then.
    """
    return tuple(replace(site, executions_per_call=_executions(site, counts, pieces)) for site in sites)


def _executions(site: BreakSite, counts: Counts, pieces: Pieces) -> int:
    if site.kind is BreakKind.FRAME_SKIPPED:
        return counts.statements[(site.path, statement_range(site.path, site.line)[0])]
    ended = pieces.get((*site.key, site.line))
    if ended:
        return sum(counts.entered[piece] for piece in ended)
    # The innermost frame that was split counts: one that runs eagerly (a hook, a custom backward) has no resume
    # function of its own, its caller has.
    frames = [frame for frame in reversed(site.user_stack) if not is_foreign(frame.path)]
    for frame in frames:
        number = _entries(counts, frame.path, plain_name(frame.function), frame.line)
        if number:
            return number
    return _entries(counts, site.path, plain_name(site.function), site.line)


def _entries(counts: Counts, path: str, name: str, line: int) -> int:
    """Entries of resume functions made by one frame at one line, or at another line of the same statement."""
    exact = counts.resumed[(path, name, line)]
    if exact:
        return exact
    first, last = statement_range(path, line)
    return sum(
        number
        for (other, function, at), number in counts.resumed.items()
        if other == path and function == name and first <= at <= last
    )
