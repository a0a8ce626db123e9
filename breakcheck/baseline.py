"""A baseline of known findings, keyed by identity so that it survives edits elsewhere in the file."""

from __future__ import annotations

import json
import os
import tempfile
from collections import Counter
from collections.abc import Iterable, Mapping
from pathlib import Path

from breakcheck.errors import BreakcheckError
from breakcheck.finding import Finding
from breakcheck.spans import source_lines

VERSION = 1
Identity = tuple[str, str, str, str]  # code, path, symbol, whitespace-normalised source line


def identity(finding: Finding, sources: Mapping[str, str], root: Path) -> Identity:
    """(code, path relative to the baseline's folder, symbol, source line): never a line number."""
    lines = source_lines(sources.get(finding.location.path, ""))
    number = finding.location.line
    text = lines[number - 1] if 0 < number <= len(lines) else ""
    path = os.path.relpath(finding.location.path, root).replace(os.sep, "/")
    return (finding.code, path, finding.symbol, " ".join(text.split()))


def read_baseline(path: Path) -> Counter[Identity]:
    """The identities a baseline file holds, with their numbers.

    Raises BreakcheckError when the file cannot be read as a baseline.
    """
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
        if document["version"] != VERSION:
            raise BreakcheckError(f"{path}: baseline version {document['version']} is not {VERSION}")
        return Counter(
            {(e["code"], e["path"], e["symbol"], e["source"]): int(e["count"]) for e in document["findings"]}
        )
    except FileNotFoundError:
        raise BreakcheckError(f"{path}: no such baseline; make one with --update-baseline") from None
    except (OSError, UnicodeDecodeError, ValueError, KeyError, TypeError) as error:
        raise BreakcheckError(f"{path}: not a baseline file: {type(error).__name__}: {error}") from None


def write_baseline(path: Path, identities: Iterable[Identity]) -> None:
    """Write the identities, sorted, replacing the file in one step."""
    counted = Counter(identities)
    entries = [
        {"code": code, "path": file, "symbol": symbol, "source": source, "count": number}
        for (code, file, symbol, source), number in sorted(counted.items())
    ]
    text = json.dumps({"version": VERSION, "findings": entries}, indent=1) + "\n"
    replace_file(path, text.encode())


def replace_file(path: Path, content: bytes) -> None:
    """Write a file whole or not at all, keeping its permission bits."""
    mode = path.stat().st_mode if path.exists() else None
    descriptor, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(descriptor, "wb") as handle:
            handle.write(content)
        if mode is None:
            umask = os.umask(0)
            os.umask(umask)
            mode = 0o666 & ~umask
        os.chmod(temporary, mode & 0o7777)
        os.replace(temporary, path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise


def split(
    findings: Iterable[Finding], known: Counter[Identity], sources: Mapping[str, str], root: Path
) -> tuple[list[Finding], int, int]:
    """(new findings, number known, number of baseline entries that match nothing any more)."""
    left = Counter(known)
    new = []
    matched = 0
    for finding in findings:
        key = identity(finding, sources, root)
        if left[key] > 0:
            left[key] -= 1
            matched += 1
        else:
            new.append(finding)
    return new, matched, sum(left.values())
