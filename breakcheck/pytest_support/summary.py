"""The plugin's last words: what the suite compiled, what the baseline makes of it, and the files it asked for."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass, field

import pytest

from breakcheck.known_breaks import Comparison, Entry, Identity, compare, updated, write_known
from breakcheck.pytest_support.options import Settings
from breakcheck.pytest_support.record import ATTRIBUTE, Record

_SHOWN = 20  # places listed in the terminal; the JSON file has all


@dataclass
class Summary:
    """Gathers the records of a session; lives in the controller (or the only process), never in a worker."""

    settings: Settings
    known: tuple[Entry, ...]
    records: dict[str, Record] = field(default_factory=dict)
    written: list[str] = field(default_factory=list)

    def take(self, report: pytest.TestReport) -> None:
        """Keep the record that a report carries."""
        data = getattr(report, ATTRIBUTE, None)
        if data is not None:
            self.records[report.nodeid] = Record.from_dict(data)

    def _seen(self) -> dict[str, list[Identity]]:
        return {
            nodeid: [event.identity for event in record.seen]
            for nodeid, record in self.records.items()
            if record.complete and record.verdict != "vacuous"
        }

    def comparison(self) -> Comparison:
        """This session against the baseline."""
        return compare(self._seen(), self.known)

    def write(self) -> None:
        """Write the baseline (only when asked to) and the JSON and HTML files."""
        settings = self.settings
        if settings.update_baseline and settings.baseline is not None:
            entries = updated(self._seen(), self.known)
            write_known(settings.baseline, entries)
            self.written.append(f"{settings.baseline}: {len(entries)} known break(s) written")
        if settings.json is not None:
            tests = {nodeid: record.to_dict() for nodeid, record in self.records.items()}
            settings.json.parent.mkdir(parents=True, exist_ok=True)
            settings.json.write_text(
                json.dumps({"version": 1, "tests": tests}, indent=1) + "\n", encoding="utf-8"
            )
            self.written.append(f"{settings.json}: {len(tests)} test(s) written")
        if settings.html is not None:
            checks = [check for record in self.records.values() for check in record.checks]
            if checks:
                from breakcheck.runtime.report import render_html

                settings.html.parent.mkdir(parents=True, exist_ok=True)
                settings.html.write_text(render_html(checks), encoding="utf-8")
                self.written.append(f"{settings.html}: {len(checks)} check(s) written")

    def lines(self) -> list[str]:
        """The section of the terminal report, empty when there is nothing to say."""
        out = []
        if self.settings.observe:
            out += self._observed()
        known = sum(record.known for record in self.records.values())
        if known and not self.settings.update_baseline:
            tests = sum(1 for record in self.records.values() if record.known)
            out.append(f"{known} known break(s) in {tests} test(s) passed by the baseline {self._baseline()}")
        if self.settings.baseline is not None and not self.settings.update_baseline:
            against = self.comparison()
            if against.fixed:
                out.append(
                    f"{len(against.fixed)} known break(s) are fixed: the baseline can shrink "
                    "(--breakcheck-update-baseline)"
                )
                out += [f"  fixed: {entry.identity}" for entry in against.fixed[:_SHOWN]]
            if against.unused:
                out.append(f"{len(against.unused)} baseline entry(s) unused: no test that showed them ran")
                out += [f"  unused: {entry.identity}" for entry in against.unused[:_SHOWN]]
        return [*out, *self.written]

    def _baseline(self) -> str:
        return self.settings.baseline.name if self.settings.baseline is not None else ""

    def _observed(self) -> list[str]:
        compiled = [record for record in self.records.values() if record.graphs or record.seen]
        out = [
            f"{len(self.records)} test(s) observed, {len(compiled)} compiled something: "
            f"{sum(record.graphs for record in compiled)} graph(s), "
            f"{sum(record.breaks for record in compiled)} break(s), "
            f"{sum(record.recompiles for record in compiled)} recompile(s)"
        ]
        disabled = Counter(record.disabled_by for record in self.records.values() if record.disabled_by)
        out += [f"nothing could compile in {number} test(s): {why}" for why, number in disabled.most_common()]
        places: Counter[tuple[Identity, int]] = Counter(
            (event.identity, event.line) for record in self.records.values() for event in record.seen
        )
        for (identity, line), number in places.most_common(_SHOWN):
            tests = f"{number} test{'' if number == 1 else 's'}"
            what = "recompile: " if identity.kind == "recompile" else ""
            out.append(f"  {identity.path}:{line}: {what}{identity.id} in {identity.function} ({tests})")
            if identity.source:
                out.append(f"      {identity.source}")
        if len(places) > _SHOWN:
            out.append(f"  and {len(places) - _SHOWN} more (--breakcheck-json FILE lists all)")
        return out
