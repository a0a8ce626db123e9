"""Device adapters, one file each: what a device can observe, and where cases are put to run."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Protocol

from breakcheck.errors import BreakcheckError

if TYPE_CHECKING:
    from breakcheck.case import Case
    from breakcheck.runtime.observation import Observation
    from breakcheck.runtime.report_data import Report, Verdict
    from breakcheck.runtime.scenario import Scenario

# Name on the command line -> module with an `ADAPTER`. A new device is one file and this line.
ADAPTERS = {
    "cpu": "breakcheck.runtime.devices.cpu",
    "cuda": "breakcheck.runtime.devices.cuda",
}

# Devices that live in an environment of their own (`breakcheck setup`), with a module whose `check(scenario)` gives the
# whole report; it needs no worker process, since it starts its own. "tpu" and "torch-tpu" take a topology: tpu:v5e:2x4.
ENVIRONMENT_DEVICES = {
    "tpu": "breakcheck.runtime.devices.tpu_aot",
    "torch-tpu": "breakcheck.runtime.devices.torchtpu",
    "xla": "breakcheck.runtime.devices.xla",
}


class Device(Protocol):
    """What a device adapter answers. What it cannot observe it reports as not checked, never as passed."""

    name: str

    def unavailable(self) -> str:
        """Why this device cannot be used here (one line), "" when it can."""

    def choose(self, rank: int) -> None:
        """Makes the device of one rank of several the one that "the device" means; raises BreakcheckError."""

    def place(self, case: Case) -> Case:
        """The case with its model and inputs on the device."""

    def synchronize(self) -> None:
        """Returns when the device has finished what was asked of it."""

    def environment(self) -> dict[str, Any]:
        """Facts about the device for the report: name, memory, driver."""

    def syncs(self, run: Callable[[], object]) -> Verdict:
        """Host waits caused by one warm compiled call, located in the user's code."""

    def cudagraphs(self, observation: Observation, mode: str | None) -> Verdict:
        """CUDA graphs skipped or split."""

    def memory(self, eager: Callable[[], object], compiled: Callable[[], object]) -> Verdict:
        """Peak memory of one warm call, eager and compiled."""

    def extra(self, case: Case, scenario: Scenario) -> dict[str, Verdict]:
        """Verdicts that only this device has (XLA); they replace those of the same name."""


def whole_check(device: str) -> Callable[[Scenario], Report] | None:
    """The function that checks a scenario on a device with an environment of its own, None for a device in process."""
    module = ENVIRONMENT_DEVICES.get(device.partition(":")[0])
    if module is None:
        return None
    check: Callable[[Scenario], Report] = importlib.import_module(module).check
    return check


def adapter(name: str) -> Device:
    """The adapter of a device; raises BreakcheckError when there is none or it is not usable here."""
    if name not in ADAPTERS:
        raise BreakcheckError(
            f"--device {name}: no such device; known: {', '.join([*ADAPTERS, *ENVIRONMENT_DEVICES])}"
        )
    device: Device = importlib.import_module(ADAPTERS[name]).ADAPTER
    reason = device.unavailable()
    if reason:
        raise BreakcheckError(f"--device {name}: {reason}")
    return device
