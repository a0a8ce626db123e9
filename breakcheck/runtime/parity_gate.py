"""Which compiled run answers for parity: float32 gates, lower precision is a second pass."""

from __future__ import annotations

from contextlib import ExitStack
from typing import TYPE_CHECKING

from breakcheck.case import Case
from breakcheck.runtime.report_data import Status, Verdict

if TYPE_CHECKING:
    from breakcheck.runtime.snapshots import Snapshot
    from breakcheck.runtime.stages import Run

LOW = ("bfloat16", "float16")


def gate(run: Run) -> Verdict:
    """The verdict on the case's own dtype, gated in float32 first where that is a lower one.

    In bfloat16 a 2 % error of the attention scale is invisible (ratio 1.00) and 2000-fold in float32, so a case in low
    precision is compiled once more in float32. Random numbers that Inductor draws differently are drawn as eager
    draws them in a second compilation, made only when the first comparison fails.
    """
    from breakcheck.runtime.parity_run import compare

    assert run.references is not None
    own = compare(run.references, run.shots)
    passes = {main_dtype(run.shots): own}
    # All ranks take the same way, for a model that is split among them runs on all or hangs.
    meeting = run.meeting
    if meeting.any("differs", own.status is Status.FAIL) and meeting.any(
        "random", _draws_random_numbers(run)
    ):
        own = _with_eager_random_numbers(run)
        passes[main_dtype(run.shots)] = own
    if main_dtype(run.shots) in LOW:
        passes = {"float32": _in_float32(run), **passes}
    worst = next((v for v in passes.values() if v.status is Status.FAIL), None)
    worst = worst or next((v for v in passes.values() if v.status is Status.INCONCLUSIVE), None) or own
    evidence = {
        **worst.evidence,
        "passes": {name: {"status": v.status.value, "summary": v.summary} for name, v in passes.items()},
    }
    name = next(name for name, verdict in passes.items() if verdict is worst)
    prefix = f"{name}: " if len(passes) > 1 else ""
    return Verdict(worst.status, prefix + worst.summary, evidence)


def main_dtype(shots: list[Snapshot]) -> str:
    """The lowest floating dtype among the results, "float32" when there is none."""
    names = {str(t.dtype).removeprefix("torch.") for shot in shots for t in shot.values.values()}
    return next((name for name in (*LOW, "float32", "float64") if name in names), "float32")


def _draws_random_numbers(run: Run) -> bool:
    """Whether eager gives something else from another seed."""
    import torch

    from breakcheck.runtime.observe import eager_case
    from breakcheck.runtime.parity_run import copied, differs
    from breakcheck.runtime.snapshots import snapshots

    assert run.references is not None
    ready = eager_case(copied(run.case), run.number, run.warmup)
    ready.seed += 1000
    with torch.compiler.set_stance("force_eager"):
        other = snapshots(ready)
    return any(differs(one, two) for one, two in zip(run.references.eager, other, strict=True))


def _compiled_again(run: Run, case: Case) -> list[Snapshot]:
    import torch

    from breakcheck.runtime.observe import compiled_case
    from breakcheck.runtime.snapshots import snapshots

    scenario = run.scenario
    torch._dynamo.reset()
    with ExitStack() as stack:
        if scenario.backend == "inductor":
            import torch._inductor.config as config

            stack.enter_context(config.patch(fallback_random=True))
        ready = compiled_case(
            case, backend=scenario.backend, mode=scenario.mode, dynamic=scenario.dynamic,
            warmup=scenario.warmup, calls=scenario.calls,
        )  # fmt: skip
        return snapshots(ready)


def _with_eager_random_numbers(run: Run) -> Verdict:
    from breakcheck.runtime.parity_run import compare, copied

    assert run.references is not None
    try:
        verdict = compare(run.references, _compiled_again(run, copied(run.case)))
    except Exception as error:
        return Verdict(
            Status.INCONCLUSIVE, f"the model draws random numbers: {type(error).__name__}: {error}"
        )
    inexact = verdict.status is Status.FAIL and run.references.exact is not None
    if run.meeting.any("inexact", inexact):
        # Random numbers in float64 are others than in float32: eager itself is the reference then.
        from dataclasses import replace

        plain = replace(run.references, exact=None, why="in float64 it draws other random numbers")
        verdict = compare(plain, _compiled_again(run, copied(run.case)))
    note = "random numbers drawn as eager draws them (fallback_random)"
    return Verdict(verdict.status, verdict.summary, {**verdict.evidence, "random": note})


def _in_float32(run: Run) -> Verdict:
    import torch

    from breakcheck.runtime.parity_run import compare, copied, holds, in_dtype, references

    try:
        case = in_dtype(copied(run.case), torch.float32)
        if not holds(case, torch.float32):
            return Verdict(
                Status.INCONCLUSIVE, "a cast to float32 reaches no parameter, buffer or input of it"
            )
        exact = references(case, run.number, run.warmup)
        return compare(exact, _compiled_again(run, copied(case)))
    except Exception as error:
        return Verdict(Status.INCONCLUSIVE, f"cannot run in float32: {type(error).__name__}: {error}")
