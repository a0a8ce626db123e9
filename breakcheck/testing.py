"""The contract every rule keeps, ours and users' alike: what `breakcheck test-rules` and our own tests run.

from breakcheck.testing import check_rule
assert check_rule(find_rule("BC101")) == []
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from breakcheck.example_run import OUTSIDE_ONE_RUN, Evidence, Seen, measure
from breakcheck.finding import Effect, Finding
from breakcheck.proof import PROOF_NAME, Run, hashes, installed, provable_here, read_proof
from breakcheck.registry import LoadedRule
from breakcheck.rule import Rule

if TYPE_CHECKING:
    from breakcheck.options import Options

__all__ = ["Expectation", "check_rule", "expectations", "without_expectations"]

SECTIONS = ("What it does", "Why is this bad", "What to do", "Fix safety")
_EXPECT = re.compile(r"\s*# expect:\s*([A-Z]+\d+(?:\s*,\s*[A-Z]+\d+)*)\s*$")
# Tried in this order for a library that a rule requires and nobody pinned.
_CANDIDATES = ("0.1", "0.6.1", "0.9", "1.0", "1.5", "2.0", "3.0", "99.0")


@dataclass(frozen=True)
class Expectation:
    """`# expect: CODE` at a line (1-based)."""

    line: int
    code: str


def expectations(source: str) -> list[Expectation]:
    """The expectations in a file; several codes, or one twice, stand for several findings."""
    found = []
    for number, line in enumerate(source.splitlines(), 1):
        match = _EXPECT.search(line)
        if match:
            found += [Expectation(number, code.strip()) for code in match.group(1).split(",")]
    return found


def without_expectations(source: str) -> str:
    """The source with the `# expect` comments dropped."""
    return "".join(_EXPECT.sub("", line.rstrip("\n")) + "\n" for line in source.splitlines())


def check_rule(loaded: LoadedRule, *, static: bool = True, run: bool = True) -> list[str]:
    """What the rule's folder breaks of the contract, one line each; empty when it keeps it.

    static: what the linter says of the examples, the fix and the documentation. run: what the compiler shows of
    the examples, which needs torch.
    """
    problems = [*_layout(loaded)]
    if problems:
        return problems
    if static:
        problems += _documentation(loaded)
        problems += _findings(loaded)
        problems += _fix(loaded)
    if run:
        problems += _proven(loaded)
    return problems


def _layout(loaded: LoadedRule) -> Iterator[str]:
    for name in ("bad.py", "good.py", "cases.py"):
        if not (loaded.folder / name).is_file():
            yield f"{name} is missing"
    if not re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", loaded.rule.name):
        yield f"name {loaded.rule.name!r} is not kebab-case"
    if loaded.folder.name != loaded.rule.name.replace("-", "_"):
        yield f"folder {loaded.folder.name} is not named after the rule, {loaded.rule.name}"


def _documentation(loaded: LoadedRule) -> Iterator[str]:
    for section in SECTIONS:
        match = re.search(rf"^## {section}\n+(.+?)(?=^## |\Z)", loaded.doc, re.M | re.S)
        if match is None or not match.group(1).strip():
            yield f"the docstring of rule.py has no section '## {section}'"


def lint_example(loaded: LoadedRule, path: Path) -> tuple[Finding, ...]:
    """The rule's own findings in a file, linted for a torch and libraries in which its claim holds."""
    from breakcheck.linter import lint

    return lint([path], _options(loaded)).findings


def _options(loaded: LoadedRule) -> Options:
    from breakcheck.options import Options
    from breakcheck.versions import Environment

    rule = loaded.rule
    outside = () if loaded.module.startswith("breakcheck_rules.") else (str(loaded.folder),)
    return Options(
        environment=Environment((_target(rule),), "the rule's own", _libraries(rule)),
        select=(rule.code,),
        rule_paths=outside,
        root=loaded.folder,
        use_cache=False,
    )


