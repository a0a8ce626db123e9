"""Which torch releases (and which versions of other libraries) a project's findings must hold for."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache, cached_property
from importlib import metadata
from pathlib import Path

from packaging.requirements import InvalidRequirement, Requirement
from packaging.specifiers import InvalidSpecifier, SpecifierSet
from packaging.version import InvalidVersion, Version

from breakcheck.errors import BreakcheckError

if sys.version_info >= (3, 11):
    import tomllib
else:  # Python 3.10
    import tomli as tomllib

# Minor releases of torch that rules speak about; the last is the newest one measured.
KNOWN_RELEASES = tuple(f"2.{minor}" for minor in range(1, 16))
NEWEST_MEASURED = KNOWN_RELEASES[-1]


@dataclass(frozen=True)
class Environment:
    """What the linted project runs with.

    releases: minor releases of torch, "2.13", oldest first. source: where that came from, for the summary.
    libraries: name -> versions that may be there; missing means unknown.
    """

    releases: tuple[str, ...] = (NEWEST_MEASURED,)
    source: str = "newest measured"
    libraries: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def admits(self, specifier: str) -> tuple[str, ...]:
        """The releases of this environment inside a rule's PEP 440 specifier."""
        return _inside(self.releases, specifier)

    def meets(self, requires: Mapping[str, str]) -> bool:
        """Whether every named library is known and one of its versions satisfies the specifier."""
        return all(
            any(
                _specifier(spec).contains(version, prereleases=True)
                for version in self.libraries.get(name, ())
            )
            for name, spec in requires.items()
        )

    @cached_property
    def label(self) -> str:
        """ "2.13", or "2.9 to 2.15" for several."""
        if len(self.releases) == 1:
            return self.releases[0]
        return f"{self.releases[0]} to {self.releases[-1]}"


@cache
def _specifier(text: str) -> SpecifierSet:
    return SpecifierSet(text)


@cache
def _inside(releases: tuple[str, ...], specifier: str) -> tuple[str, ...]:
    if not specifier:
        return releases
    spec = _specifier(specifier)
    return tuple(release for release in releases if spec.contains(f"{release}.0", prereleases=True))


def parse_target(text: str, where: str) -> tuple[str, ...]:
    """The minor releases named by "2.13", "2.13.1" or a specifier such as ">=2.9,<2.14".

    Raises BreakcheckError (naming `where`) for anything else, or for releases nobody measured.
    """
    cleaned = text.strip()
    if re.fullmatch(r"\d+(\.\d+){1,2}([+.].*)?", cleaned):
        release = ".".join(cleaned.split(".")[:2])
        if release not in KNOWN_RELEASES:
            raise BreakcheckError(
                f"{where}: torch {cleaned} is not a release breakcheck knows; give one of "
                f"{KNOWN_RELEASES[0]} to {NEWEST_MEASURED}"
            )
        return (release,)
    try:
        releases = _admitted(SpecifierSet(cleaned))
    except InvalidSpecifier:
        raise BreakcheckError(
            f'{where}: {cleaned!r} is no torch version; write "2.13" or a range such as ">=2.9,<2.14"'
        ) from None
    if not cleaned or not releases:
        raise BreakcheckError(
            f"{where}: {cleaned!r} admits no torch release from {KNOWN_RELEASES[0]} to {NEWEST_MEASURED}"
        )
    return releases


def _admitted(spec: SpecifierSet) -> tuple[str, ...]:
    """The known minor releases of which some patch release is inside the specifier."""
    return tuple(
        release
        for release in KNOWN_RELEASES
        if any(spec.contains(f"{release}.{patch}", prereleases=True) for patch in range(8))
    )


def parse_libraries(pins: Iterable[str]) -> dict[str, tuple[str, ...]]:
    """{"einops": ("0.6.1",)} from "einops==0.6.1" lines. Raises BreakcheckError for another form."""
    found: dict[str, tuple[str, ...]] = {}
    for pin in pins:
        name, separator, version = pin.partition("==")
        try:
            found[_canonical(name)] = (str(Version(version)),)
        except InvalidVersion:
            raise BreakcheckError(f"--with {pin!r}: write NAME==VERSION, as in einops==0.6.1") from None
        if not separator or not name.strip():
            raise BreakcheckError(f"--with {pin!r}: write NAME==VERSION, as in einops==0.6.1")
    return found


def _canonical(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name.strip()).lower()


def _requirement_lines(project: Path) -> list[tuple[str, str]]:
    """(requirement, file name) of a project's pyproject.toml and requirements*.txt; unreadable ones are skipped."""
    lines: list[tuple[str, str]] = []
    pyproject = project / "pyproject.toml"
    if pyproject.is_file():
        try:
            table = tomllib.loads(pyproject.read_text(encoding="utf-8")).get("project", {})
        except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError):
            table = {}
        groups = [table.get("dependencies", []), *table.get("optional-dependencies", {}).values()]
        lines += [(text, "pyproject.toml") for group in groups for text in group if isinstance(text, str)]
    for path in sorted(project.glob("requirements*.txt")):
        try:
            text = path.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError):
            continue
        lines += [(line.split("#")[0].strip(), path.name) for line in text.splitlines()]
    return [(text, source) for text, source in lines if text and not text.startswith("-")]


def project_requirements(project: Path, names: Iterable[str]) -> dict[str, tuple[SpecifierSet, str]]:
    """name -> (specifier, file that says so) for the libraries of `names` the project pins or bounds."""
    wanted = {_canonical(name) for name in names}
    found: dict[str, tuple[SpecifierSet, str]] = {}
    for text, source in _requirement_lines(project):
        try:
            requirement = Requirement(text)
        except InvalidRequirement:
            continue
        name = _canonical(requirement.name)
        if name in wanted and len(requirement.specifier):
            known = found.get(name)
            spec = requirement.specifier if known is None else known[0] & requirement.specifier
            found[name] = (spec, source)
    return found


def _library_versions(spec: SpecifierSet | None, name: str) -> tuple[str, ...]:
    """The installed version if the project admits it, else the bounds its requirement names and admits."""
    try:
        installed: str | None = metadata.version(name)
    except metadata.PackageNotFoundError:
        installed = None
    if spec is None:
        return (installed,) if installed else ()
    if installed and spec.contains(installed, prereleases=True):
        return (installed,)
    bounds = {clause.version.removesuffix(".*") for clause in spec}
    return tuple(sorted(bound for bound in bounds if spec.contains(bound, prereleases=True)))


def resolve_environment(
    project: Path,
    *,
    target: str | None,
    target_source: str = "--target-torch",
    libraries: Mapping[str, tuple[str, ...]] | None = None,
    names: Iterable[str] = (),
) -> Environment:
    """The environment of a project: an explicit target, else its own requirement, else the newest measured.

    names: the other libraries rules ask about. Raises BreakcheckError for a malformed target.
    """
    given = dict(libraries or {})
    asked = sorted({_canonical(name) for name in names} - set(given))
    required = project_requirements(project, ["torch", *asked])
    for name in asked:
        versions = _library_versions(required[name][0] if name in required else None, name)
        if versions:
            given[name] = versions
    if target is not None:
        return Environment(parse_target(target, target_source), target_source, given)
    if "torch" in required:
        spec, source = required["torch"]
        releases = _admitted(spec)
        if releases:
            return Environment(releases, f"{source}: torch{spec}", given)
    return Environment(libraries=given)
