"""`breakcheck bench --device tpu:...`: what decoding would cost on a TPU at best, computed from the compiled program."""

from __future__ import annotations

from collections.abc import Sequence

from breakcheck.errors import BreakcheckError
from breakcheck.runtime.devices import tpu_aot
from breakcheck.runtime.devices.tpu_chips import parse_topology
from breakcheck.runtime.devices.tpu_cost import cost_row, cost_sheet
from breakcheck.runtime.report_data import Status
from breakcheck.runtime.scenario import Scenario


def tpu_sheet(
    models: Sequence[str], device: str, mesh: str | None, dtype: str | None, price: float | None
) -> str:
    """The cost sheets of the models' decoding step, batch 1 and a cache of 2,048, one below the other.

    price: dollars of a chip hour, given by the user. Raises `BreakcheckError` where a model can't be compiled or does
    not fit, with the compiler's words.
    """
    if price is not None and price <= 0:
        raise BreakcheckError(f"--price must be positive, got {price:g}")
    topology = parse_topology(device.partition(":")[2])
    sheets = []
    for model in models:
        only = ("compile", "memory")
        report = tpu_aot.check(
            Scenario(model, device=device, mesh=mesh, dtype=dtype, only=only, timeout_s=3600.0)
        )
        if report.failure is not None:
            raise BreakcheckError(f"{model}: {report.failure.message}")
        memory = report.verdicts["memory"]
        if memory.status is not Status.PASS:
            raise BreakcheckError(f"{model}: {memory.summary}")
        sheets.append(cost_sheet([cost_row(memory.evidence, topology, 1, price)], model))
    return "\n\n".join(sheets)
