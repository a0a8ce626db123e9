"""Run rows one after another, keep what came out, refuse what is wrong."""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterable
from pathlib import Path

from breakcheck.bench.machine import describe, read_bandwidth
from breakcheck.bench.rows import Measured, Results, Row, read_results
from breakcheck.errors import BreakcheckError

UNEVEN = 3.0  # p90 over p10 from which a row says so; the recorded GPU rows reach 2.2


def open_results(path: Path, device: str, command: str) -> Results:
    """The results to go on with: those in `path` when they are of this machine and these versions, else new ones.

    Raises BreakcheckError when `path` holds results of another machine or other versions.
    """
    machine = describe(device)
    if not path.exists():
        results = Results(path, machine, read_bandwidth(device), [command])
        results.save()
        return results
    results = read_results(path)
    differing = sorted(
        key for key in {*machine, *results.machine} if machine.get(key) != results.machine.get(key)
    )
    if differing:
        raise BreakcheckError(
            f"{path}: these results are of another machine or other versions ({', '.join(differing)} differ); "
            "name another file with --output"
        )
    if command not in results.commands:
        results.commands.append(command)
    return results


def run_rows(
    rows: Iterable[Row], results: Results, device: str, dtype: str, say: Callable[[str], None]
) -> None:
    """Measure the rows that `results` lacks, saving after each; a row that fails is refused and the rest go on."""
    from breakcheck.bench.measure import measure

    bandwidth = max(results.bandwidth.values())
    for row in rows:
        if row.key in results.rows or row.key in results.refused:
            say(f"{row.key}: in {results.path} already")
            continue
        try:
            measured = measure(row, device, dtype, bandwidth)
        except (
            Exception
        ) as error:  # the row's own failure (out of memory, a break under fullgraph) is its result
            results.refused[row.key] = f"{type(error).__name__}: {str(error).strip().splitlines()[0][:300]}"
            say(f"{row.key}: {results.refused[row.key]}")
        else:
            keep(measured, results, say)
        results.save()
        _free(device)


def keep(measured: Measured, results: Results, say: Callable[[str], None]) -> None:
    """Take a row into the results, or refuse it when its numbers are wrong."""
    key = measured.row.key
    if measured.parity != "pass":
        results.refused[key] = f"parity failed: {measured.parity}"
        say(f"{key}: refused, {results.refused[key]}")
        return
    results.rows[key] = measured
    spread = f", uneven: {measured.ms_p10:.3f} to {measured.ms_p90:.3f}; does something else run here?"
    say(
        f"{key}: {measured.ms_median:.3f} ms/token, {measured.over_limit:.2f} x the limit {measured.limit_ms:.3f} ms"
        + (spread if measured.ms_p90 > UNEVEN * measured.ms_p10 else "")
    )


def _free(device: str) -> None:
    import torch

    torch._dynamo.reset()
    gc.collect()
    if device.startswith("cuda"):
        torch.cuda.empty_cache()
