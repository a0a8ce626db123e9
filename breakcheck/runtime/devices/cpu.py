"""The CPU: nothing to wait for and no CUDA graphs; peak memory is the process's own high-water mark."""

from __future__ import annotations

import gc
import platform
import re
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from breakcheck.runtime.report_data import Status, Verdict

if TYPE_CHECKING:
    from breakcheck.case import Case
    from breakcheck.runtime.observation import Observation
    from breakcheck.runtime.scenario import Scenario


class Cpu:
    """The adapter of the CPU."""

    name = "cpu"

    def unavailable(self) -> str:
        """ "": there always is one."""
        return ""

    def choose(self, rank: int) -> None:
        """Nothing: the ranks share the CPU."""

    def place(self, case: Case) -> Case:
        """The case as it is."""
        return case

    def synchronize(self) -> None:
        """Nothing: CPU ops are done when they return."""

    def environment(self) -> dict[str, Any]:
        """Processor name and threads torch uses."""
        import torch

        return {"device": platform.processor() or platform.machine(), "threads": torch.get_num_threads()}

    def syncs(self, run: Callable[[], object]) -> Verdict:
        """Not checked: on the CPU host and device are one."""
        return Verdict(Status.NOT_CHECKED, "a CPU has no device to wait for; check on cuda")

    def cudagraphs(self, observation: Observation, mode: str | None) -> Verdict:
        """Not checked: there are none."""
        return Verdict(Status.NOT_CHECKED, "there are no CUDA graphs on a CPU")

    def memory(self, eager: Callable[[], object], compiled: Callable[[], object]) -> Verdict:
        """Growth of the process's resident high-water mark during one warm call of each."""
        peaks = [_peak_growth(run) for run in (eager, compiled)]
        if peaks[0] is None or peaks[1] is None:
            return Verdict(
                Status.NOT_CHECKED, "the high-water mark cannot be reset here (needs Linux's /proc)"
            )
        mib = [peak / 2**20 for peak in peaks if peak is not None]
        return Verdict(
            Status.PASS,
            f"one call adds {mib[1]:.1f} MiB compiled, {mib[0]:.1f} MiB eager",
            {"eager_bytes": peaks[0], "compiled_bytes": peaks[1], "how": "resident high-water mark"},
        )

    def extra(self, case: Case, scenario: Scenario) -> dict[str, Verdict]:
        """None."""
        return {}


def _peak_growth(run: Callable[[], object]) -> int | None:
    """Bytes by which resident memory peaked above its level before the call; None where that can't be read."""
    gc.collect()
    try:
        Path("/proc/self/clear_refs").write_text("5")
        before = _status_bytes("VmRSS")
        run()
        return max(0, _status_bytes("VmHWM") - before)
    except OSError:
        return None


def _status_bytes(key: str) -> int:
    match = re.search(rf"^{key}:\s+(\d+) kB", Path("/proc/self/status").read_text(), re.M)
    if match is None:
        raise OSError(f"/proc/self/status has no {key}")
    return int(match[1]) * 1024


ADAPTER = Cpu()
