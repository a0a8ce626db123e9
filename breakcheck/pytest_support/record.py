"""What one test showed, as plain data that travels from an xdist worker to the controller."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from breakcheck.known_breaks import Identity, identity_of_break, identity_of_limit, identity_of_recompile

if TYPE_CHECKING:
    from breakcheck.runtime.observation import Observation

ATTRIBUTE = "breakcheck_record"  # on a TestReport


@dataclass(frozen=True)
class Seen:
    """One event of a test: its identity, where it lies now, and whether the baseline knows it."""

    identity: Identity
    line: int
    known: bool = False


@dataclass(frozen=True)
class Record:
    """One test. verdict: "pass", "fail", "vacuous" of a marked test, "observed" of another.

    complete: the test's own code ran to its end, so that what it did not show is really absent.
    """

    verdict: str
    graphs: int = 0
    ops: int = 0
    seen: tuple[Seen, ...] = ()
    disabled_by: str = ""
    complete: bool = True
    checks: tuple[Mapping[str, Any], ...] = field(default=(), compare=False)

    def count(self, *kinds: str) -> int:
        """How many events of some kinds there were."""
        return sum(seen.identity.kind in kinds for seen in self.seen)

    @property
    def breaks(self) -> int:
        """Graph breaks and recompile-limit hits."""
        return self.count("break", "limit")

    @property
    def recompiles(self) -> int:
        """Recompiles."""
        return self.count("recompile")

    @property
    def known(self) -> int:
        """Events that the baseline knows."""
        return sum(seen.known for seen in self.seen)

    def to_dict(self) -> dict[str, Any]:
        """JSON-ready form."""
        data = asdict(self)
        data["seen"] = [
            {**seen.identity._asdict(), "line": seen.line, "known": seen.known} for seen in self.seen
        ]
        data["checks"] = list(self.checks)
        return data

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Record:
        """The record that `to_dict` wrote."""
        seen = tuple(
            Seen(Identity(*(item[name] for name in Identity._fields)), item["line"], item["known"])
            for item in data["seen"]
        )
        return cls(**{**data, "seen": seen, "checks": tuple(data["checks"])})

    def properties(self) -> list[tuple[str, object]]:
        """The `user_properties` of the test, which JUnit XML shows."""
        listed = "; ".join(f"{seen.identity.path}:{seen.line} {seen.identity.id}" for seen in self.seen)
        pairs: list[tuple[str, object]] = [
            ("breakcheck_verdict", self.verdict),
            ("breakcheck_breaks", self.breaks),
            ("breakcheck_recompiles", self.recompiles),
            ("breakcheck_graphs", self.graphs),
        ]
        return [*pairs, ("breakcheck_sites", listed)] if listed else pairs


def events_of(observation: Observation, root: Path, known: Sequence[Identity]) -> tuple[Seen, ...]:
    """The events of an observation with their identities, breaks first."""
    listed = set(known)
    found = [
        *((identity_of_break(site, root), site.line) for site in observation.breaks),
        *((identity_of_limit(hit, root), hit.line) for hit in observation.limits),
        *((identity_of_recompile(again, root), again.line) for again in observation.recompiles),
    ]
    return tuple(Seen(identity, line, identity in listed) for identity, line in found)


def without_known(observation: Observation, root: Path, known: Sequence[Identity]) -> Observation:
    """The observation without the events the baseline knows."""
    from dataclasses import replace

    listed = set(known)
    return replace(
        observation,
        breaks=tuple(site for site in observation.breaks if identity_of_break(site, root) not in listed),
        limits=tuple(hit for hit in observation.limits if identity_of_limit(hit, root) not in listed),
        recompiles=tuple(a for a in observation.recompiles if identity_of_recompile(a, root) not in listed),
    )
