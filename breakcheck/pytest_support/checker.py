"""The `breakcheck` fixture: one full check of a model in this process, and `expect` for a block."""

from __future__ import annotations

import json
import os
import warnings
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import pytest

from breakcheck.case import Call, Case
from breakcheck.expectation import Expectations, parse_expectations
from breakcheck.known_breaks import Entry
from breakcheck.pytest_support.options import Settings
from breakcheck.pytest_support.report import CheckReport
from breakcheck.watch import BreakcheckFailure, Expecting, expect

if TYPE_CHECKING:
    from breakcheck.runtime.report_data import Report
    from breakcheck.runtime.scenario import Scenario

Calls = Sequence[Call | tuple[Any, ...] | Mapping[str, Any]]


class BreakcheckWarning(pytest.PytestWarning):
    """Something asked for could not be checked."""


class Checker:
    """What a test gets as `breakcheck`."""

    def __init__(
        self, settings: Settings, known: Sequence[Entry], test: str, reports: list[dict[str, Any]]
    ) -> None:
        self._settings = settings
        self._known = known
        self._test = test
        self._reports = reports

    def expect(self, *expressions: str, reset: bool | None = None, **bounds: int | str | None) -> Expecting:
        """As `breakcheck.expect`, with the session's expectations where a block states none."""
        if not expressions and not any(value is not None for value in bounds.values()):
            expressions = (str(self._settings.expect),)
        return expect(*expressions, reset=reset, **bounds)

    def __call__(
        self,
        model: Callable[..., Any],
        calls: Calls = ((),),
        *,
        warmup: int = 1,
        backend: str | None = None,
        mode: str | None = None,
        dynamic: bool | None = None,
        train: bool = False,
        compile: bool = True,
        loss: Callable[[Any], Any] | None = None,
        options: Mapping[str, Any] | None = None,
        device: str = "cpu",
        parity: str | None = None,
        latency: str | None = None,
        **bounds: int | str | None,
    ) -> CheckReport:
        """The report of one check, made in this process; Dynamo's state, seeds, grads and modes are put back.

        calls, warmup, train, compile, loss, options: as of `breakcheck.Case`. parity: the dtype to compare in
        ("float32" gates; "bfloat16" casts a copy). latency: a budget ("r<=0.9"). bounds: breaks, recompiles, graphs,
        ops. What is asked for is enforced: raises `BreakcheckFailure` when it fails, and always when nothing could be
        compiled. The rest is in the report for the test to assert on.
        """
        __tracebackhide__ = True
        settings = self._settings
        expected = parse_expectations((), bounds)
        parity = settings.parity if parity is None else parity
        latency = _possible(settings.latency if latency is None else latency)
        only = ["graph_breaks", "recompiles", "fallbacks", *(["parity"] if _asked(parity) else [])]
        only += ["latency"] if _asked(latency) else []
        from breakcheck.runtime.scenario import Scenario

        scenario = Scenario(
            target=self._test if not self._reports else f"{self._test} ({len(self._reports) + 1})",
            device=device,
            backend=backend or settings.backend,
            mode=mode,
            dynamic=dynamic,
            only=tuple(only),
            latency=latency if _asked(latency) else None,
        )
        case = Case(
            model, calls, warmup, train=train, compile=compile, options=dict(options or {}), loss=loss
        )
        with _put_back(model):
            made = _run(scenario, case, parity, self._known)
        self._reports.append(json.loads(json.dumps(made.to_dict(), default=str)))
        report = CheckReport(made)
        text = unmet(report, expected, only)
        if text:
            raise BreakcheckFailure(text)
        for name in only:
            if report.verdicts[name].status.value == "inconclusive":
                warnings.warn(BreakcheckWarning(f"{name}: {report.verdicts[name].summary}"), stacklevel=2)
        return report


def _asked(text: str | None) -> bool:
    return bool(text) and text != "off"


