"""Runs any program under observation and merges what its processes compiled into one report."""

from __future__ import annotations

import os
import platform
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from breakcheck._version import __version__
from breakcheck.runtime.observation import Observation
from breakcheck.runtime.rank_merge import merged_sites, rank_note, without_ranks
from breakcheck.runtime.recording import Recorded, read_recorded
from breakcheck.runtime.site_data import (
    fallback_dict,
    graph_dict,
    limit_dict,
    recompile_dict,
    site_dict,
    skipped_dict,
)
from breakcheck.runtime.supervise import Outcome

GROUPS = ("breaks", "recompiles", "fallbacks", "limits")


def observe_program(arguments: Sequence[str], name: str) -> tuple[Outcome, int]:
    """What a program compiled (as a worker's outcome, so that it is judged alike), and its exit code.

    The program runs as `python ARGUMENTS...` with its own standard streams; each Python it starts records too.
    """
    package = Path(__file__).resolve().parents[2]
    with tempfile.TemporaryDirectory(prefix="breakcheck-run-", ignore_cleanup_errors=True) as folder:
        environment = dict(os.environ)
        inject = str(Path(__file__).with_name("inject"))
        before = environment.get("PYTHONPATH")
        environment["PYTHONPATH"] = os.pathsep.join([inject, before] if before else [inject])
        environment["BREAKCHECK_RUN_DIR"] = folder
        environment["BREAKCHECK_RUN_PACKAGE"] = str(package)
        process = subprocess.Popen([sys.executable, *arguments], env=environment)
        while True:
            try:
                code = process.wait()
                break
            except KeyboardInterrupt:
                continue  # the program got it too and decides
        recorded = read_recorded(Path(folder))
    return merged(recorded), code


def merged(recorded: Sequence[Recorded]) -> Outcome:
    """One outcome for all processes; each site says which ranks saw it when there are several."""
    from breakcheck.runtime.observe import from_events

    seen = [(one, from_events(list(one.events), [])) for one in recorded if one.events]
    sites = [(one.name, _sites(observation)) for one, observation in seen]
    groups = {group: merged_sites((name, by_group[group]) for name, by_group in sites) for group in GROUPS}
    if len(seen) < 2:
        groups = {group: [without_ranks(site) for site in found] for group, found in groups.items()}
    graphs = [
        graph_dict(graph) | {"rank": one.rank} for one, observation in seen for graph in observation.graphs
    ]
    ends = [one.end for one in recorded if one.end]
    return Outcome(raw=_raw(groups, graphs, seen, ends), done=True)


def _sites(observation: Observation) -> dict[str, list[dict[str, Any]]]:
    return {
        "breaks": [site_dict(site) for site in observation.breaks],
        "recompiles": [recompile_dict(item, 1) for item in observation.recompiles],
        "fallbacks": [fallback_dict(site) for site in observation.fallbacks],
        "limits": [limit_dict(hit) for hit in observation.limits],
    }


def _raw(
    groups: Mapping[str, list[dict[str, Any]]],
    graphs: list[dict[str, Any]],
    seen: Sequence[tuple[Recorded, Observation]],
    ends: Sequence[Mapping[str, Any]],
) -> dict[str, Any]:
    generated = any(event.kind == "code" for one, _ in seen for event in one.events)
    disabled = next((str(end["disabled_by"]) for end in ends if end["disabled_by"]), "")
    told_of = sum(int(end["graphs_counted"]) for end in ends)
    notes = [] if len(seen) < 2 else [rank_note(one.name, len(o.breaks), len(o.graphs)) for one, o in seen]
    if told_of and not graphs:
        notes.append(
            f"Dynamo counts {told_of} graphs but its structured trace told of none: this torch is not understood"
        )
    ops = sum(graph["op_count"] for graph in graphs)
    versions = [str(end["torch"]) for end in ends if end.get("torch")]
    seconds = sum(observation.compile_seconds for _, observation in seen)
    return {
        "evidence": {
            "graph_breaks": {
                "sites": groups["breaks"],
                "executed_per_call": None,
                "graphs": len(graphs),
                "ops": ops,
                "limits": groups["limits"],
                "disabled_by": disabled,
                "signal": "structured trace",
                "fullgraph_passes": None,
            },
            "recompiles": {
                # There is no warm-up in a program as it is: one recompile of a frame is dynamic shapes at work.
                "sites": [{**site, "measured": False} for site in groups["recompiles"]],
                "limits": groups["limits"],
                "calls": 0,
                "warmup": 0,
                "compiled": bool(graphs),
            },
            "fallbacks": {
                "sites": groups["fallbacks"],
                "backend": "inductor" if generated else "other than Inductor",
                "graphs": len(graphs),
            },
            "compile": {
                "cold_seconds": seconds,
                "compile_seconds": seconds,
                "warm_seconds": None,
                "graphs": len(graphs),
                "ops": ops,
                "backend": "inductor" if generated else "",
            },
        },
        "graphs": graphs,
        "skipped_frames": [
            skipped_dict(frame) for _, observation in seen for frame in observation.skipped_frames
        ],
        "environment": {
            "breakcheck": __version__,
            "torch": versions[0] if versions else "",
            "python": platform.python_version(),
            "platform": f"{sys.platform} {platform.machine()}",
            "backend": "inductor" if generated else "",
        },
        "notes": notes,
        "expect": {},
    }
