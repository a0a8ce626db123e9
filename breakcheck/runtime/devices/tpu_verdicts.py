"""From what the ahead-of-time worker read off its programs to verdicts: pure functions over plain data."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from breakcheck.runtime.devices.tpu_chips import GIB, Topology, smallest_that_holds
from breakcheck.runtime.places import display_path
from breakcheck.runtime.report_data import Status, Verdict

Data = Mapping[str, Any]


def judge(report: Data, topology: Topology, expected: Mapping[str, int] | None = None) -> dict[str, Verdict]:
    """Every verdict of a report whose worker came to its end (or lost a program on the way)."""
    programs: list[Data] = list(report.get("programs", []))
    compiled = [program for program in programs if "memory" in program]
    return {
        "compile": one_program(programs),
        "memory": memory(programs, topology),
        "recompiles": recompiles(report.get("signatures", [])),
        "collectives": collectives(compiled, topology, expected),
        "donation": donation(compiled),
        "float64": doubles(programs),
        "syncs": host_calls(programs),
        "latency": floor(compiled, topology),
    }


def one_program(programs: Sequence[Data]) -> Verdict:
    """Passes when every call lowered to one program that compiled (or failed on memory alone, judged elsewhere)."""
    refused = [program["refused"] for program in programs if "refused" in program]
    if refused:
        return Verdict(Status.FAIL, f"not one program: {_refusal(refused[0])}", {"refused": refused})
    broken = [
        p["compile_error"]
        for p in programs
        if "compile_error" in p and p["compile_error"]["kind"] != "out of memory"
    ]
    if broken:
        return Verdict(Status.FAIL, f"libtpu refuses it: {broken[0]['message'][:200]}", {"errors": broken})
    if not programs:
        return Verdict(Status.NOT_CHECKED, "no program was compiled")
    if not any("memory" in program for program in programs):
        return Verdict(Status.INCONCLUSIVE, "lowered to one program, which the compiler gave up for memory")
    seconds = sum(float(program.get("compile_seconds", 0.0)) for program in programs)
    text = f"{len(programs)} program{'s' if len(programs) > 1 else ''}, each call one, compiled in {seconds:.1f} s"
    evidence: dict[str, Any] = {"seconds": seconds, "programs": [p["signature"] for p in programs]}
    flops = float(programs[-1].get("compiler_flops", 0.0))
    if flops > 0:
        evidence["flops"] = flops
        text += f"; {flops / 1e9:.3g} GFLOP a device by the compiler's count"
    return Verdict(Status.PASS, text, evidence)


def _refusal(refused: Data) -> str:
    source = refused["source"]
    where = f" at {display_path(source['path'])}:{source['line']}" if source["path"] else ""
    op = f"`{refused['op']}` " if refused["op"] and refused["known"] else ""
    return f"{op}{refused['message']}{where}"


def memory(programs: Sequence[Data], topology: Topology) -> Verdict:
    """Passes when the compiler placed every program in a chip's memory; says the peak and what would fit if not."""
    failed = [
        p["compile_error"] for p in programs if p.get("compile_error", {}).get("kind") == "out of memory"
    ]
    if failed:
        worst = max(failed, key=lambda error: int(error["needed_bytes"]))
        # The message gives what one device would need; split evenly that is a lower bound for a slice.
        total = int(worst["needed_bytes"]) * topology.num_devices
        larger = smallest_that_holds(topology.chip, total)
        fits = (
            f"smallest slice that could hold it: {larger.name} (computed)"
            if larger
            else f"no {topology.chip.name} slice holds it"
        )
        text = f"does not fit {topology.name}: {worst['message'][:240]}; {fits}"
        evidence = {**worst, "smallest": larger.name if larger else None, "topology": topology.name}
        return Verdict(Status.FAIL, text, evidence)
    sized = [program for program in programs if "memory" in program]
    if not sized:
        return Verdict(Status.NOT_CHECKED, "no program was compiled")
    most = max(sized, key=lambda program: int(program["memory"]["peak"]))
    peak = int(most["memory"]["peak"])
    where = "chip" if topology.chip.devices == 1 else "half chip"
    text = f"fits: peak {peak / GIB:.2f} GiB a {where} of {topology.chip.hbm_gib} GiB"
    return Verdict(
        Status.PASS, text, {**most["memory"], "limit": topology.hbm_bytes, "topology": topology.name}
    )


def recompiles(signatures: Sequence[Data]) -> Verdict:
    """Passes when every measured call has a signature that warm-up has seen: one program each."""
    late = [entry for entry in signatures if entry["after_warmup"]]
    calls = sum(int(entry["calls"]) for entry in signatures)
    evidence = {"signatures": list(signatures)}
    if calls < 2:
        return Verdict(Status.NOT_CHECKED, "only one call: give the case several", evidence)
    if late:
        new = ", ".join(entry["signature"] for entry in late[:3])
        return Verdict(
            Status.FAIL, f"{len(late)} of {len(signatures)} programs are new after warm-up: {new}", evidence
        )
    return Verdict(
        Status.PASS, f"none: {calls} calls share {len(signatures)} programs, all seen in warm-up", evidence
    )


