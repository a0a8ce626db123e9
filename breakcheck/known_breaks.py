"""A file of known breaks, keyed by identity: never a line number or a count, both change with the code around."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from breakcheck.errors import BreakcheckError

if TYPE_CHECKING:
    from breakcheck.runtime.observation import BreakSite, LimitHit, Recompile

VERSION = 1


class Identity(NamedTuple):
    """What stays the same about an event while the file around it changes.

    kind: "break", "limit" or "recompile". id: GB id (or type) of a break, class of a recompile's cause.
    path: relative to the root or to site-packages, with forward slashes. function: qualified within its file.
    source: the source line without its spacing; of a recompile, the guarded expression.
    """

    kind: str
    id: str
    path: str
    function: str
    source: str

    def __str__(self) -> str:
        what = f"{self.id} " if self.id else ""
        return f"{self.path} in {self.function}: {what}{self.source}".rstrip(": ")


@dataclass(frozen=True)
class Entry:
    """A known event and the tests or targets it was seen in."""

    identity: Identity
    seen_in: tuple[str, ...] = ()


@dataclass(frozen=True)
class Comparison:
    """A run against a file of known breaks.

    fixed: entries whose tests ran and showed them no more. unused: entries of which no test ran.
    """

    new: tuple[Identity, ...] = ()
    known: tuple[Identity, ...] = ()
    fixed: tuple[Entry, ...] = ()
    unused: tuple[Entry, ...] = ()


def _relative(path: str, root: Path) -> str:
    from breakcheck.runtime.places import display_path

    return display_path(path, str(root)).replace("\\", "/") if path else ""


def identity_of_break(site: BreakSite, root: Path) -> Identity:
    """The identity of a graph break."""
    return Identity(
        "break",
        site.gb_id or site.gb_type,
        _relative(site.path, root),
        site.function,
        " ".join(site.source.split()),
    )


def identity_of_limit(hit: LimitHit, root: Path) -> Identity:
    """The identity of a frame that hit the recompile limit."""
    return Identity("limit", "recompile-limit", _relative(hit.path, root), hit.function, "")


def identity_of_recompile(again: Recompile, root: Path) -> Identity:
    """The identity of a recompile: what changed, not to which value."""
    return Identity(
        "recompile", again.guard_class.value, _relative(again.path, root), again.function, again.subject
    )


def read_known(path: Path) -> tuple[Entry, ...]:
    """The entries of a file.

    Raises BreakcheckError when it is missing or not such a file.
    """
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
        if document["version"] != VERSION:
            raise BreakcheckError(f"{path}: version {document['version']} of known breaks is not {VERSION}")
        return tuple(_entry(item) for item in document["known_breaks"])
    except FileNotFoundError:
        raise BreakcheckError(
            f"{path}: no such file of known breaks; write one by updating the baseline"
        ) from None
    except (OSError, UnicodeDecodeError, ValueError, KeyError, TypeError) as error:
        raise BreakcheckError(
            f"{path}: not a file of known breaks: {type(error).__name__}: {error}"
        ) from None


def _entry(item: Mapping[str, Any]) -> Entry:
    identity = Identity(*(str(item[name]) for name in Identity._fields))
    return Entry(identity, tuple(map(str, item.get("seen_in", ()))))


def write_known(path: Path, entries: Iterable[Entry]) -> None:
    """Write the entries, sorted by place, replacing the file in one step."""
    from breakcheck.baseline import replace_file

    ordered = sorted(entries, key=lambda entry: (entry.identity.path, entry.identity))
    listed = [{**entry.identity._asdict(), "seen_in": list(entry.seen_in)} for entry in ordered]
    path.parent.mkdir(parents=True, exist_ok=True)
    replace_file(path, (json.dumps({"version": VERSION, "known_breaks": listed}, indent=1) + "\n").encode())


def compare(seen: Mapping[str, Sequence[Identity]], known: Sequence[Entry]) -> Comparison:
    """A run (test or target that ran to its end -> what it showed) against the known entries."""
    shown = {identity: None for identities in seen.values() for identity in identities}
    listed = {entry.identity for entry in known}
    absent = [entry for entry in known if entry.identity not in shown]
    return Comparison(
        new=tuple(identity for identity in shown if identity not in listed),
        known=tuple(identity for identity in shown if identity in listed),
        fixed=tuple(entry for entry in absent if not entry.seen_in or set(entry.seen_in) & set(seen)),
        unused=tuple(entry for entry in absent if entry.seen_in and not set(entry.seen_in) & set(seen)),
    )


def updated(seen: Mapping[str, Sequence[Identity]], known: Sequence[Entry]) -> tuple[Entry, ...]:
    """The entries after a run: what it showed, and what it had no occasion to show."""
    merged: dict[Identity, Entry] = {}
    for entry in known:
        left = tuple(name for name in entry.seen_in if name not in seen)
        if left:
            merged[entry.identity] = replace(entry, seen_in=left)
    for name, identities in seen.items():
        for identity in identities:
            old = merged.get(identity, Entry(identity))
            merged[identity] = replace(old, seen_in=tuple(sorted({*old.seen_in, name})))
    return tuple(merged.values())
