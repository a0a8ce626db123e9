"""The files of a run: which they are, how they are read, written and named."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path

from breakcheck.config import DEFAULT_EXCLUDES
from breakcheck.result import FileError, LintResult


def display_path(path: str | Path) -> str:
    """The path relative to the working directory, with forward slashes; absolute where it lies elsewhere."""
    text = str(path)
    try:
        relative = os.path.relpath(text)
    except ValueError:  # another drive on Windows
        return text.replace(os.sep, "/")
    return (text if relative.startswith("..") else relative).replace(os.sep, "/")


def collect_files(
    paths: Sequence[Path], exclude: Sequence[str], root: Path
) -> tuple[list[Path], list[FileError]]:
    """The Python files under the paths, sorted, each once; a path that is missing or no Python file is an error.

    Folders are walked without those excluded (gitignore patterns, relative to `root`); a file or folder named outright
    is linted even where a pattern excludes it (an installed package inside `.venv`).
    """
    from pathspec import GitIgnoreSpec

    spec = GitIgnoreSpec.from_lines([*DEFAULT_EXCLUDES, *exclude])
    files: dict[Path, None] = {}
    errors = []
    for path in paths:
        if path.is_dir():
            for file in _walk(path, spec, root):
                files[file] = None
        elif not path.exists():
            errors.append(FileError(display_path(path), 1, "no such file or folder"))
        elif not path.is_file():
            errors.append(FileError(display_path(path), 1, "not a regular file"))
        elif path.suffix not in (".py", ".pyw"):
            errors.append(
                FileError(display_path(path), 1, "not a Python file (its name does not end in .py)")
            )
        else:
            files[path] = None
    return sorted(files), errors


def _walk(folder: Path, spec: object, root: Path) -> Iterable[Path]:
    match = spec.match_file  # type: ignore[attr-defined]  # a GitIgnoreSpec; imported only where files are walked
    if match(os.path.relpath(folder, root).replace(os.sep, "/") + "/"):
        root = folder  # it lies in an excluded folder: patterns speak of what is below it
    for current, folders, names in os.walk(folder):
        relative = os.path.relpath(current, root)
        inside = "" if relative == "." or relative.startswith("..") else relative + "/"
        folders[:] = sorted(name for name in folders if not match(f"{inside}{name}/"))
        for name in sorted(names):
            path = Path(current) / name
            # A link that leads nowhere (an editor's lock), a pipe: no source, and nobody named it.
            if name.endswith(".py") and not match(inside + name) and path.is_file():
                yield path


def library_path(extra: Iterable[str], root: Path) -> tuple[Path, ...]:
    """Where installed libraries lie as source: the configured folders, an active environment's, this Python's."""
    import sysconfig

    folders = [root / entry for entry in extra]
    virtual = os.environ.get("VIRTUAL_ENV")
    if virtual:
        folders += sorted(Path(virtual).glob("lib/python3*/site-packages"))
    folders += [Path(sysconfig.get_path("purelib")), Path(sysconfig.get_path("platlib"))]
    return tuple(dict.fromkeys(folder for folder in folders if folder.is_dir()))


def with_sources(result: LintResult) -> LintResult:
    """The result with the texts of the files its findings stand in, for reports that show source."""
    sources = dict(result.sources)
    for finding in result.findings:
        path = finding.location.path
        if path not in sources:
            try:
                sources[path] = read_source(Path(path))
            except (OSError, SyntaxError, UnicodeDecodeError):
                sources[path] = ""
    return replace(result, sources=sources)


def read_source(path: Path) -> str:
    """A file's text with its own line ends, decoded as Python would (PEP 263)."""
    import tokenize

    with path.open("rb") as handle:
        encoding, _lines = tokenize.detect_encoding(handle.readline)
    return path.read_bytes().decode(encoding)


def decode_source(data: bytes) -> str:
    """A source text read from elsewhere, decoded as Python would (PEP 263). Raises SyntaxError, UnicodeDecodeError."""
    import io
    import tokenize

    encoding, _lines = tokenize.detect_encoding(io.BytesIO(data).readline)
    return data.decode(encoding)


def write_source(path: Path, text: str) -> None:
    """Write a file's text in the encoding it declares, whole or not at all."""
    import tokenize

    from breakcheck.baseline import replace_file

    with path.open("rb") as handle:
        encoding, _lines = tokenize.detect_encoding(handle.readline)
    replace_file(path, text.encode(encoding))
