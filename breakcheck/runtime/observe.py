"""Run the calls of a case compiled, in this process, and say what was seen."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from typing import Any

from breakcheck.case import Call, Case
from breakcheck.runtime import events as read
from breakcheck.runtime.errors_seen import call_error
from breakcheck.runtime.executions import counting, with_executions
from breakcheck.runtime.inductor import fallbacks
from breakcheck.runtime.observation import BreakSite, CallError, Observation, Signal
from breakcheck.runtime.ranks import Meeting
from breakcheck.runtime.snapshots import Keep, forget_gradients
from breakcheck.runtime.trace import Collector, Event, collecting, self_test

SEED = 0


@dataclass
class Compiled:
    """A case made ready: the callable to call, how each call is made, and its optimiser once a step was taken."""

    case: Case
    target: Callable[..., Any]
    calls: list[Call]
    warmup: int
    optimizer: Any = None
    seed: int = SEED  # of call i: seed + i

    def run(self, index: int, collector: Collector | None = None, *, seeded: bool = True) -> Any:
        """The result of call `index`, with backward and optimiser step when the case trains."""
        import torch

        call = self.calls[index]
        if seeded:
            torch.manual_seed(self.seed + index)
        if collector is not None:
            collector.call, collector.phase = index, "forward"
        if not self.case.train:
            return self.target(*call.args, **call.kwargs)
        forget_gradients(self, index)
        result = self.target(*call.args, **call.kwargs)
        if collector is not None:
            collector.phase = "backward"
        loss = self.case.loss(result) if self.case.loss is not None else default_loss(result)
        if loss is not None:
            loss.backward()
        if self.case.optimizer is not None and isinstance(self.case.model, torch.nn.Module):
            if self.optimizer is None:
                self.optimizer = self.case.optimizer(self.case.model.parameters())
            self.optimizer.step()
        return result


def default_loss(result: Any) -> Any:
    """Sum of all floating tensors that need a gradient in a result, in float32; None when there is none.

    A result with a scalar `loss` that needs a gradient (as transformers returns it) is taken at its word.
    """
    import torch
    from torch.utils._pytree import tree_leaves

    own = getattr(result, "loss", None)
    if isinstance(own, torch.Tensor) and own.requires_grad and own.ndim == 0:
        return own
    plain = dict(result) if isinstance(result, Mapping) else result
    leaves = [
        leaf
        for leaf in tree_leaves(plain)
        if isinstance(leaf, torch.Tensor)
        and leaf.requires_grad
        and (leaf.is_floating_point() or leaf.is_complex())
    ]
    total = None
    for leaf in leaves:
        part = torch.view_as_real(leaf).sum() if leaf.is_complex() else leaf.float().sum()
        total = part if total is None else total + part
    return total


def planned_calls(case: Case, warmup: int | None = None, number: int | None = None) -> tuple[list[Call], int]:
    """The calls in order, the last repeated so that at least one (or `number` in all) is measured; and the warm-up."""
    calls = case.normalized()
    warm = case.warmup if warmup is None else warmup
    while len(calls) <= warm or (number is not None and len(calls) < number):
        calls.append(calls[-1])
    return calls, warm


def eager_case(case: Case, number: int | None = None, warmup: int | None = None) -> Compiled:
    """The case ready to run uncompiled, with as many calls as the compiled one makes."""
    import torch

    calls, warm = planned_calls(case, warmup, number)
    if isinstance(case.model, torch.nn.Module):
        case.model.train(case.train)
    return Compiled(case, case.model, calls, warm)


def vacuous_because() -> str:
    """Why torch.compile does nothing in this process, "" when it works."""
    import torch

    if os.environ.get("TORCH_COMPILE_DISABLE") == "1" or os.environ.get("TORCHDYNAMO_DISABLE") == "1":
        return "TORCH_COMPILE_DISABLE=1 is set in the environment"
    if getattr(torch._dynamo.config, "disable", False):
        return "torch._dynamo.config.disable is True"
    from torch._dynamo import eval_frame

    stance = getattr(getattr(eval_frame, "_stance", None), "stance", "default")
    if stance in ("force_eager", "eager_on_recompile"):
        return f'torch.compiler.set_stance("{stance}") is in force'
    return ""


@contextmanager
def clean_state(reset: bool = True) -> Iterator[None]:
    """Dynamo without compiled code or profile-guided memories; the grad mode and default dtype are put back."""
    import torch

    grad, dtype = torch.is_grad_enabled(), torch.get_default_dtype()
    with ExitStack() as stack:
        config = torch._dynamo.config
        for name in ("automatic_dynamic_local_pgo", "automatic_dynamic_remote_pgo"):
            if getattr(config, name, None):
                stack.enter_context(config.patch({name: False}))
        if reset:
            torch._dynamo.reset()
        try:
            yield
        finally:
            torch.set_grad_enabled(grad)
            torch.set_default_dtype(dtype)
            if reset:
                torch._dynamo.reset()


def compiled_case(
    case: Case,
    *,
    backend: str | Callable[..., Any] = "eager",
    mode: str | None = None,
    dynamic: bool | None = None,
    fullgraph: bool = False,
    warmup: int | None = None,
    calls: int | None = None,
) -> Compiled:
    """The case with its model compiled (lazily, by the first call) and put into training or evaluation mode."""
    import torch

    planned, warm = planned_calls(case, warmup, calls)
    if isinstance(case.model, torch.nn.Module):
        case.model.train(case.train)
    if not case.compile:
        return Compiled(case, case.model, planned, warm)
    options = dict(case.options)
    if mode is not None:
        options["mode"] = mode
    if dynamic is not None:
        options["dynamic"] = dynamic
    if fullgraph:
        options["fullgraph"] = True
    backend = options.pop("backend", backend)
    return Compiled(case, torch.compile(case.model, backend=backend, **options), planned, warm)


def observe(
    case: Case,
    *,
    backend: str | Callable[..., Any] = "eager",
    mode: str | None = None,
    dynamic: bool | None = None,
    fullgraph: bool = False,
    warmup: int | None = None,
    count_executions: bool = True,
    reset: bool = True,
) -> Observation:
    """What the compiler did during the calls of a case, run in this process; nothing of it raises but user errors.

    An exception out of a compiled call is an observation (`errors`), not an exception here. With `reset` Dynamo's
    compiled state is cleared before and after.
    """
    with clean_state(reset):
        works = self_test()
        disabled = vacuous_because()
        ready = compiled_case(
            case, backend=backend, mode=mode, dynamic=dynamic, fullgraph=fullgraph, warmup=warmup
        )
        if not works:
            from breakcheck.runtime.counters import observe_by_counters

            return observe_by_counters(ready, str(backend), disabled)
        return observe_ready(ready, str(backend), disabled, count_executions=count_executions)


def observe_ready(
    ready: Compiled,
    backend: str,
    disabled: str = "",
    *,
    count_executions: bool = True,
    keep: Keep | None = None,
    seconds: list[float] | None = None,
    meeting: Meeting | None = None,
) -> Observation:
    """What the structured trace says during the calls of a case made ready.

    keep: told the result of each call right after it. seconds: gets the wall time of each call appended. meeting: with
    other ranks, which then make the same calls: none after one that raised on any of them.
    """
    meeting = meeting or Meeting()
    errors: list[CallError] = []
    outputs: Any = None
    counts = None
    with collecting() as collector:
        for index in range(len(ready.calls)):
            try:
                begin = time.perf_counter()
                outputs = ready.run(index, collector)
                if seconds is not None:
                    seconds.append(time.perf_counter() - begin)
                if keep is not None:
                    keep(index, outputs)
            except Exception as error:
                errors.append(_checked_eagerly(ready, call_error(error, index, collector.phase)))
                outputs = None
            if meeting.any("raised", bool(errors)):
                break
        seen = list(collector.events)
        broke = count_executions and any(event.kind in ("break", "gave_up") for event in seen)
        if meeting.any("broke", broke) and not meeting.any("errors", bool(errors)):
            sites = read.break_sites(seen)
            with counting(sites) as counts:
                ready.run(len(ready.calls) - 1)
    observation = from_events(seen, errors)
    breaks = (
        observation.breaks
        if counts is None
        else with_executions(observation.breaks, counts, read.pieces(seen))
    )
    return replace(
        observation,
        breaks=breaks,
        calls=len(ready.calls),
        warmup=ready.warmup,
        backend=backend,
        disabled_by=disabled,
        notes=tuple(f"collector: {text}" for text in collector.failures),
        outputs=outputs,
    )


def from_events(seen: list[Event], errors: list[CallError]) -> Observation:
    """The observation that a list of trace events amounts to."""
    breaks: tuple[BreakSite, ...] = read.break_sites(seen)
    hits = read.limits(seen)
    metrics = [event.data for event in seen if event.kind == "metrics"]
    skips = dict.fromkeys(
        str(data["cudagraph_skip_reason"]) for data in metrics if data.get("cudagraph_skip_reason")
    )
    return Observation(
        breaks=breaks,
        recompiles=read.recompiles(seen),
        limits=hits,
        errors=tuple(errors),
        graphs=read.graphs(seen),
        skipped_frames=read.skipped_frames(breaks, hits),
        fallbacks=fallbacks(seen),
        signal=Signal.STRUCTURED_TRACE,
        compile_seconds=sum(float(data.get("entire_frame_compile_time_s") or 0.0) for data in metrics),
        cudagraph_skips=tuple(skips),
    )


def _checked_eagerly(ready: Compiled, error: CallError) -> CallError:
    """The error with `eager_raises` filled in by making the same call uncompiled."""
    import torch

    if not ready.case.compile:
        return error
    try:
        with torch.compiler.set_stance("force_eager"):
            Compiled(ready.case, ready.case.model, ready.calls, ready.warmup).run(error.call)
    except Exception:
        return replace(error, eager_raises=True)
    return replace(error, eager_raises=False)
