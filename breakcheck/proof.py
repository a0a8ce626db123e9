"""`proof.json`: what a rule's examples showed where the installed torch or device can't show it."""

from __future__ import annotations

import hashlib
import json
import platform
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from importlib import metadata
from pathlib import Path

from packaging.specifiers import SpecifierSet
from packaging.version import Version

from breakcheck.example_run import Evidence, evidence_from
from breakcheck.rule import Rule

PROOF_NAME = "proof.json"


@dataclass(frozen=True)
class Run:
    """One measurement: where it was made and what was seen.

    libraries: the versions of those that the rule names in `requires`, and torch.
    """

    torch: str
    interpreter: str
    libraries: Mapping[str, str]
    device: str
    evidence: Evidence


@dataclass(frozen=True)
class Proof:
    """All runs of one state of a rule's examples; a changed example makes the proof void."""

    bad_sha256: str
    good_sha256: str
    runs: tuple[Run, ...] = field(default_factory=tuple)


def hashes(folder: Path) -> tuple[str, str]:
    """SHA-256 of `bad.py` and `good.py`."""
    one, other = (hashlib.sha256((folder / name).read_bytes()).hexdigest() for name in ("bad.py", "good.py"))
    return one, other


def read_proof(folder: Path) -> Proof | None:
    """The proof in a rule's folder, None when it has none. Raises ValueError for a broken file."""
    path = folder / PROOF_NAME
    if not path.is_file():
        return None
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
        runs = tuple(
            Run(
                run["torch"],
                run["interpreter"],
                run["libraries"],
                run["device"],
                evidence_from(run["evidence"]),
            )
            for run in data["runs"]
        )
        return Proof(data["bad_sha256"], data["good_sha256"], runs)
    except (KeyError, TypeError, json.JSONDecodeError) as error:
        raise ValueError(
            f"{path}: not a proof ({error}); make it again with benchmarks/matrix.py --rules"
        ) from None


def add_run(folder: Path, run: Run) -> None:
    """Write a run into the folder's proof: it replaces one of the same versions, and all runs of other examples."""
    bad, good = hashes(folder)
    old = read_proof(folder)
    kept = () if old is None or (old.bad_sha256, old.good_sha256) != (bad, good) else old.runs
    same = (run.torch, dict(run.libraries), run.device)
    runs = [other for other in kept if (other.torch, dict(other.libraries), other.device) != same]
    runs = sorted([*runs, run], key=lambda r: (Version(r.torch), sorted(r.libraries.items())))
    text = json.dumps(asdict(Proof(bad, good, tuple(runs))), indent=1)
    (folder / PROOF_NAME).write_text(text + "\n", encoding="utf-8")


def this_run(rule: Rule, evidence: Evidence) -> Run:
    """A run on this interpreter, with the versions that the rule's claim depends on."""
    libraries = {name: metadata.version(name) for name in rule.requires}
    return Run(evidence.torch, f"Python {platform.python_version()}", libraries, "cpu", evidence)


def provable_here(rule: Rule, torch_version: str, libraries: Mapping[str, str | None]) -> bool:
    """Whether the rule's claim can be shown on this torch with these libraries (None: not installed)."""
    if not _inside(torch_version, rule.versions):
        return False
    return all(
        (version := libraries.get(name)) is not None and _inside(version, spec)
        for name, spec in rule.requires.items()
    )


def installed(names: Iterable[str]) -> dict[str, str | None]:
    """The installed version of each distribution, None where it is missing."""
    found: dict[str, str | None] = {}
    for name in names:
        try:
            found[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            found[name] = None
    return found


def _inside(version: str, specifier: str) -> bool:
    parsed = Version(version.split("+")[0])
    return SpecifierSet(specifier).contains(parsed, prereleases=True)
