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


def _requirement_groups(project: Path) -> list[tuple[str, list[str]]]:
    """(file name, requirements) of each way to install a project; unreadable files are skipped.

    The dependencies of pyproject.toml are one group, each of its extras another (extras need not fit together), each
    requirements*.txt one more.
    """
    groups: list[tuple[str, list[str]]] = []
    pyproject = project / "pyproject.toml"
    if pyproject.is_file():
        try:
            table = tomllib.loads(pyproject.read_text(encoding="utf-8")).get("project", {})
        except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError):
            table = {}
        lists = [table.get("dependencies", []), *table.get("optional-dependencies", {}).values()]
        groups += [("pyproject.toml", [text for text in group if isinstance(text, str)]) for group in lists]
    for path in sorted(project.glob("requirements*.txt")):
        try:
            text = path.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError):
            continue
        lines = (line.split("#")[0].strip() for line in text.splitlines())
        groups.append((path.name, [line for line in lines if line and not line.startswith("-")]))
    return groups


@dataclass(frozen=True)
class Required:
    """How a project bounds one library: any of `alternatives` may hold; `source` is the first file that says so."""

    alternatives: tuple[SpecifierSet, ...]
    source: str

    def contains(self, version: str) -> bool:
        """Whether some way to install the project admits a version."""
        return any(spec.contains(version, prereleases=True) for spec in self.alternatives)

    def __str__(self) -> str:
        return " or ".join(str(spec) for spec in self.alternatives)


def project_requirements(project: Path, names: Iterable[str]) -> dict[str, Required]:
    """name -> how the project bounds it, for the libraries of `names` that it bounds at all."""
    wanted = {_canonical(name) for name in names}
    found: dict[str, Required] = {}
    for source, group in _requirement_groups(project):
        bounds: dict[str, SpecifierSet] = {}
        for text in group:
            try:
                requirement = Requirement(text)
            except InvalidRequirement:
                continue
            name = _canonical(requirement.name)
            if name in wanted and len(requirement.specifier):
                bounds[name] = bounds.get(name, SpecifierSet()) & requirement.specifier
        for name, spec in bounds.items():
            known = found.get(name, Required((), source))
            if spec not in known.alternatives:
                found[name] = Required((*known.alternatives, spec), known.source)
    return found


def _library_versions(required: Required | None, name: str) -> tuple[str, ...]:
    """The installed version if the project admits it, else the bounds its requirement names and admits."""
    try:
        installed: str | None = metadata.version(name)
    except metadata.PackageNotFoundError:
        installed = None
    if required is None:
        return (installed,) if installed else ()
    if installed and required.contains(installed):
        return (installed,)
    bounds = {clause.version.removesuffix(".*") for spec in required.alternatives for clause in spec}
    return tuple(sorted(bound for bound in bounds if required.contains(bound)))


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
        versions = _library_versions(required.get(name), name)
        if versions:
            given[name] = versions
    if target is not None:
        return Environment(parse_target(target, target_source), target_source, given)
    if "torch" in required:
        bound = required["torch"]
        admitted = {release for spec in bound.alternatives for release in _admitted(spec)}
        if admitted:
            releases = tuple(release for release in KNOWN_RELEASES if release in admitted)
            return Environment(releases, f"{bound.source}: torch{bound}", given)
    return Environment(libraries=given)
