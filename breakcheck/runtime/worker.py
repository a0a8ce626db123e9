"""One target in a process of its own: `python -m breakcheck.runtime.worker SPEC OUT` writes records to OUT.

Each record is one JSON line: `stage` begun, `raw` evidence, a `verdict`, `failure`, or `done`. They are appended one
by one, so that what was known before a crash is kept; the file is opened anew each time, because user code may
close descriptors, change the directory or fork.
"""

from __future__ import annotations

import faulthandler
import gc
import json
import os
import signal
import sys
import time
import traceback
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

from breakcheck.case import Case
from breakcheck.errors import BreakcheckError
from breakcheck.runtime.ranks import Meeting, RankGone
from breakcheck.runtime.scenario import DEFAULT_LATENCY, Scenario, parse_budget


class Records:
    """The channel to the parent; only the process that made it writes, not a fork of the user's."""

    def __init__(self, path: str) -> None:
        self.path = os.path.abspath(path)
        self.pid = os.getpid()
        self.stage_name = "start"
        self.began, self.used = time.perf_counter(), time.process_time()

    def write(self, **record: Any) -> None:
        """Append one record."""
        if os.getpid() != self.pid:
            return
        with open(self.path, "a", encoding="utf-8") as file:
            file.write(json.dumps(record, default=str) + "\n")

    def stage(self, name: str) -> None:
        """Say that a stage begins and how long the one before it took, by the clock and of processor time."""
        now, used = time.perf_counter(), time.process_time()
        self.write(stage=name, before=self.stage_name, seconds=now - self.began, processor=used - self.used)
        self.stage_name, self.began, self.used = name, now, used


def main(arguments: list[str]) -> None:
    """Runs the scenario of a spec file; never returns (threads and forks that user code left must not linger)."""
    spec, out = arguments
    scenario = Scenario.from_dict(json.loads(Path(spec).read_text(encoding="utf-8")))
    records = Records(out)
    pid = os.getpid()
    leave = _watch_exits(records)
    _end_with_parent()
    _be_killed_first()
    faulthandler.enable()
    try:
        _check(scenario, records)
        records.stage("done")
        records.write(done=True)
    except BreakcheckError as error:
        kind = "peer" if isinstance(error, RankGone) else "target"
        records.write(failure={"kind": kind, "message": str(error), "stage": records.stage_name})
    except BaseException as error:
        records.write(failure=_failure_of(error, records.stage_name))
        traceback.print_exc()
    if os.getpid() != pid:
        leave(0)  # a fork of the user's came back through our stack
    sys.stdout.flush()
    sys.stderr.flush()
    leave(0)


def _watch_exits(records: Records) -> Callable[[int], Any]:
    """Replaces os._exit by one that says who called it; returns the real one."""
    real = os._exit

    def tell(status: int) -> Any:
        frame = sys._getframe(1)
        where = {"file": frame.f_code.co_filename, "line": frame.f_lineno}
        message = f"user code called os._exit({status})"
        records.write(failure={"kind": "exit", "message": message, "stage": records.stage_name, **where})
        real(status)

    os._exit = tell
    return real


def _end_with_parent() -> None:
    """Asks the kernel to end this process when its parent ends, however it ends (Linux: PR_SET_PDEATHSIG is 1)."""
    try:
        import ctypes

        ctypes.CDLL(None).prctl(1, signal.SIGKILL)
    except (OSError, AttributeError):
        return  # another system: the session is killed by the parent on every way out that it survives


def _be_killed_first() -> None:
    try:
        Path("/proc/self/oom_score_adj").write_text("500")
    except OSError:
        return  # not Linux, or not allowed: the kernel chooses


def _failure_of(error: BaseException, stage: str) -> dict[str, Any]:
    from breakcheck.runtime.errors_seen import call_error

    seen = call_error(error, 0, "forward")
    name = type(error).__name__
    memory = (
        isinstance(error, MemoryError) or name == "OutOfMemoryError" or "can't allocate memory" in str(error)
    )
    kind = "memory" if memory else "exit" if isinstance(error, SystemExit) else "crash"
    text = " ".join(str(error).split())[:400]
    return {"kind": kind, "message": f"{name}: {text}", "stage": stage, "file": seen.path, "line": seen.line}


def _check(scenario: Scenario, records: Records) -> None:
    try:
        import torch
    except ImportError as error:
        raise BreakcheckError(
            f"torch cannot be imported ({error}): check needs it, pip install 'torch-breakcheck[runtime]'"
        ) from None
    from breakcheck.runtime import places
    from breakcheck.runtime.devices import adapter
    from breakcheck.runtime.stages import Run

    places.keep_root()
    device = adapter(scenario.device)
    meeting = Meeting.of_worker()
    if meeting.ranks is not None:
        device.choose(meeting.ranks.rank)  # all of them are on this host
    records.stage("build")
    from breakcheck.runtime import targets

    torch.manual_seed(0)
    case = targets.load(scenario.target, scenario.device)
    case = device.place(_adjusted(case, scenario))
    if scenario.latency is None and "latency" in case.expect:
        scenario = replace(scenario, latency=str(case.expect["latency"]))
    parse_budget(scenario.latency or DEFAULT_LATENCY)
    Run(scenario, case, device, records, meeting).all_stages()
    meeting.exchange("end", None)  # a rank that leaves takes its end of the connections with it


def _adjusted(case: Case, scenario: Scenario) -> Case:
    """The case with the command line's dtype and mode of training."""
    import torch

    from breakcheck.runtime.parity_run import in_dtype

    if scenario.train is not None:
        case = replace(case, train=scenario.train)
    if scenario.dtype is not None:
        case = in_dtype(case, getattr(torch, scenario.dtype))
    return case


if __name__ == "__main__":
    gc.collect()
    main(sys.argv[1:])
