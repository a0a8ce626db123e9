"""Workers in another environment: a request file, a report file, and in words what happened when there is none."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

WORKERS = Path(__file__).parent / "workers"


@dataclass(frozen=True)
class Answer:
    """What a worker left: its report (possibly of part of the work), and why it ended early, "" when it did not."""

    report: Mapping[str, Any]
    ended: str


def source_roots() -> list[str]:
    """What a worker needs on its path after its own packages: breakcheck's sources, then the caller's environment.

    The caller's packages come last, so that torch, numpy and jax are the environment's own and a user's model finds
    transformers and the like.
    """
    import breakcheck

    roots = [str(Path(breakcheck.__file__).parent.parent)]
    try:
        import breakcheck_models

        roots.append(str(Path(str(breakcheck_models.__file__)).parent.parent))
    except ImportError:
        pass  # the reference models are optional
    return roots + [os.getcwd()] + [entry for entry in sys.path if entry and os.path.isdir(entry)]


def run_worker(
    python: Path | str,
    script: str,
    request: Mapping[str, Any],
    timeout_s: float,
    environment: Mapping[str, str],
) -> Answer:
    """Run `workers/SCRIPT` under `python` with a time limit; a crash or an abort is an answer, not an exception."""
    with tempfile.TemporaryDirectory(prefix="breakcheck-") as folder:
        request_path, report_path = Path(folder, "request.json"), Path(folder, "report.json")
        request_path.write_text(json.dumps({**request, "sys_path": source_roots()}), encoding="utf-8")
        # No PYTHONPATH: in front of the environment's own packages the caller's torch would win.
        variables = {key: value for key, value in os.environ.items() if key != "PYTHONPATH"} | dict(
            environment
        )
        command = [str(python), str(WORKERS / script), str(request_path), str(report_path)]
        ended = ""
        try:
            done = subprocess.run(
                command,
                env=variables,
                capture_output=True,
                text=True,
                errors="replace",
                timeout=timeout_s,
                check=False,
            )
        except subprocess.TimeoutExpired:
            ended = f"stopped after the time limit of {timeout_s:g} s"
        else:
            if done.returncode:
                ended = _told(done.returncode, done.stderr)
        report: dict[str, Any] = {}
        if report_path.is_file():
            report = json.loads(report_path.read_text(encoding="utf-8") or "{}")
        elif not ended:
            ended = "the worker wrote no report"
        return Answer(report, ended)


def _told(code: int, stderr: str) -> str:
    """How a worker ended: the signal's name or the exit code, and the line that says most."""
    lines = [line.strip() for line in stderr.splitlines() if line.strip()]
    telling = [line for line in lines if "Check fail" in line or line.startswith("F0") or "Error" in line]
    last = (telling or lines or ["no message"])[-1][:300]
    if code < 0:
        return f"the native library aborted ({signal.Signals(-code).name}): {last}"
    return f"the worker exited with {code}: {last}"