def _target(rule: Rule) -> str:
    from breakcheck.versions import KNOWN_RELEASES, Environment

    admitted = Environment(KNOWN_RELEASES).admits(rule.versions)
    return "2.13" if "2.13" in admitted or not admitted else admitted[-1]


def _libraries(rule: Rule) -> dict[str, tuple[str, ...]]:
    from packaging.specifiers import SpecifierSet

    return {
        name: (next((version for version in _CANDIDATES if SpecifierSet(spec).contains(version)), "0"),)
        for name, spec in rule.requires.items()
    }


def _findings(loaded: LoadedRule) -> Iterator[str]:
    for name in ("bad.py", "good.py", "cases.py"):
        path = loaded.folder / name
        wanted = [e for e in expectations(path.read_text(encoding="utf-8")) if e.code == loaded.rule.code]
        if name == "bad.py" and not wanted:
            yield "bad.py says nowhere `# expect: CODE`"
        if name == "good.py" and wanted:
            yield "good.py must have no finding"
        yield from _compare_findings(name, list(wanted), lint_example(loaded, path))


def _compare_findings(name: str, wanted: list[Expectation], found: tuple[Finding, ...]) -> Iterator[str]:
    """One line for each expectation without a finding, finding without expectation, and finding too long."""
    for finding in found:
        place = finding.location
        match = next((e for e in wanted if place.line <= e.line <= place.end_line), None)
        if match is None:
            yield f"{name}:{place.line}: {finding.code} is reported but not expected: {finding.message}"
        else:
            wanted.remove(match)
        if place.end_line - place.line > 4:
            yield f"{name}:{place.line}: the finding spans {place.end_line - place.line + 1} lines, more than 5"
    for missing in wanted:
        yield f"{name}:{missing.line}: {missing.code} is expected but not reported"


def _fix(loaded: LoadedRule) -> Iterator[str]:
    if not loaded.can_fix:
        return
    from breakcheck.linter import fix_files

    bad, good = loaded.folder / "bad.py", loaded.folder / "good.py"
    options = _options(loaded)
    changed, _count, _errors = fix_files([bad], options, unsafe=True)
    if bad not in changed:
        yield "fix.py changes nothing in bad.py"
        return
    fixed = without_expectations(changed[bad][1])
    if fixed != without_expectations(good.read_text(encoding="utf-8")):
        yield f"fix(bad.py) is not good.py; it is:\n{fixed}"
    again, _count, _errors = fix_files([good], options, unsafe=True)
    if again:
        yield "fix.py changes good.py: fixing twice is not the same as fixing once"


def _proven(loaded: LoadedRule) -> Iterator[str]:
    """What is wrong with the rule's proof: by running here, or by its proof.json."""
    rule = loaded.rule
    versions = installed(("torch", *rule.requires))
    torch_version = versions["torch"]
    if torch_version is None:
        yield "torch is not installed: the examples can't be run"
        return
    outside = all(effect in OUTSIDE_ONE_RUN for effect in rule.effects)
    if (
        not outside
        and provable_here(rule, torch_version, versions)
        and not (loaded.folder / PROOF_NAME).is_file()
    ):
        yield from judge(loaded, measure(loaded))
        return
    yield from _stored_proof(loaded)


