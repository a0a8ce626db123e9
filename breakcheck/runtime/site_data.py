"""Observed sites as report data: the keys of ARCHITECTURE's schema, paths relative to the working directory."""

from __future__ import annotations

from typing import Any

from breakcheck.runtime.observation import (
    BreakSite,
    CallError,
    FallbackSite,
    Frame,
    GraphInfo,
    LimitHit,
    Recompile,
    SkippedFrame,
)
from breakcheck.runtime.places import display_path


def frame_dict(frame: Frame) -> dict[str, Any]:
    """One frame of a user stack."""
    return {
        "file": display_path(frame.path),
        "line": frame.line,
        "function": frame.function,
        "source": frame.source,
    }


def site_dict(site: BreakSite) -> dict[str, Any]:
    """A graph break. `rule` is filled in by `breakcheck.join`; `status`: new | allowed | baseline | waived."""
    return {
        "gb_id": site.gb_id,
        "gb_type": site.gb_type,
        "rule": None,
        "file": display_path(site.path),
        "line": site.line,
        "function": site.function,
        "source": site.source,
        "reason": site.reason,
        "hints": list(site.hints),
        "kind": site.kind.value,
        "owner": site.owner,
        "status": "allowed" if site.owner == "torch" else "new",
        "count": site.count,
        "executions_per_call": site.executions_per_call,
        "hides": list(site.hides) if site.hides else None,
        "hides_file": display_path(site.hides_path) if site.hides else "",
        "hides_function": site.hides_function,
        "torch_location": site.torch_location,
        "user_stack": [frame_dict(frame) for frame in site.user_stack],
        "call": site.call,
    }


def error_dict(error: CallError) -> dict[str, Any]:
    """A compiled call that raised, in the form of a break site of kind "error"."""
    return {
        "gb_id": error.gb_id,
        "gb_type": error.type,
        "rule": None,
        "file": display_path(error.path) if error.path else "",
        "line": error.line,
        "function": error.function,
        "source": error.source,
        "reason": error.message,
        "hints": [],
        "kind": "error",
        "owner": error.owner,
        "status": "new",
        "count": 1,
        "executions_per_call": None,
        "hides": None,
        "torch_location": "",
        "user_stack": [frame_dict(frame) for frame in error.user_stack],
        "call": error.call,
        "eager_raises": error.eager_raises,
        "phase": error.phase,
    }


def limit_dict(hit: LimitHit) -> dict[str, Any]:
    """A frame given up at the recompile limit."""
    return {
        "file": display_path(hit.path) if hit.path else "",
        "line": hit.line,
        "function": hit.function,
        "reason": hit.reason,
        "call": hit.call,
        "owner": hit.owner,
        "rule": None,
    }


def recompile_dict(item: Recompile, warmup: int) -> dict[str, Any]:
    """A recompile; `measured` says whether it fell into a call that must not compile any more."""
    return {
        "guard": item.guard,
        "class": item.guard_class.value,
        "subject": item.subject,
        "file": display_path(item.path) if item.path else "",
        "line": item.line,
        "source_line": item.source_line,
        "function": item.function,
        "call": item.call,
        "measured": item.call >= warmup,
        "frame": item.frame_id,
        "guards": list(item.guards),
        "owner": item.owner,
        "rule": None,
    }


def fallback_dict(site: FallbackSite) -> dict[str, Any]:
    """An op Inductor called out for."""
    return {
        "op": site.op,
        "file": display_path(site.path) if site.path else "",
        "line": site.line,
        "function": site.function,
        "source": site.source,
        "reason": site.reason,
        "owner": site.owner,
        "count": site.count,
        "user_stack": [frame_dict(frame) for frame in site.user_stack],
        "rule": None,
    }


def graph_dict(graph: GraphInfo) -> dict[str, Any]:
    """A captured graph; `lines` maps files to the sorted lines that its ops come from."""
    lines: dict[str, list[int]] = {}
    for path, line in graph.lines:
        lines.setdefault(display_path(path), []).append(line)
    return {
        "id": graph.compile_id,
        "function": graph.function,
        "file": display_path(graph.path) if graph.path else "",
        "first_line": graph.first_line,
        "op_count": graph.op_count,
        "ops": list(graph.ops),
        "lines": lines,
        "call": graph.call,
        "compile_seconds": graph.compile_seconds,
    }


def skipped_dict(frame: SkippedFrame) -> dict[str, Any]:
    """A function that ran eagerly as a whole."""
    return {
        "file": display_path(frame.path) if frame.path else "",
        "first_line": frame.first_line,
        "last_line": frame.last_line,
        "function": frame.function,
        "reason": frame.reason,
        "owner": frame.owner,
    }
