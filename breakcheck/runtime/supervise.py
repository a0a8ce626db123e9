"""Runs a worker for one target and outlives whatever it does: time and memory limits, crashes, floods of output.

Imports no torch: the parent process starts fast and stays small.
"""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import IO, Any

from breakcheck.runtime.ranks import Ranks
from breakcheck.runtime.report_data import Failure
from breakcheck.runtime.scenario import Scenario

TAIL_BYTES = 64 * 1024
POLL_S = 0.1
GRACE_S = 5.0  # for threads and atexit handlers after the last record


@dataclass
class Outcome:
    """What a worker left behind: its records merged, and the failure when it did not come to its end.

    timings, processor: seconds by stage, on the clock and of processor time (threads and children left out).
    """

    raw: dict[str, Any] = field(default_factory=dict)
    verdicts: dict[str, dict[str, Any]] = field(default_factory=dict)
    timings: dict[str, float] = field(default_factory=dict)
    processor: dict[str, float] = field(default_factory=dict)
    explain: dict[str, Any] = field(default_factory=dict)
    warm_seconds: float | None = None
    failure: Failure | None = None
    stage: str = "start"
    done: bool = False
    output_tail: str = ""
    seconds: float = 0.0

    def to_dict(self) -> dict[str, Any]:
        """The outcome as JSON."""
        return asdict(self)

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Outcome:
        """The outcome that `to_dict` wrote."""
        failure = data["failure"]
        return cls(**{**data, "failure": Failure(**failure) if failure else None})


class Tail:
    """The last bytes of a stream, read to its end so that a flood never blocks or fills a disk."""

    def __init__(self, stream: IO[bytes]) -> None:
        self.parts: deque[bytes] = deque()
        self.size = 0
        self.total = 0
        self._thread = threading.Thread(target=self._drain, args=(stream,), daemon=True)
        self._thread.start()

    def _drain(self, stream: IO[bytes]) -> None:
        while chunk := os.read(stream.fileno(), 65536):
            self.parts.append(chunk)
            self.size += len(chunk)
            self.total += len(chunk)
            while self.size - len(self.parts[0]) >= TAIL_BYTES:
                self.size -= len(self.parts.popleft())

    def text(self) -> str:
        """What was read last, at most about 64 KiB."""
        self._thread.join(timeout=1.0)
        return b"".join(self.parts).decode("utf-8", "replace")


def run_scenario(scenario: Scenario, *, python: str = sys.executable, ranks: Ranks | None = None) -> Outcome:
    """Runs one scenario in a process of its own and returns what came of it; never raises for what user code does.

    ranks: of this target, where the worker meets those of other ranks; it is ended soon after one of them failed.
    """
    with tempfile.TemporaryDirectory(prefix="breakcheck-", ignore_cleanup_errors=True) as folder:
        spec, out = Path(folder, "spec.json"), Path(folder, "records.jsonl")
        spec.write_text(json.dumps(scenario.to_dict()), encoding="utf-8")
        out.touch()
        command = [python, "-m", "breakcheck.runtime.worker", str(spec), str(out)]
        begin = time.monotonic()
        environment = _environment(Path(folder)) | (
            ranks.worker_environment(scenario.timeout_s) if ranks else {}
        )
        with _started(command, environment) as process:
            assert process.stdout is not None
            tail = Tail(process.stdout)
            why = _wait(process, scenario, out, ranks)
            if why != "exit":
                _ask_where(process)
            _kill_group(process)
            code = process.wait()
            outcome = merge(_records(out))
            outcome.output_tail = tail.text()
        outcome.seconds = time.monotonic() - begin
    if not outcome.done and outcome.failure is None:
        waits = ranks is not None and why == "timeout" and ranks.ahead()
        outcome.failure = _diagnose(code, "peer" if waits else why, outcome, scenario)
    return outcome


def _environment(folder: Path) -> dict[str, str]:
    """The caller's environment with a fresh Inductor cache and no profile of earlier runs."""
    environment = {k: v for k, v in os.environ.items() if k not in ("TORCH_COMPILE_JOB_ID", "TORCH_TRACE")}
    environment["TORCHINDUCTOR_CACHE_DIR"] = str(folder / "inductor")
    environment["TRITON_CACHE_DIR"] = str(folder / "triton")
    environment.setdefault("PYTHONFAULTHANDLER", "1")
    return environment


@contextmanager
def _started(command: Sequence[str], environment: Mapping[str, str]) -> Iterator[subprocess.Popen[bytes]]:
    process = subprocess.Popen(
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        env=dict(environment),
        start_new_session=True,
    )
    try:
        yield process
    finally:
        _kill_group(process)
        process.wait()


