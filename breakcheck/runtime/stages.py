"""The stages of one check, in order: references, compile, parity, latency, memory and syncs, warm compile, explain."""

from __future__ import annotations

import os
import platform
import sys
import time
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from breakcheck.case import Case
from breakcheck.errors import BreakcheckError, TargetError
from breakcheck.runtime.observation import Observation, to_plain
from breakcheck.runtime.ranks import Meeting
from breakcheck.runtime.report_data import Status, Verdict
from breakcheck.runtime.scenario import DEFAULT_LATENCY, Scenario, parse_budget
from breakcheck.runtime.site_data import (
    error_dict,
    fallback_dict,
    graph_dict,
    limit_dict,
    recompile_dict,
    site_dict,
    skipped_dict,
)

if TYPE_CHECKING:
    from breakcheck.runtime.devices import Device
    from breakcheck.runtime.observe import Compiled
    from breakcheck.runtime.parity_run import References
    from breakcheck.runtime.snapshots import Snapshot
    from breakcheck.runtime.worker import Records

NO_COMPILER = (
    "InvalidCxxCompiler",
    "No working C++ compiler",
    "CppCompileError",
    "Failed to find C compiler",
)


class Run:
    """One scenario being run: what each stage needs of the ones before it."""

    def __init__(
        self, scenario: Scenario, case: Case, device: Device, records: Records, meeting: Meeting
    ) -> None:
        self.scenario, self.case, self.device, self.records = scenario, case, device, records
        self.meeting = meeting
        self.root = os.getcwd()
        self.shots: list[Snapshot] = []
        self.references: References | None = None
        self.call_seconds: list[float] = []

    def all_stages(self) -> None:
        """Runs every stage that the scenario asks for and writes its records."""
        from breakcheck.runtime.observe import clean_state, planned_calls

        extra = self.device.extra(self.case, self.scenario)
        calls, warmup = planned_calls(self.case, self.scenario.warmup, self.scenario.calls)
        self.number, self.warmup = len(calls), warmup
        if self.scenario.wants("parity") and "parity" not in extra:
            self.records.stage("references")
            self._references()
        with clean_state():
            self.records.stage("compile")
            ready, observation = self._compile()
            self._raw(observation)
            self._later_stages(ready, observation, extra)
        for name, verdict in extra.items():
            self._verdict(name, verdict)

    def _references(self) -> None:
        from breakcheck.runtime.parity_run import references

        try:
            self.references = references(self.case, self.number, self.warmup)
        except Exception as error:
            try:
                self._probe_eager()
            except Exception as own:
                raise TargetError(_eager_fails(self.scenario.target, own)) from own
            self.reference_problem = f"the model cannot be copied: {type(error).__name__}: {error}"

    def _probe_eager(self) -> None:
        import torch

        from breakcheck.runtime.observe import eager_case

        with torch.compiler.set_stance("force_eager"):
            eager_case(self.case, self.number, self.warmup).run(0)

    def _compile(self) -> tuple[Compiled, Observation]:
        from breakcheck.runtime.observe import compiled_case, observe_ready, vacuous_because
        from breakcheck.runtime.snapshots import snapshot
        from breakcheck.runtime.trace import self_test

        works = self_test()
        scenario = self.scenario
        ready = compiled_case(
            self.case,
            backend=scenario.backend,
            mode=scenario.mode,
            dynamic=scenario.dynamic,
            warmup=scenario.warmup,
            calls=scenario.calls,
        )

        def keep(index: int, result: Any) -> None:
            self.shots.append(snapshot(ready, index, result))

        kept = keep if self.references is not None else None
        if not works:
            from breakcheck.runtime.counters import observe_by_counters

            return ready, observe_by_counters(ready, scenario.backend, vacuous_because(), kept)
        observation = observe_ready(
            ready,
            scenario.backend,
            vacuous_because(),
            count_executions=scenario.wants("graph_breaks"),
            keep=kept,
            seconds=self.call_seconds,
            meeting=self.meeting,
        )
        for error in observation.errors:
            if error.eager_raises:
                raise TargetError(
                    f"{scenario.target}: the model raises without torch.compile too: {error.type}: {error.message}"
                )
            if any(mark in error.message or mark in error.type for mark in NO_COMPILER):
                raise BreakcheckError(
                    f"{scenario.target}: Inductor has no working C++ compiler (CXX={os.environ.get('CXX', 'unset')}): "
                    "install g++ or clang++, or check with --backend eager"
                )
        return ready, observation

    def _raw(self, observation: Observation) -> None:
        sites = [site_dict(site) for site in observation.breaks] + [error_dict(e) for e in observation.errors]
        limits = [limit_dict(hit) for hit in observation.limits]
        graphs, ops = len(observation.graphs), observation.op_count
        fullgraph = self._fullgraph_passes() if observation.breaks and not observation.errors else None
        evidence = {
            "graph_breaks": {
                "sites": sites,
                "executed_per_call": observation.executed_per_call,
                "graphs": graphs,
                "ops": ops,
                "limits": limits,
                "disabled_by": observation.disabled_by,
                "signal": observation.signal.value,
                "fullgraph_passes": fullgraph,
            },
            "recompiles": {
                "sites": [recompile_dict(item, observation.warmup) for item in observation.recompiles],
                "limits": limits,
                "calls": observation.calls,
                "warmup": observation.warmup,
                "compiled": graphs > 0,
                "signal": observation.signal.value,
            },
            "fallbacks": {
                "sites": [fallback_dict(site) for site in observation.fallbacks],
                "backend": self.scenario.backend,
                "graphs": graphs,
            },
            "compile": {
                "cold_seconds": sum(self.call_seconds[: observation.warmup or 1]),
                "compile_seconds": observation.compile_seconds,
                "warm_seconds": None,
                "graphs": graphs,
                "ops": ops,
                "backend": self.scenario.backend,
            },
        }
        self.records.write(
            raw={
                "evidence": {k: v for k, v in evidence.items() if self.scenario.wants(k)},
                "graphs": [graph_dict(graph) for graph in observation.graphs],
                "skipped_frames": [skipped_dict(frame) for frame in observation.skipped_frames],
                "environment": self._environment(),
                "notes": list(observation.notes),
                "expect": {
                    k: v for k, v in self.case.expect.items() if isinstance(v, (int, float, str, bool))
                },
            }
        )

    def _fullgraph_passes(self) -> bool | None:
        """Whether `fullgraph=True` accepts what broke: it turns on captures that a plain compile has off.

        Not asked of several ranks: one that it stops leaves the others waiting in a collective.
        """
        import torch

        if not self.case.compile or not self.scenario.wants("graph_breaks") or self.meeting.several:
            return None
        try:
            from breakcheck.runtime.observe import compiled_case

            trial = compiled_case(
                self.case, backend="eager", dynamic=self.scenario.dynamic, fullgraph=True, calls=1, warmup=0
            )
            before = torch.get_rng_state()
            trial.run(0)
            torch.set_rng_state(before)
        except Exception:
            return False
        return True

    def _environment(self) -> dict[str, Any]:
        import torch

        from breakcheck._version import __version__

        return {
            "breakcheck": __version__,
            "torch": torch.__version__,
            "python": platform.python_version(),
            "platform": f"{sys.platform} {platform.machine()}",
            "backend": self.scenario.backend,
            **self.device.environment(),
        }

    def _verdict(self, name: str, verdict: Verdict) -> None:
        if self.scenario.wants(name):
            self.records.write(verdict=name, value=to_plain(verdict.to_dict()))

    def _later_stages(self, ready: Compiled, observation: Observation, extra: Mapping[str, Verdict]) -> None:
        broken = self.meeting.any("broken", bool(observation.errors))
        if self.scenario.wants("parity") and "parity" not in extra:
            self.records.stage("parity")
            self._verdict("parity", self._parity(broken))
        if self.scenario.wants("latency") and "latency" not in extra:
            self.records.stage("latency")
            self._verdict("latency", self._latency(ready, broken))
        last = self.number - 1
        if self.scenario.wants("memory") and "memory" not in extra:
            self.records.stage("memory")
            verdict = Verdict(Status.INCONCLUSIVE, "the compiled call raises")
            if not broken:
                verdict = self.device.memory(self._eager_call(), lambda: ready.run(last))
            self._verdict("memory", verdict)
        if self.scenario.wants("syncs") and "syncs" not in extra:
            verdict = Verdict(Status.INCONCLUSIVE, "the compiled call raises")
            self._verdict("syncs", verdict if broken else self.device.syncs(lambda: ready.run(last)))
        if self.scenario.wants("cudagraphs") and "cudagraphs" not in extra:
            self._verdict("cudagraphs", self.device.cudagraphs(observation, self.scenario.mode))
        if (
            self.scenario.wants("compile")
            and self.case.compile
            and not broken
            and self.scenario.backend == "inductor"
        ):
            self.records.stage("warm")
            self.records.write(warm_seconds=self._warm_seconds())
        if self.scenario.explain:
            self.records.stage("explain")
            self.records.write(explain=self._explain())

    def _eager_call(self) -> Callable[[], object]:
        """One uncompiled warm call on the case's own model (regions it compiled itself run eagerly)."""
        import torch

        from breakcheck.runtime.observe import eager_case

        eager = eager_case(self.case, self.number, self.warmup)
        last = self.number - 1
        if self.case.compile:
            return lambda: eager.run(last, seeded=False)

        def forced() -> object:
            with torch.compiler.set_stance("force_eager"):
                return eager.run(last, seeded=False)

        return forced

    def _parity(self, broken: bool) -> Verdict:
        if broken:
            return Verdict(Status.INCONCLUSIVE, "the compiled call raises, so there is nothing to compare")
        if self.references is None:
            return Verdict(
                Status.INCONCLUSIVE, getattr(self, "reference_problem", "no reference could be run")
            )
        from breakcheck.runtime.parity_gate import gate

        return gate(self)

    def _latency(self, ready: Compiled, broken: bool) -> Verdict:
        from breakcheck.runtime import latency

        if broken:
            return Verdict(Status.INCONCLUSIVE, "the compiled call raises")
        text = self.scenario.latency
        if text is None and self.scenario.backend != "inductor":
            return Verdict(Status.NOT_CHECKED, f"backend {self.scenario.backend} is not meant to be fast")
        budget = parse_budget(text or DEFAULT_LATENCY)
        if budget.machine and budget.machine != os.environ.get("BREAKCHECK_MACHINE"):
            return Verdict(
                Status.NOT_CHECKED,
                f"{budget} holds on machine {budget.machine}; BREAKCHECK_MACHINE names another",
            )
        last = self.number - 1
        limit: float | None = None
        how: dict[str, Any] = {}
        if budget.kind == "limit":
            from breakcheck.runtime.physical_limit import physical_limit_ms

            limit, how = physical_limit_ms(
                self._eager_call(), self.case, self.device.synchronize, self.scenario.device
            )
            limit = max(self.meeting.exchange("limit", limit))
        eager, synchronize = self._eager_call(), self.device.synchronize

        def take() -> latency.Measurement:
            compiled: Callable[[], object] = lambda: ready.run(last, seeded=False)  # noqa: E731
            own = latency.measure(eager, compiled, synchronize, ends=self._all_have_enough)
            return latency.slowest(self.meeting.exchange("measured", [own.eager_ms, own.compiled_ms]))

        result = latency.judge(take, budget, limit)
        evidence = {
            "budget": str(budget) if budget.kind != "off" else None,
            "ratio": min(min(m.compiled_ms) for m in result.measurements)
            / min(min(m.eager_ms) for m in result.measurements),
            "value": result.value,
            "limit_ms": limit,
            "limit": how,
            "samples_ms": {
                "eager": [t for m in result.measurements for t in m.eager_ms],
                "compiled": [t for m in result.measurements for t in m.compiled_ms],
            },
        }
        for name, samples in list(evidence["samples_ms"].items()):  # type: ignore[union-attr]
            ordered = sorted(samples)
            evidence[f"{name}_ms"] = {
                "min": ordered[0],
                "median": ordered[len(ordered) // 2],
                "p90": ordered[int(0.9 * (len(ordered) - 1))],
            }
        return Verdict(result.status, result.summary, evidence)

    def _all_have_enough(self, enough: bool) -> bool:
        return not self.meeting.any("short", not enough)

    def _warm_seconds(self) -> float:
        """Seconds of the first call in a process that finds Inductor's cache filled."""
        import torch

        from breakcheck.runtime.observe import compiled_case

        torch._dynamo.reset()
        ready = compiled_case(
            self.case, backend=self.scenario.backend, mode=self.scenario.mode, dynamic=self.scenario.dynamic
        )
        begin = time.perf_counter()
        ready.run(0)
        self.device.synchronize()
        return time.perf_counter() - begin

    def _explain(self) -> dict[str, Any]:
        """What torch._dynamo.explain says of the first call; it misses much (see `caution`)."""
        import torch

        from breakcheck.runtime.observe import eager_case
        from breakcheck.runtime.trace import without_addresses

        call = eager_case(self.case).calls[0]
        torch._dynamo.reset()
        try:
            said = torch._dynamo.explain(self.case.model)(*call.args, **call.kwargs)
        except Exception as error:
            return {"error": f"{type(error).__name__}: {error}"}
        return {
            "graph_count": said.graph_count,
            "graph_break_count": said.graph_break_count,
            "op_count": said.op_count,
            "break_reasons": [
                {
                    "reason": without_addresses(reason.reason),
                    "stack": [f"{f.filename}:{f.lineno}" for f in reason.user_stack],
                }
                for reason in said.break_reasons
            ],
            "guards": len(said.out_guards or ()),
            "caution": "explain counts graphs minus one: it misses breaks before the first and after the last op, is "
            "-1 where nothing compiled, never runs backward, and counts no recompile. The verdicts above do.",
        }


def _eager_fails(target: str, error: BaseException) -> str:
    from breakcheck.runtime.errors_seen import call_error

    seen = call_error(error, 0, "forward")
    where = f" at {seen.path}:{seen.line}" if seen.path else ""
    text = " ".join(str(error).split())[:300]
    return f"{target}: the model raises without torch.compile: {type(error).__name__}: {text}{where}"
