"""pytest plugin: a marker, a fixture and `--breakcheck`. Imports neither torch nor libcst at load."""

from __future__ import annotations

from collections.abc import Generator, Iterator
from typing import TYPE_CHECKING

import pytest

from breakcheck.pytest_support.options import Settings, add_options, read_settings

if TYPE_CHECKING:
    from breakcheck.known_breaks import Entry
    from breakcheck.pytest_support.checker import Checker
    from breakcheck.pytest_support.gate import Gate

_MARKER = (
    "breakcheck(*expressions, breaks=None, recompiles=None, graphs=None, ops=None): everything compiled during the "
    'test meets these bounds; numbers or expressions ("breaks<=2"), with none: no break, no recompile'
)


def pytest_addoption(parser: pytest.Parser) -> None:
    """Declare the options."""
    add_options(parser)


def pytest_configure(config: pytest.Config) -> None:
    """Register the marker and start the session's plugin."""
    config.addinivalue_line("markers", _MARKER)
    config.pluginmanager.register(BreakcheckPlugin(config, read_settings(config)), "breakcheck-session")


@pytest.fixture(name="breakcheck")
def breakcheck_fixture(request: pytest.FixtureRequest) -> Iterator[Checker]:
    """Check a model: `report = breakcheck(model, calls=[(x,), (y,)], warmup=1)`; also `breakcheck.expect(...)`."""
    from breakcheck.pytest_support.checker import Checker
    from breakcheck.pytest_support.gate import without_trace_in_captured_log

    plugin = request.config.pluginmanager.get_plugin("breakcheck-session")
    assert isinstance(plugin, BreakcheckPlugin)
    with without_trace_in_captured_log(request.config):
        yield Checker(plugin.settings, plugin.known, request.node.name, plugin.checks_of(request.node))


class BreakcheckPlugin:
    """One session: a gate around each marked test (and, with `--breakcheck`, around every test), and the summary."""

    def __init__(self, config: pytest.Config, settings: Settings) -> None:
        from breakcheck.errors import BreakcheckError
        from breakcheck.known_breaks import read_known
        from breakcheck.pytest_support.summary import Summary

        self.settings = settings
        self.is_worker = hasattr(config, "workerinput")
        self.known: tuple[Entry, ...] = ()
        if settings.baseline is not None and (settings.baseline.exists() or not settings.update_baseline):
            try:
                self.known = read_known(settings.baseline)
            except BreakcheckError as error:
                raise pytest.UsageError(f"breakcheck: {error}") from None
        self.summary = Summary(settings, self.known)
        self._gates: dict[str, Gate] = {}
        self._checks: dict[str, list[dict[str, object]]] = {}

    def checks_of(self, item: pytest.Item) -> list[dict[str, object]]:
        """The reports of the fixture's checks in a test, in order."""
        return self._checks.setdefault(item.nodeid, [])

    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        """Refuse a marker that cannot be read before any test runs."""
        from breakcheck.pytest_support.gate import expectations_of

        for item in items:
            expectations_of(item, self.settings)

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtest_setup(self, item: pytest.Item) -> Generator[None, None, None]:
        """Begin to watch before the fixtures: what they compile belongs to the test."""
        from breakcheck.pytest_support.gate import Gate, expectations_of

        self._gates.pop(item.nodeid, None)
        expected = expectations_of(item, self.settings)
        gate = None
        if expected is not None or self.settings.observe:
            gate = Gate(item, self.settings, self.known, expected, checks=self.checks_of(item))
            gate.open(reset=expected is not None)
            self._gates[item.nodeid] = gate
        yield
        # Only now: an error before the other plugins' setup leaves them half set up.
        if expected is not None and gate is not None and gate.refused:
            pytest.fail(f"breakcheck: {gate.refused}", pytrace=False)

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtest_call(self, item: pytest.Item) -> Generator[None, None, None]:
        """Judge what was compiled, once the test's own code is through."""
        gate = self._gates.get(item.nodeid)
        try:
            yield
        except BaseException:
            if gate is not None:
                gate.close(complete=False)
            raise
        if gate is not None:
            gate.close(complete=True)
            if gate.problems:
                from breakcheck.pytest_support.failure import GateFailure

                raise GateFailure(gate.text())

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtest_teardown(self, item: pytest.Item) -> Generator[None, None, None]:
        """Stop watching where setup failed or skipped, so that nothing stays attached."""
        gate = self._gates.pop(item.nodeid, None)
        self._checks.pop(item.nodeid, None)
        if gate is not None:
            gate.stack.close()
        yield

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(
        self, item: pytest.Item, call: pytest.CallInfo[None]
    ) -> Generator[None, pytest.TestReport, pytest.TestReport]:
        """Put the places into the report: as its text when the gate failed, as a section of its own always."""
        report = yield
        gate = self._gates.get(item.nodeid)
        if call.when == "call":
            self._attach(report, gate, call)
        return report

    def _attach(self, report: pytest.TestReport, gate: Gate | None, call: pytest.CallInfo[None]) -> None:
        from breakcheck.pytest_support.record import ATTRIBUTE, Record

        if gate is not None and gate.record is not None:
            setattr(report, ATTRIBUTE, gate.record.to_dict())
            report.sections.append(("breakcheck", gate.section()))
        elif self._checks.get(report.nodeid):
            record = Record("observed", complete=False, checks=tuple(self._checks[report.nodeid]))
            setattr(report, ATTRIBUTE, record.to_dict())
        if call.excinfo is None:
            return
        from breakcheck.pytest_support.failure import GateFailure, failure_report

        if gate is not None and isinstance(call.excinfo.value, GateFailure) and report.failed:
            report.longrepr = failure_report(gate)

    def pytest_report_teststatus(self, report: pytest.TestReport) -> tuple[str, str, object] | None:
        """The letter B for a test that failed on its breaks, b for one that passed in spite of some."""
        data = getattr(report, "breakcheck_record", None)
        if data is None or report.when != "call" or hasattr(report, "wasxfail"):
            return None
        if report.failed and data["verdict"] in ("fail", "vacuous"):
            return "failed", "B", ("BREAK", {"red": True})
        if report.passed and data["seen"]:
            return "passed", "b", (f"PASSED ({len(data['seen'])} known or reported)", {"yellow": True})
        return None

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Gather the records, whichever process they come from."""
        if not self.is_worker:
            self.summary.take(report)

    def pytest_sessionfinish(self) -> None:
        """Write the files: the controller only, a worker has seen but its share."""
        if not self.is_worker:
            self.summary.write()

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        """Say what was seen and what the baseline makes of it."""
        lines = self.summary.lines()
        if lines:
            terminalreporter.section("breakcheck")
            for line in lines:
                terminalreporter.write_line(line)