def judge(loaded: LoadedRule, evidence: Evidence) -> Iterator[str]:
    """What the evidence lacks of the rule's claim."""
    if evidence.failure:
        yield evidence.failure
        return
    wanted = {
        e.line
        for e in expectations((loaded.folder / "bad.py").read_text(encoding="utf-8"))
        if e.code == loaded.rule.code
    }
    shown = [effect for effect in loaded.rule.effects if _shows(effect, evidence, wanted)]
    if not shown:
        claims = ", ".join(effect.value for effect in loaded.rule.effects)
        yield f"bad.py does not show {claims} at lines {sorted(wanted)}; it shows {_told(evidence.bad)}"
    if Effect.GRAPH_BREAK in loaded.rule.effects:
        yield from _unknown_gb_ids(loaded.rule, evidence.bad)
    elif evidence.bad.breaks:
        yield f"bad.py breaks the graph, which the rule does not claim: {_told(evidence.bad)}"
    if evidence.good.breaks or evidence.good.errors or evidence.good.limits or evidence.good.elsewhere:
        yield f"good.py is not clean: {_told(evidence.good)}"
    if evidence.good.graphs == 0 and not evidence.good.disabled_by:
        yield "good.py compiles nothing, so it proves nothing"
    if evidence.difference:
        yield evidence.difference


def _shows(effect: Effect, evidence: Evidence, wanted: set[int]) -> bool:
    bad, good = evidence.bad, evidence.good
    if effect is Effect.RECOMPILE_LIMIT:
        return bool(bad.limits) and not good.limits
    if effect is Effect.RECOMPILE:
        return bad.recompiles > good.recompiles and bad.recompiles > 1
    if effect is Effect.XLA and _shows_on_xla(bad, good):
        return True
    lines = bad.effect_lines(effect)
    if lines is None or set(lines) != wanted:
        return False
    return not good.effect_lines(effect)


def _shows_on_xla(bad: Seen, good: Seen) -> bool:
    """Whether a program a call, its collectives or what it sends shows the effect; none has a line of its own.

    A scalar constant is sent as well, 4 or 8 bytes of it: parameters are a hundred times that.
    """
    compiles = bool(bad.xla_compiles) and not good.xla_compiles
    sends = bad.xla_uploads > 100 * max(good.xla_uploads, 8)
    return compiles or bad.xla_collectives > good.xla_collectives or sends


def _unknown_gb_ids(rule: Rule, seen: Seen) -> Iterator[str]:
    # A break that its torch has no id for yet ("") is held to its line alone.
    foreign = sorted({gb_id for _line, gb_id in seen.breaks if gb_id} - set(rule.gb_ids))
    if foreign:
        yield f"bad.py breaks with {', '.join(foreign)}, which the rule does not name"


def _told(seen: Seen) -> str:
    parts = [f"{gb_id or 'a break'} at line {line}" for line, gb_id in seen.breaks]
    parts += [f"{name} at line {line}" for line, name in seen.errors] + list(seen.elsewhere)
    parts += [f"the recompile limit in the function of line {line}" for line in seen.limits]
    parts += [f"a fallback at line {line}" for line in seen.fallbacks]
    return "; ".join([*parts, f"{seen.recompiles} recompiles, {seen.graphs} graphs"])


def _stored_proof(loaded: LoadedRule) -> Iterator[str]:
    proof = read_proof(loaded.folder)
    remake = "make it with benchmarks/matrix.py --rules"
    if proof is None:
        yield f"the claim (torch {loaded.rule.versions}) can't be shown here and there is no {PROOF_NAME}: {remake}"
        return
    if (proof.bad_sha256, proof.good_sha256) != hashes(loaded.folder):
        yield f"{PROOF_NAME} is of other examples: {remake}"
        return
    inside: list[Run] = []
    outside: list[Run] = []
    for run in proof.runs:
        holds = provable_here(loaded.rule, run.torch, dict(run.libraries))
        (inside if holds else outside).append(run)
    if not inside:
        yield f"{PROOF_NAME} has no run inside the rule's versions: {remake}"
    for run in inside:
        yield from (f"torch {run.torch}: {problem}" for problem in judge(loaded, run.evidence))
    for run in outside:
        if not list(judge(loaded, run.evidence)):
            yield f"torch {run.torch} is outside the rule's versions and shows the effect all the same"
    if not outside and re.search(r"<|!=", loaded.rule.versions):
        yield f"{PROOF_NAME} has no run beyond the rule's last version: {remake}"
