"""Events in, sites out: what each record of the structured trace says about the user's code."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from breakcheck.runtime.guards import classify, source_line_of, subject_of, without_comment
from breakcheck.runtime.observation import (
    BreakKind,
    BreakSite,
    Frame,
    GraphInfo,
    LimitHit,
    Recompile,
    SkippedFrame,
)
from breakcheck.runtime.places import (
    TORCH,
    USER,
    below_engine,
    function_range,
    innermost_user,
    is_foreign,
    owner_of,
    plain_name,
    qualified_function,
    source_line,
)
from breakcheck.runtime.torch_breaks import is_known_torch_break
from breakcheck.runtime.trace import Event, parse_reasons

_FRAME = re.compile(r'^\s*File "(?P<path>[^"]+)", line (?P<line>\d+)(?:, in (?P<name>[^\n,]+))?[^\n]*$', re.M)
_GB_ID = re.compile(r"/gb/gb(\d{4,})\.html", re.I)
_NOT_RESUMABLE = (
    "failed to handle graph break gracefully",
    "cannot properly resume",
    "skipping frame",
    "which results in a skip",
)
_LIMIT = re.compile(r"recompile_?limit|cache_size_limit", re.I)
_STACK_START = ("User code traceback:", "in the following user code:", "from user code:")


def parse_stack(text: str) -> tuple[Frame, ...]:
    """Frames (outermost first) of a traceback printed by Python or torch."""
    frames = []
    for match in _FRAME.finditer(text):
        path, line = match["path"], int(match["line"])
        frames.append(Frame(path, line, plain_name(match["name"] or ""), source_line(path, line)))
    return tuple(frames)


def user_stack_of(text: str) -> tuple[Frame, ...]:
    """Frames of the user's code in the text of a graph break, without torch's own traceback below it."""
    for marker in _STACK_START:
        if marker in text:
            part = text.split(marker, 1)[1]
            for end in (
                "\n\nTraceback (most recent call last)",
                "\n\nNoneType: None",
                "\n\nSet TORCHDYNAMO",
                "\nNOTE: ",
            ):
                part = part.split(end, 1)[0]
            return parse_stack(part)
    return ()


def gb_id_of(text: str) -> str:
    """The first graph break id named in a text, "GB0059"; "" when there is none."""
    match = _GB_ID.search(text)
    return f"GB{match[1]}" if match else ""


def reason_of(text: str) -> tuple[str, str, tuple[str, ...]]:
    """(type, explanation, hints) out of the text of a graph break."""
    body = text.split("Graph Break Reason:", 1)[-1]
    if body.startswith("Traceback (most recent call last)"):
        # A frame given up without an event of its own: the exception's text says why.
        body = re.split(r"^torch\._dynamo\.exc\.\w+: ", body, flags=re.M)[-1]
    body = body.split("\n\nUser code traceback", 1)[0].split("\nfrom user code:", 1)[0]
    if "\n\n" in body and body.lstrip().startswith(
        ("Encountered graph break", "Failed to handle graph break")
    ):
        body = body.split("\n\n", 1)[1]
    body = body.split("*** While handling this graph break", 1)[0].strip()
    lines = body.splitlines()
    gb_type = lines[0].strip() if lines else ""
    explanation = re.search(
        r"Explanation: (.*?)(?=\n\s*Hint: |\n\s*\n|\n\s*Developer debug context|\Z)", body, re.S
    )
    hints = tuple(
        " ".join(hint.split())
        for hint in re.findall(
            r"Hint: (.*?)(?=\n\s*Hint: |\n\s*\n|\n\s*Developer debug context|\Z)", body, re.S
        )
    )
    return gb_type, " ".join((explanation[1] if explanation else gb_type).split()), hints


def break_site(event: Event, kind: BreakKind, piece: Frame | None = None) -> BreakSite:
    """The site of one graph break (or of a frame given up) as the user sees it.

    piece: the code being compiled, which is what a skipped frame hides: the site's own function or a caller of it.
    """
    text = event.text
    stack = below_engine(_with_callers(user_stack_of(text), event.data.get("real_stack", [])))
    gb_type, reason, hints = reason_of(text)
    gb_type = gb_type if gb_id_of(text) or not event.data.get("gb_type") else str(event.data["gb_type"])
    site = _site(stack, gb_id_of(text), gb_type, reason, hints, kind, event.call)
    if kind is not BreakKind.FRAME_SKIPPED:
        return site
    if piece is None or is_foreign(piece.path):
        piece = Frame(site.path, site.line, site.function)
    return replace(
        site,
        hides=_hidden_lines(piece, stack),
        hides_path=piece.path,
        hides_function=qualified_function(piece.path, piece.line, piece.function),
    )


def _with_callers(shown: tuple[Frame, ...], traced: Sequence[tuple[str, int, str, str]]) -> tuple[Frame, ...]:
    """The stack of a break's text, whose end are the frames that Dynamo traced, with those that torch left out of it.

    torch shows one frame for several in a row of one name, meant for resume functions (`collapse_resume_frames` in
    torch/_dynamo/exc.py, 2.9 to 2.15): a model's `forward` that calls a layer's `forward` is missing there.
    """
    frames = tuple(Frame(path, line, plain_name(name), source) for path, line, name, source in traced)
    left = [
        frame
        for i, frame in enumerate(frames)
        if i + 1 == len(frames) or frames[i + 1].function != frame.function
    ]
    if not shown or not frames:
        return shown or frames
    ends = shown[-len(left) :]
    same = [(f.path, f.line) for f in ends] == [(f.path, f.line) for f in left]
    return shown[: -len(left)] + frames if same else shown


def _hidden_lines(piece: Frame, stack: Sequence[Frame]) -> tuple[int, int]:
    """First and last line of a piece of code; of a resume function only those after the break it goes on from."""
    first, last = function_range(piece.path, piece.line)
    resumed_after = piece.function.rsplit("_at_", 1)[-1]
    if piece.function.startswith("torch_dynamo_resume_in_") and resumed_after.isdigit():
        name = plain_name(piece.function)
        reached = [f.line for f in stack if (f.path, plain_name(f.function)) == (piece.path, name)]
        first = min(int(resumed_after) + 1, last, *reached)
    return first, last


def _site(
    stack: tuple[Frame, ...],
    gb_id: str,
    gb_type: str,
    reason: str,
    hints: tuple[str, ...],
    kind: BreakKind,
    call: int,
) -> BreakSite:
    place = innermost_user(stack) or (stack[-1] if stack else Frame("", 0, ""))
    inner = stack[-1] if stack else place
    owner = owner_of(place.path) if place.path else USER
    if is_known_torch_break(gb_id, inner.path, inner.function):
        owner = TORCH
    elif owner == TORCH:
        owner = USER  # of a module of torch's own that is compiled itself
    return BreakSite(
        gb_id=gb_id,
        gb_type=gb_type,
        path=place.path,
        line=place.line,
        function=qualified_function(place.path, place.line, place.function),
        source=place.source or source_line(place.path, place.line),
        reason=reason,
        kind=kind,
        owner=owner,
        user_stack=stack,
        torch_location="" if inner == place else f"{inner.path}:{inner.line}",
        hints=hints,
        call=call,
    )


def collapse(sites: Sequence[BreakSite]) -> tuple[BreakSite, ...]:
    """Sites merged by identity, in order of first appearance; counts add up, the gravest kind stays."""
    order = [BreakKind.PARTIAL, BreakKind.RECOMPILE_LIMIT, BreakKind.FRAME_SKIPPED, BreakKind.ERROR]
    merged: dict[tuple[object, ...], BreakSite] = {}
    for site in sites:
        key = (*site.key, site.line)
        old = merged.get(key)
        if old is None:
            merged[key] = site
        else:
            kind = max(old.kind, site.kind, key=order.index)
            hiding = old if old.hides else site
            merged[key] = replace(
                old,
                count=old.count + site.count,
                kind=kind,
                hides=hiding.hides,
                hides_path=hiding.hides_path,
                hides_function=hiding.hides_function,
            )
    return tuple(merged.values())


def break_sites(events: Sequence[Event]) -> tuple[BreakSite, ...]:
    """All distinct break sites: graph-break events and frames given up without one."""
    gave_up = {(event.frame, event.attempt) for event in events if event.kind == "gave_up"}
    failed = {
        event.frame: event.data for event in events if event.kind == "metrics" and event.data.get("fail_type")
    }
    # torch 2.9 says nothing when a break in a loop costs the frame; that no code came out of it, its metrics do.
    codeless = {
        event.frame
        for event in events
        if event.kind == "metrics" and event.data.get("has_guarded_code") is False
    }
    explained: set[str] = set()
    compiling = {
        event.frame: _code_of(event.data["stack"][-1])
        for event in events
        if event.kind == "start" and event.data.get("stack")
    }
    sites = []
    for event in events:
        if event.kind == "break":
            lowered = event.text.lower()
            marked = any(mark in lowered for mark in _NOT_RESUMABLE)
            skipped = marked or (event.frame, event.attempt) in gave_up or event.frame in codeless
            explained.add(event.frame) if skipped else None
            kind = BreakKind.FRAME_SKIPPED if skipped else BreakKind.PARTIAL
            sites.append(break_site(event, kind, compiling.get(event.frame)))
    for event in events:
        if event.kind != "gave_up" or event.frame in explained:
            continue
        metrics = failed.get(event.frame, {})
        if _LIMIT.search(str(metrics.get("fail_reason") or "")) or is_hard_error(
            event, metrics.get("fail_type")
        ):
            continue
        explained.add(event.frame)
        sites.append(break_site(event, BreakKind.FRAME_SKIPPED, compiling.get(event.frame)))
    return collapse(sites)


def _code_of(frame: Mapping[str, Any]) -> Frame:
    return Frame(str(frame.get("filename", "")), int(frame.get("line") or 0), str(frame.get("name", "")))


def pieces(events: Sequence[Event]) -> dict[tuple[object, ...], set[tuple[str, str]]]:
    """For each site (identity and line) the code objects, as (path, name), whose run ends at that break.

    Left out are sites after which a resume function was started: those are counted by its entries.
    """
    starts = {event.frame: event.data.get("stack", []) for event in events if event.kind == "start"}
    codes = {
        frame: (str(s[-1].get("filename", "")), str(s[-1].get("name", "")))
        for frame, s in starts.items()
        if s
    }
    resumed = {(path, name) for path, name in codes.values() if name.startswith("torch_dynamo_resume_in_")}
    found: dict[tuple[object, ...], set[tuple[str, str]]] = {}
    for event in events:
        if event.kind != "break" or event.frame not in codes:
            continue
        site = break_site(event, BreakKind.PARTIAL)
        path, name = codes[event.frame]
        function = plain_name(site.function)
        if (path, f"torch_dynamo_resume_in_{function}_at_{site.line}") in resumed:
            continue
        if path == site.path and plain_name(name) == function:
            found.setdefault((*site.key, site.line), set()).add((path, name))
    return found


def is_hard_error(event: Event, fail_type: object) -> bool:
    """Whether a frame given up also raised: only `Unsupported`, `UserError` and skips are swallowed by Dynamo."""
    name = str(event.data.get("exception") or fail_type or "")
    return name.rsplit(".", 1)[-1] not in (
        "Unsupported",
        "UserError",
        "SkipFrame",
        "UncapturedHigherOrderOpError",
        "",
    )


def _frame_stack(event: Event) -> tuple[Frame, ...]:
    return tuple(
        Frame(str(f.get("filename", "")), int(f.get("line") or 0), plain_name(str(f.get("name", ""))))
        for f in event.data.get("stack", [])
    )


def recompiles(events: Sequence[Event]) -> tuple[Recompile, ...]:
    """Every compilation of a frame after its first, with the guard that failed.

    A resume function compiled anew for a changed value counts for its own line, as Dynamo counts it.
    """
    starts = {event.frame: event for event in events if event.kind == "start"}
    found = []
    for event in events:
        if event.kind != "recompile":
            continue
        reasons = parse_reasons(event.text)
        if not reasons:
            continue
        start = starts.get(event.frame) or starts.get(event.frame.split("/")[0] + "/0")
        stack = _frame_stack(start) if start is not None else ()
        own = stack[-1] if stack else Frame("", 0, "")
        guard = without_comment(reasons[0])
        place = own
        if is_foreign(own.path):
            place = innermost_user(below_engine(stack)) or own
        found.append(
            Recompile(
                guard=guard,
                guard_class=classify(guard),
                path=place.path,
                line=place.line,
                function=qualified_function(place.path, place.line, place.function),
                call=event.call,
                frame_id=event.frame,
                subject=subject_of(guard),
                source_line=source_line_of(reasons[0]),
                guards=tuple(without_comment(reason) for reason in reasons),
                owner=owner_of(place.path) if place.path else "torch",
            )
        )
    return tuple(found)


def limits(events: Sequence[Event]) -> tuple[LimitHit, ...]:
    """Frames that Dynamo gave up because they were compiled too often: no break artifact is emitted for these.

    The event that says so names no code (measured on 2.13), earlier compilations of the same frame do.
    """
    code_of = {
        event.frame.split("/")[0]: event.data
        for event in events
        if event.kind == "metrics" and event.data.get("co_filename")
    }
    found: dict[tuple[str, int], LimitHit] = {}
    for event in events:
        reason = str(event.data.get("fail_reason") or "") if event.kind == "metrics" else ""
        if not _LIMIT.search(reason):
            continue
        code = event.data if event.data.get("co_filename") else code_of.get(event.frame.split("/")[0], {})
        path, line = str(code.get("co_filename") or ""), int(code.get("co_firstlineno") or 0)
        name = qualified_function(path, line, str(code.get("co_name") or ""))
        owner = owner_of(path) if path else "torch"
        found.setdefault((path, line), LimitHit(path, line, name, reason.splitlines()[0], event.call, owner))
    return tuple(found.values())


def skipped_frames(sites: Sequence[BreakSite], hits: Sequence[LimitHit]) -> tuple[SkippedFrame, ...]:
    """Functions that ran eagerly as a whole, by the sites and limits that caused it."""
    found: dict[tuple[str, int], SkippedFrame] = {}
    for site in sites:
        if site.hides is not None:
            first, last = site.hides
            found.setdefault(
                (site.hides_path, first),
                SkippedFrame(
                    site.hides_path, first, last, site.hides_function, site.gb_type, owner_of(site.hides_path)
                ),
            )
    for hit in hits:
        first, last = function_range(hit.path, hit.line)
        found.setdefault(
            (hit.path, first), SkippedFrame(hit.path, first, last, hit.function, hit.reason, hit.owner)
        )
    return tuple(found.values())


def graphs(events: Sequence[Event]) -> tuple[GraphInfo, ...]:
    """The captured graphs in order, with the user's lines their ops come from."""
    starts = {event.frame: event for event in events if event.kind == "start"}
    metrics = {event.frame: event.data for event in events if event.kind == "metrics"}
    found = []
    for event in events:
        if event.kind != "graph":
            continue
        traces = [op.stack_trace for op in event.ops] or [_comments_as_stack(event.text)]
        lines: dict[tuple[str, int], None] = {}
        for trace in traces:
            for frame in parse_stack(trace):
                if not is_foreign(frame.path):
                    lines[(frame.path, frame.line)] = None
        stack = _frame_stack(starts[event.frame]) if event.frame in starts else ()
        own = stack[-1] if stack else Frame("", 0, "")
        data = metrics.get(event.frame, {})
        ops = tuple(op.op for op in event.ops)
        found.append(
            GraphInfo(
                compile_id=event.frame,
                function=qualified_function(own.path, own.line, own.function),
                path=own.path,
                first_line=own.line,
                op_count=len(ops) or int(data.get("graph_op_count") or 0),
                ops=ops,
                lines=tuple(sorted(lines)),
                call=event.call,
                compile_seconds=float(data.get("entire_frame_compile_time_s") or 0.0),
            )
        )
    return tuple(found)


def _comments_as_stack(text: str) -> str:
    """The "# File: PATH:LINE in NAME" comments of a printed graph, as the lines of a traceback."""
    found = re.findall(r"# File: (\S+):(\d+) in (\w+)", text)
    return "\n".join(f'  File "{path}", line {line}, in {name}' for path, line, name in found)