def _possible(latency: str) -> str:
    if _asked(latency) and "PYTEST_XDIST_WORKER" in os.environ:
        message = f"latency {latency} is not checked under pytest-xdist: the workers share the machine"
        warnings.warn(BreakcheckWarning(message), stacklevel=3)
        return ""
    return latency


def unmet(report: CheckReport, expected: Expectations, enforced: Sequence[str]) -> str:
    """What of a report does not meet what was asked for, with the whole report below it; "" when all does."""
    from breakcheck.runtime.terminal import full

    counts = {
        "breaks": len(report.graph_breaks),
        "recompiles": len(report.recompiles),
        "graphs": len(report.graphs),
        "ops": sum(int(graph["op_count"]) for graph in report.graphs),
    }
    heads = [
        f"{counts[bound.quantity]} {bound.quantity}, expected {bound}"
        for bound in expected.thresholds
        if not bound.holds(counts[bound.quantity])
    ]
    heads += [
        f"{name}: {report.verdicts[name].summary}"
        for name in enforced
        if name in ("parity", "latency") and report.verdicts[name].status.value == "fail"
    ]
    graphs = expected.of("graphs")
    if not report.graphs and not report.graph_breaks and not (graphs and graphs.holds(0)):
        heads.insert(0, f"nothing was compiled: {report.verdicts['graph_breaks'].summary}")
    return "\n".join([*heads, "", full(report.data)]) if heads else ""


def _run(scenario: Scenario, case: Case, parity: str, known: Sequence[Entry]) -> Report:
    from dataclasses import replace

    from breakcheck.join import RuleTable
    from breakcheck.runtime.assemble import Policy, assemble
    from breakcheck.runtime.devices import adapter
    from breakcheck.runtime.parity_run import copied, in_dtype
    from breakcheck.runtime.ranks import Meeting
    from breakcheck.runtime.stages import Run
    from breakcheck.runtime.supervise import merge
    from breakcheck.runtime.worker import Records

    class Kept(Records):
        """Records kept in a list."""

        def __init__(self) -> None:
            super().__init__("unused")
            self.items: list[dict[str, Any]] = []

        def write(self, **record: Any) -> None:
            """Keep one record in the form it would have had in the file."""
            self.items.append(json.loads(json.dumps(record, default=str)))

    if parity in ("bfloat16", "float16"):
        import torch

        case = in_dtype(copied(case), getattr(torch, parity))
        scenario = replace(scenario, dtype=parity)
    device = adapter(scenario.device)
    records = Kept()
    Run(scenario, device.place(case), device, records, Meeting()).all_stages()
    records.stage("done")
    records.write(done=True)
    policy = Policy(known=frozenset((*entry.identity,) for entry in known))
    return assemble(scenario, merge(records.items), table=RuleTable(), policy=policy)


class _put_back:
    """Seeds, modes of training, gradients and switches as they were, whatever the check did to them."""

    def __init__(self, model: object) -> None:
        self._model = model

    def __enter__(self) -> None:
        import random

        import torch

        modules = list(self._model.modules()) if isinstance(self._model, torch.nn.Module) else []
        self._modes = [(module, module.training) for module in modules]
        parameters = list(self._model.parameters()) if isinstance(self._model, torch.nn.Module) else []
        self._grads = [(parameter, parameter.grad) for parameter in parameters]
        self._random = random.getstate()
        self._torch = torch.random.fork_rng(devices=list(range(torch.cuda.device_count())))
        self._torch.__enter__()
        self._numpy = _numpy_state()

    def __exit__(self, *error: object) -> None:
        import random

        self._torch.__exit__(None, None, None)
        random.setstate(self._random)
        if self._numpy is not None:
            import numpy as np

            np.random.set_state(self._numpy)
        for module, mode in self._modes:
            module.training = mode
        for parameter, grad in self._grads:
            parameter.grad = grad


def _numpy_state() -> Any:
    import sys

    numpy = sys.modules.get("numpy")
    return numpy.random.get_state() if numpy is not None else None