def collectives(programs: Sequence[Data], topology: Topology, expected: Mapping[str, int] | None) -> Verdict:
    """The collectives of each program by kind; compared where the case expects a count."""
    if topology.num_devices == 1:
        return Verdict(Status.NOT_CHECKED, "one chip needs none")
    counted = [program for program in programs if "collectives" in program]
    if not counted:
        return Verdict(Status.NOT_CHECKED, "this libtpu can't print the program")
    last: Data = counted[-1]["collectives"]
    text = ", ".join(f"{count} {kind}" for kind, count in last.items()) or "none"
    evidence: dict[str, Any] = {
        "programs": {p["signature"]: p["collectives"] for p in counted},
        "expected": expected,
    }
    uneven = counted[-1].get("uneven", [])
    if uneven:
        evidence["uneven"] = uneven
        text += f"; {len(uneven)} constraints left out where the mesh does not divide"
    if expected is not None and dict(expected) != dict(last):
        wanted = ", ".join(f"{count} {kind}" for kind, count in expected.items()) or "none"
        return Verdict(Status.FAIL, f"{text}; expected {wanted}", evidence)
    return Verdict(Status.PASS, text, evidence)


def donation(programs: Sequence[Data]) -> Verdict:
    """Passes when what a call changes (a KV cache) is donated to the byte and never copied whole."""
    if not programs:
        return Verdict(Status.NOT_CHECKED, "no program was compiled")
    changing = [program for program in programs if program["changed"]]
    if not changing:
        return Verdict(Status.NOT_CHECKED, "the calls change no buffer")
    worst = changing[-1]
    size, alias = int(worst["changed_bytes_per_chip"]), int(worst["memory"]["alias"])
    copies = worst.get("whole_copies")
    evidence = {
        "changed_bytes": size,
        "alias_bytes": alias,
        "whole_copies": copies,
        "changed": worst["changed"][:8],
    }
    text = f"{size_text(alias)} of {size_text(size)} changed buffers updated in place"
    if copies is not None:
        text += f", {copies} whole copies"
    # The compiler pads small arrays, so alias may exceed what was asked by less than a page each.
    failed = alias < size or bool(copies)
    return Verdict(Status.FAIL if failed else Status.PASS, text, evidence)


def doubles(programs: Sequence[Data]) -> Verdict:
    """Fails on float64 arrays: a TPU emulates them, and they compile without a word."""
    traced = [program for program in programs if "doubles" in program]
    if not traced:
        return Verdict(Status.NOT_CHECKED, "nothing was traced")
    lines = {(display_path(s["path"]), s["line"]) for program in traced for s in program["doubles"]}
    count = max(int(program.get("double_tensors", 0)) for program in traced)
    if not count:
        return Verdict(Status.PASS, "no float64 array", {"sites": []})
    places = ", ".join(f"{path}:{line}" for path, line in sorted(lines)[:3] if path) or "inputs"
    sites = [{"file": path, "line": line} for path, line in sorted(lines)]
    return Verdict(Status.FAIL, f"{count} operations make float64 arrays, from {places}", {"sites": sites})


def host_calls(programs: Sequence[Data]) -> Verdict:
    """Fails when a program calls back to the host; tells the other custom calls."""
    lowered = [program for program in programs if "host_calls" in program]
    if not lowered:
        return Verdict(Status.NOT_CHECKED, "nothing was lowered")
    found = {name: count for program in lowered for name, count in program["host_calls"].items()}
    other = {name: count for program in lowered for name, count in program["custom_calls"].items()}
    evidence = {"host_calls": found, "custom_calls": other}
    if found:
        return Verdict(Status.FAIL, f"the program calls the host: {', '.join(found)}", evidence)
    return Verdict(
        Status.PASS,
        "no call to the host" + (f"; custom calls: {', '.join(other)}" if other else ""),
        evidence,
    )


def floor(programs: Sequence[Data], topology: Topology) -> Verdict:
    """Never a latency: the time the last program's arguments and results need through the chip's memory, computed."""
    if not programs:
        return Verdict(Status.NOT_CHECKED, "no program was compiled")
    used = programs[-1]["memory"]
    moved = int(used["argument"]) + int(used["output"]) - int(used["alias"])
    milliseconds = 1e3 * moved / topology.bandwidth
    text = f"not measured; at least {milliseconds:.1f} ms by memory ({size_text(moved)} a device at {topology.bandwidth / 1e9:.0f} GB/s, computed)"
    return Verdict(Status.NOT_CHECKED, text, {"floor_ms": milliseconds, "moved_bytes": moved})


def notes(report: Data) -> list[str]:
    """What a reader must know beside the verdicts."""
    compiled = {program["signature"] for program in report.get("programs", [])}
    left = [
        entry["signature"] for entry in report.get("signatures", []) if entry["signature"] not in compiled
    ]
    return (
        [f"{len(left)} further programs (prefill buckets) were not compiled: {'; '.join(left)}"]
        if left
        else []
    )


def size_text(size: int) -> str:
    """Bytes as people read them."""
    return f"{size / GIB:.2f} GiB" if size >= GIB else f"{size / 2**20:.1f} MiB"
