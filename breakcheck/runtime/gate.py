"""From evidence to verdicts: pure functions over report data, so that parent, plugin and tests judge alike."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from breakcheck.runtime.report_data import FREE, Status, Verdict

Data = Mapping[str, Any]
# Size changes are what automatic dynamic shapes answer with one recompile.
DYNAMIC = {"size", "0/1 specialisation"}


def graph_breaks(evidence: Data, max_breaks: int = 0, min_ops: int = 1) -> Verdict:
    """Fails on any gated site beyond `max_breaks`, on a skipped user frame, and when nothing was compiled.

    evidence: `sites`, `executed_per_call`, `graphs`, `ops`, `limits`, `skipped`, `disabled_by`, `compiles`.
    """
    sites = list(evidence.get("sites", []))
    gated = [site for site in sites if site["status"] not in FREE]
    limits = list(evidence.get("limits", []))
    graphs, ops = int(evidence.get("graphs", 0)), int(evidence.get("ops", 0))
    errors = [site for site in gated if site["kind"] == "error"]
    skipped = [site for site in gated if site["kind"] == "frame_skipped"]
    parts = []
    if evidence.get("disabled_by"):
        return Verdict(Status.FAIL, f"nothing can be compiled: {evidence['disabled_by']}", evidence)
    if errors:
        parts.append(counted(len(errors), "call raises compiled", "calls raise compiled"))
    breaks = len(gated) - len(errors)
    if breaks:
        executed = evidence.get("executed_per_call")
        times = f", {executed} executed per call" if executed is not None else ""
        parts.append(f"{counted(breaks, 'site', 'sites')}{times}")
    if skipped:
        parts.append(f"{counted(len(skipped), 'frame', 'frames')} skipped whole")
    if limits:
        parts.append(f"{counted(len(limits), 'frame', 'frames')} given up at the recompile limit")
    nothing = graphs == 0 or ops < min_ops
    if nothing and not errors:
        parts.append("nothing was compiled" if graphs == 0 else f"only {ops} ops captured")
    free = Counter(site["status"] for site in sites if site["status"] in FREE)
    if free:
        words = {"allowed": "inside torch (known)", "baseline": "in the baseline", "waived": "waived"}
        parts.append(", ".join(f"{number} {words[status]}" for status, number in free.items()))
    failed = bool(errors or skipped or limits or (nothing and not free)) or breaks > max_breaks
    if not failed and max_breaks and breaks:
        parts.append(f"at most {max_breaks} allowed")
    what = f"{counted(graphs, 'graph', 'graphs')}, {ops} ops"
    return Verdict(
        Status.FAIL if failed else Status.PASS,
        "; ".join(parts) if failed or parts else f"none; {what}",
        evidence,
    )


def recompiles(evidence: Data) -> Verdict:
    """Fails on a recompile in a measured call, on a second one of a frame in warm-up, or at the limit.

    evidence: `sites` (recompiles), `limits`, `calls`, `warmup`, `compiled` (whether anything was), `signal`.
    """
    sites = list(evidence.get("sites", []))
    if str(evidence.get("signal", "")).startswith("counters"):
        return Verdict(Status.NOT_CHECKED, "this torch's structured trace does not speak", evidence)
    if not evidence.get("compiled", True):
        return Verdict(
            Status.INCONCLUSIVE, "nothing was compiled, so nothing could be compiled again", evidence
        )
    measured = [site for site in sites if site["measured"]]
    warm = Counter(str(site["frame"]).split("/")[0] for site in sites if not site["measured"])
    often = sum(1 for number in warm.values() if number > 1)
    limits = list(evidence.get("limits", []))
    parts = []
    if measured:
        first = measured[0]
        why = f"{first['class']}: {first['subject'] or first['guard']}"
        parts.append(f"{counted(len(measured), 'recompile', 'recompiles')} in measured calls ({why})")
    if often:
        parts.append(f"{counted(often, 'frame', 'frames')} compiled more than twice in warm-up")
    if limits:
        parts.append("recompile limit hit")
    if parts:
        return Verdict(Status.FAIL, "; ".join(parts), evidence)
    calls = int(evidence.get("calls", 0)) - int(evidence.get("warmup", 0))
    if calls < 1:
        again = counted(len(sites), "recompile", "recompiles")
        return Verdict(Status.PASS, f"{again}, no frame twice" if sites else "none", evidence)
    extra = f"; {counted(len(sites), 'recompile', 'recompiles')} in warm-up" if sites else ""
    return Verdict(
        Status.PASS, f"none in {counted(calls, 'measured call', 'measured calls')}{extra}", evidence
    )


def fallbacks(evidence: Data) -> Verdict:
    """Fails on any op Inductor called out for on complex tensors; not checked without Inductor."""
    if evidence.get("backend") != "inductor":
        return Verdict(Status.NOT_CHECKED, f"backend {evidence.get('backend')} generates no code", evidence)
    if not evidence.get("graphs"):
        return Verdict(Status.INCONCLUSIVE, "no graph reached Inductor", evidence)
    sites = [site for site in evidence.get("sites", []) if site.get("status", "new") not in FREE]
    if not sites:
        return Verdict(Status.PASS, "none", evidence)
    ops = sorted({site["op"].removeprefix("aten.").split(".")[0] for site in sites})
    lines = len({(site["file"], site["line"]) for site in sites})
    text = (
        f"{counted(len(sites), 'op', 'ops')} on complex tensors run outside generated code ({', '.join(ops)})"
    )
    return Verdict(Status.FAIL, f"{text} at {counted(lines, 'line', 'lines')}", evidence)


def compiled(evidence: Data, errors: Sequence[Data]) -> Verdict:
    """Passes when the compiled calls ran; says how long it took cold and warm."""
    if errors:
        return Verdict(Status.FAIL, f"the compiled call raises {errors[0]['gb_type']}", evidence)
    if not evidence.get("graphs"):
        return Verdict(Status.FAIL, "no graph was compiled", evidence)
    text = f"{counted(int(evidence['graphs']), 'graph', 'graphs')}, {evidence['cold_seconds']:.1f} s cold"
    if evidence.get("warm_seconds") is not None:
        text += f", {evidence['warm_seconds']:.1f} s warm"
    return Verdict(Status.PASS, text, evidence)


def counted(number: int, one: str, many: str) -> str:
    """A number with its noun."""
    return f"{number} {one if number == 1 else many}"