def _wait(process: subprocess.Popen[bytes], scenario: Scenario, out: Path, ranks: Ranks | None) -> str:
    """Why waiting ended: "exit", "timeout", "memory" or "peer"."""
    deadline = time.monotonic() + scenario.timeout_s
    finished_at = alone_since = None
    while process.poll() is None:
        now = time.monotonic()
        if now > deadline:
            return "timeout"
        if scenario.memory_gb is not None and session_bytes(process.pid) > scenario.memory_gb * 2**30:
            return "memory"
        if alone_since is None and ranks is not None and ranks.failed():
            alone_since = now
        if alone_since is not None and now > alone_since + GRACE_S:
            return "peer"
        if finished_at is None and _is_done(out):
            finished_at = now
        if finished_at is not None and now > finished_at + GRACE_S:
            return "exit"
        time.sleep(POLL_S)
    return "exit"


def _is_done(out: Path) -> bool:
    try:
        with out.open("rb") as file:
            file.seek(max(0, out.stat().st_size - 64))
            return b'"done": true' in file.read()
    except OSError:
        return False


def session_bytes(leader: int) -> int:
    """Resident bytes of all processes of a session (the worker and what it started); 0 where /proc is missing."""
    total = 0
    page = os.sysconf("SC_PAGE_SIZE") if hasattr(os, "sysconf") else 4096
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            after_name = (folder / "stat").read_text().rpartition(")")[2].split()
            if int(after_name[3]) == leader:
                total += int((folder / "statm").read_text().split()[1]) * page
        except (OSError, ValueError, IndexError):
            continue
    return total


def _ask_where(process: subprocess.Popen[bytes]) -> None:
    """Ends the worker by SIGABRT, so that faulthandler prints where it was; gives it a second for that."""
    process.send_signal(signal.SIGABRT)
    try:
        process.wait(timeout=2.0)
    except subprocess.TimeoutExpired:
        return


def _kill_group(process: subprocess.Popen[bytes]) -> None:
    """Ends the worker and everything it started (the session is ours: `start_new_session`)."""
    try:
        if hasattr(os, "killpg"):
            os.killpg(process.pid, signal.SIGKILL)
        else:
            process.kill()
    except (ProcessLookupError, PermissionError):
        return


def _records(out: Path) -> list[dict[str, Any]]:
    found = []
    for line in out.read_text(encoding="utf-8", errors="replace").splitlines():
        try:
            found.append(json.loads(line))
        except ValueError:
            continue  # cut off by a crash while writing
    return found


def merge(records: Sequence[Mapping[str, Any]]) -> Outcome:
    """The records of a worker as one outcome."""
    outcome = Outcome()
    for record in records:
        if "stage" in record:
            outcome.stage = str(record["stage"])
            outcome.timings[str(record["before"])] = float(record["seconds"])
            outcome.processor[str(record["before"])] = float(record.get("processor", 0.0))
        if "raw" in record:
            outcome.raw = dict(record["raw"])
        if "verdict" in record:
            outcome.verdicts[str(record["verdict"])] = dict(record["value"])
        if "warm_seconds" in record:
            outcome.warm_seconds = float(record["warm_seconds"])
        if "explain" in record:
            outcome.explain = dict(record["explain"])
        if "failure" in record:
            data = record["failure"]
            outcome.failure = Failure(
                str(data["kind"]), str(data["message"]), str(data.get("stage", "")),
                str(data.get("file", "")), int(data.get("line") or 0),
            )  # fmt: skip
        outcome.done = outcome.done or bool(record.get("done"))
    return outcome


def _diagnose(code: int, why: str, outcome: Outcome, scenario: Scenario) -> Failure:
    file, line = culprit(outcome.output_tail)
    stage = outcome.stage
    if why == "timeout":
        text = f"still running after {scenario.timeout_s:g} s (--timeout)"
        return Failure("timeout", text, stage, file, line)
    if why == "peer":
        return Failure("peer", "another rank failed or did not come", stage, file, line)
    if why == "memory":
        return Failure(
            "memory", f"used more than {scenario.memory_gb:g} GiB (--memory-limit)", stage, file, line
        )
    if code < 0:
        name = signal.Signals(-code).name if -code in {s.value for s in signal.Signals} else f"signal {-code}"
        hint = ", probably for lack of memory" if name == "SIGKILL" else ""
        return Failure("crash", f"the interpreter was ended by {name}{hint}", stage, file, line)
    last = outcome.output_tail.strip().splitlines()[-1:] or [""]
    return Failure(
        "exit",
        f"the process ended with code {code} before its work was done: {last[0][:200]}",
        stage,
        file,
        line,
    )


def culprit(output: str) -> tuple[str, int]:
    """The innermost user frame of the last traceback `faulthandler` printed, ("", 0) when there is none."""
    start = max(output.rfind("(most recent call first)"), 0)
    if not start:
        return "", 0
    block = output[start:].split("\n\n", 1)[0]
    for path, line in re.findall(r'File "([^"]+)", line (\d+)', block):
        if not _not_the_users(path):
            return path, int(line)
    return "", 0


def _not_the_users(path: str) -> bool:
    from breakcheck.runtime.places import is_engine, is_stdlib

    return path.startswith("<") or is_engine(path) or is_stdlib(path) or "/site-packages/torch/" in path
