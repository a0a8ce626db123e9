"""Modules by dotted name or path: the user's files, and installed libraries read as source on demand."""

from __future__ import annotations

import ast
import os
import re
import struct
import sys
import tokenize
from codecs import BOM_UTF8
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from importlib.util import MAGIC_NUMBER, cache_from_source
from io import BytesIO, TextIOWrapper
from pathlib import Path

from breakcheck.semantic.cache import Signature, signed
from breakcheck.semantic.symbols import (
    Assignment,
    ClassInfo,
    Definition,
    FunctionInfo,
    Import,
    ModuleInfo,
    index_module,
    outline_module,
)

# Known by name and table, never read: their source is large, compiled or says nothing about the user's model.
OPAQUE = {
    "torch",
    "numpy",
    "scipy",
    "einops",
    "functorch",
    "torch_xla",
    "jax",
    "tensorflow",
    "triton",
    "sympy",
    "pandas",
    "matplotlib",
    "sklearn",
    "PIL",
    "safetensors",
    "tokenizers",
    "pytest",
}
STANDARD = frozenset(sys.stdlib_module_names)
MAX_HOPS = 20
DEFINES_ROOT = "def forward"  # tracing starts here, or goes through: nearly all of such a file is looked at
COMPILE_WORDS = re.compile(
    r"torch\.compile\s*[(,)\n]|@\s*[\w.]*compile\b|(?<![.\w])compile\s*\(|dynamo\.optimize"
)
COMPILER_NAMES = ("compile", "optimize")
KEPT = 2_500_000  # characters of source that stay parsed: trees take thirty times that


# What lies in a project's folder, without endings; where installed packages lie; how far up projects are looked for.
SIGNS = frozenset(["pyproject", "setup", "requirements", "environment", "README", "readme", "LICENSE"])
INSTALLED = ("site-packages", "dist-packages")
MOST_ABOVE = 6


@dataclass(frozen=True)
class External:
    """Something of a library that is not read as source, by its dotted name."""

    name: str


Symbol = FunctionInfo | ClassInfo | ModuleInfo | External | Assignment


class Found:
    """A symbol with the module whose scope its expressions are read in."""

    def __init__(self, symbol: Symbol, module: ModuleInfo | None) -> None:
        self.symbol = symbol
        self.module = module


class SourceError(Exception):
    """A file that is not readable Python: `line` and one sentence."""

    def __init__(self, path: Path, line: int, message: str) -> None:
        super().__init__(f"{path}:{line}: {message}")
        self.path, self.line, self.message = path, line, message


def read_bytes(path: Path) -> tuple[os.stat_result, bytes]:
    """What a file is, and what is in it. Raises SourceError."""
    try:
        with open(path, "rb") as file:
            return os.fstat(file.fileno()), file.read()
    except OSError as error:
        raise SourceError(path, 1, f"cannot be read: {error.strerror or error}") from error


def decoded(path: Path, data: bytes) -> str:
    """The text of a Python file in its declared encoding. Raises SourceError."""
    try:
        second = data.find(b"\n", data.find(b"\n") + 1)
        if b"coding" not in (data if second < 0 else data[:second]) and not data.startswith(BOM_UTF8):
            text = data.decode()
            return text.replace("\r\n", "\n").replace("\r", "\n") if b"\r" in data else text
        encoding, _lines = tokenize.detect_encoding(BytesIO(data).readline)
        return TextIOWrapper(BytesIO(data), encoding).read()
    except (SyntaxError, UnicodeError, LookupError) as error:
        raise SourceError(path, 1, f"cannot be decoded: {error}") from error


def parse(source: str, path: Path) -> ast.Module:
    """The syntax tree. Raises SourceError."""
    try:
        return ast.parse(source)
    except SyntaxError as error:
        raise SourceError(path, error.lineno or 1, f"syntax error: {error.msg}") from error
    except (ValueError, RecursionError, MemoryError) as error:
        raise SourceError(path, 1, f"cannot be parsed: {error}") from error


def names_compiler(source: str) -> bool:
    """Whether a line of the file may compile something; only lines with the word are looked at closer."""
    for word in COMPILER_NAMES:
        at = source.find(word)
        while at >= 0:
            end = source.find("\n", at) + 1 or len(source)
            if COMPILE_WORDS.search(source, source.rfind("\n", 0, at) + 1, end):
                return True
            at = source.find(word, end)
    return False


def is_compiled(path: Path) -> bool:
    """Whether Python itself has compiled the very text of a file: its bytecode is there, and no older than the file.

    By the time and size that the bytecode names (PEP 552), which is what an import goes by, and by when it was written:
    the time it names is in whole seconds.
    """
    try:
        with open(cache_from_source(path), "rb") as file:
            magic, flags, time, size = struct.unpack("<4sIII", file.read(16))
            written = os.fstat(file.fileno()).st_mtime_ns
        found = os.stat(path)
    except (OSError, NotImplementedError, struct.error):
        return False
    named = int(found.st_mtime) & 0xFFFFFFFF, found.st_size & 0xFFFFFFFF
    return (magic, flags) == (MAGIC_NUMBER, 0) and (time, size) == named and written > found.st_mtime_ns


class Folders:
    """What package each folder is, and where it really is, looked up once."""

    def __init__(self) -> None:
        self._resolved: dict[str, str] = {}
        self._packages: dict[Path, tuple[Path, str]] = {}
        self._names: dict[Path, frozenset[str]] = {}
        self._projects: dict[Path, tuple[Path, ...]] = {}

    def name(self, path: Path) -> str:
        """The file's path without links and dots; `Path.resolve` asks for each folder above again for each file."""
        folder, name = os.path.split(path)
        if name in ("", ".", "..") or os.path.islink(path):
            return os.path.realpath(path)
        real = self._resolved.get(folder)
        if real is None:
            real = self._resolved[folder] = os.path.realpath(folder)
        return os.path.join(real, name)

    def resolved(self, path: Path) -> Path:
        """The same as a path."""
        return Path(self.name(path))

    def module(self, path: Path) -> tuple[Path, str, bool]:
        """Package root, dotted name, and whether the file is a package's `__init__`; of a resolved path.

        The root is the first folder upwards without an `__init__.py`.
        """
        root, package = self._package(path.parent)
        is_package = path.name == "__init__.py"
        parts = [package, "" if is_package else path.stem]
        return root, ".".join(filter(None, parts)) or path.stem, is_package

    def names(self, folder: Path) -> frozenset[str]:
        """What lies in a folder, without endings."""
        known = self._names.get(folder)
        if known is None:
            try:
                known = frozenset(name.partition(".")[0] for name in os.listdir(folder))
            except OSError:
                known = frozenset()
            self._names[folder] = known
        return known

    def project(self, root: Path) -> tuple[Path, ...]:
        """The folders above a package root up to the project's: of a checkout, else the highest that looks like one.

        A program that is run from there imports by the names below them, also through folders without an `__init__.py`.
        """
        known = self._projects.get(root)
        if known is None:
            known = ()
            for height, folder in enumerate((root, *root.parents[:MOST_ABOVE])):
                if folder.name in INSTALLED:
                    break
                checkout = (folder / ".git").exists()
                if checkout or not SIGNS.isdisjoint(self.names(folder)):
                    known = tuple(root.parents[:height])
                if checkout:
                    break
            self._projects[root] = known
        return known

    def _package(self, folder: Path) -> tuple[Path, str]:
        """The root above a folder, and the folder's dotted name below it."""
        known = self._packages.get(folder)
        if known is None:
            known = folder, ""
            if (folder / "__init__.py").is_file() and folder.parent != folder:
                root, above = self._package(folder.parent)
                known = root, f"{above}.{folder.name}" if above else folder.name
            self._packages[folder] = known
        return known


def package_roots(names: Iterable[str]) -> tuple[Path, ...]:
    """The roots of some files' packages, each once, of their names with all links followed."""
    folders = Folders()
    above = dict.fromkeys(map(os.path.dirname, names))
    return tuple(dict.fromkeys(folders.module(Path(folder, "_"))[0] for folder in above))


class Project:
    """Finds and keeps parsed modules; `used` records which files an answer has needed."""

    def __init__(
        self,
        search_path: Sequence[Path] = (),
        overrides: Mapping[Path, str] | None = None,
        roots: Sequence[Path] = (),
    ) -> None:
        self.search_path = [Path(p).resolve() for p in search_path]
        self.roots = list(roots)
        self.own: Path | None = None  # the root of the file loaded last
        self._folders = Folders()
        self._holding: dict[str, list[Path]] = {}  # name -> the roots in which something of it lies
        self._above: dict[str, list[Path]] = {}  # the same of the folders above the own root
        for root in roots:
            self._list(root)
        self.overrides = {path.resolve(): text for path, text in (overrides or {}).items()}
        self.used: set[Path] = set()
        self.edges: dict[Path, set[Path]] = {}
        self._by_path: dict[Path, ModuleInfo | SourceError] = {}
        self._by_name: dict[str, ModuleInfo | None] = {}
        self._found: dict[tuple[str, str], Found | None] = {}
        self._hits: dict[Path, int] = {}
        self._read = Path(), ""
        self.coming: frozenset[Path] = frozenset()  # files that will be analysed
        self.signatures: dict[Path, Signature] = {}  # of these, as they were read

    def enter_root(self, root: Path) -> None:
        """Search a folder first, as Python does with the script's own, and the roots of other files after it."""
        if root == self.own:
            return
        self.own = root
        self._above = {}
        for folder in self._folders.project(root):
            for name in self._folders.names(folder):
                self._above.setdefault(name, []).append(folder)
        if root not in self.roots:
            self.roots.append(root)
            self._list(root)
        if len(self.roots) > 1:  # a name may mean another file from here
            self._by_name = {}
            self._found = {}

    def _list(self, root: Path) -> None:
        for name in self._folders.names(root):
            self._holding.setdefault(name, []).append(root)

    def load(self, path: Path, whole: bool = True) -> ModuleInfo:
        """The module of a file. whole: it is told whether all of it can be parsed. Raises SourceError."""
        path = self._folders.resolved(path)
        root, name, is_package = self._folders.module(path)
        self.enter_root(root)
        known = self._by_path.get(path)
        if known is None:
            known = self._outlined(path, name, is_package, whole)
        elif (
            whole
            and isinstance(known, ModuleInfo)
            and known.tree is None
            and self._in_whole(path, known.source)
        ):
            try:
                known.complete(parse(known.source, path))
            except SourceError as error:
                known = self._by_path[path] = error
        if isinstance(known, SourceError):
            raise known
        self._by_name.setdefault(known.name, known)
        return known

    def load_unused(self, path: Path, unused: Callable[[str, str], bool]) -> ModuleInfo | None:
        """The module of a file that nobody has asked for, without its names, where by its name and text none is needed.

        It is parsed only to tell whether it can be. Raises SourceError.
        """
        path = self._folders.resolved(path)
        if path in self._by_path:
            return None
        root, name, is_package = self._folders.module(path)
        self.enter_root(root)
        source = self._text(path)
        if not unused(name, source):
            return None
        if path in self.overrides or not is_compiled(path):
            parse(source, path)
        return ModuleInfo(path, name, name if is_package else name.rpartition(".")[0], None, source)

    def expect(self, paths: Iterable[Path]) -> None:
        """Take down which files `load` will be asked for in whole."""
        self.coming = frozenset(self._folders.resolved(path) for path in paths)

    def trim(self) -> None:
        """Keep the files that most others have needed, and let go of the rest: syntax trees are large."""
        self._found = {}
        modules = [(path, found) for path, found in self._by_path.items() if isinstance(found, ModuleInfo)]
        modules.sort(key=lambda pair: (-self._hits.get(pair[0], 0), len(pair[1].source)))
        total, large = 0, []
        for path, parsed in modules:
            total += len(parsed.source)
            if total > KEPT:
                large.append(path)
        for path in large:
            module = self._by_path.pop(path)
            assert isinstance(module, ModuleInfo)
            module.release()
        self._by_name = {
            name: module
            for name, module in self._by_name.items()
            if module is None or module.path in self._by_path
        }

    def _parsed(self, path: Path, name: str, is_package: bool) -> ModuleInfo | SourceError:
        try:
            source = self._text(path)
            made: ModuleInfo | SourceError = index_module(path, name, is_package, source, parse(source, path))
        except SourceError as error:
            made = error
        self._by_path[path] = made
        return made

    def _in_whole(self, path: Path, source: str) -> bool:
        """Whether a file to be analysed is parsed at once: to look into, or to tell whether it can be."""
        looked_into = DEFINES_ROOT in source or names_compiler(source)
        return looked_into or "\f" in source or path in self.overrides or not is_compiled(path)

    def _outlined(self, path: Path, name: str, is_package: bool, whole: bool) -> ModuleInfo | SourceError:
        """A module of most of which nobody may ask."""
        try:
            source = self._text(path)
        except SourceError as error:
            self._by_path[path] = error
            return error
        if whole and self._in_whole(path, source):
            return self._parsed(path, name, is_package)
        made = outline_module(path, name, is_package, source)
        if made is None:
            return self._parsed(path, name, is_package)
        self._by_path[path] = made
        return made

    def _text(self, path: Path) -> str:
        """The text of a file, of the last one without reading it again. Raises SourceError."""
        if path in self.overrides:
            return self.overrides[path]
        if self._read[0] != path:
            status, data = read_bytes(path)
            self._read = path, decoded(path, data)
            if path in self.coming:
                self.signatures[path] = signed(status, data)
        return self._read[1]

    def module(self, name: str) -> ModuleInfo | None:
        """The module of a dotted name, None when it is opaque or not found."""
        if name in self._by_name:
            found = self._by_name[name]
        else:
            found = self._search(name)
            self._by_name[name] = found
        if found is not None and found.path not in self.used:
            self.used.add(found.path)
            self._hits[found.path] = self._hits.get(found.path, 0) + 1
        return found

    def _search(self, name: str) -> ModuleInfo | None:
        if not name:
            return None
        top = name.partition(".")[0]
        if top in OPAQUE:
            return None
        relative = name.replace(".", "/")
        above, holding = self._above.get(top, ()), self._holding.get(top, ())
        for root in filter(None, dict.fromkeys((self.own, *above, *holding))):
            found = self._at(root, relative)
            if found is not None:
                return found
        if top in STANDARD:
            return None
        for root in self.search_path:
            found = self._at(root, relative, name)
            if found is not None:
                return found
        return None

    def _at(self, root: Path, relative: str, name: str = "") -> ModuleInfo | None:
        """The module below a root. Without a name it has the one that the file has when it is analysed itself."""
        for path, is_package in ((root / f"{relative}.py", False), (root / relative / "__init__.py", True)):
            if path in self.overrides or path.is_file():
                known = self._by_path.get(path) or self._outlined(
                    path, name or self._folders.module(path)[1], is_package, path in self.coming
                )
                return known if isinstance(known, ModuleInfo) else None
        return None

    def find(self, module: ModuleInfo, name: str) -> Found | None:
        """What a module-level name means, followed through imports and re-exports."""
        cache_key = (module.name, name)
        if cache_key not in self._found:
            self._found[cache_key] = None  # an import cycle ends here
            self._found[cache_key] = self._find(module, name, 0)
        found = self._found[cache_key]
        if found is not None and found.module is not None:
            self.link(module, found.module)
        return found

    def link(self, module: ModuleInfo, other: ModuleInfo) -> None:
        """Record that what one module says depends on another."""
        if module is not other:
            self.edges.setdefault(module.path, set()).add(other.path)

    def dependencies(self, path: Path) -> set[Path]:
        """The files that a file's analysis has looked at, itself apart."""
        closed: set[Path] = set()
        todo = [path, *self.used]
        while todo:
            for other in self.edges.get(todo.pop(), ()):
                if other not in closed:
                    closed.add(other)
                    todo.append(other)
        return (closed | self.used) - {path}

    def _find(self, module: ModuleInfo, name: str, hops: int) -> Found | None:
        if hops > MAX_HOPS:
            return None
        definitions = module.names.get(name)
        if definitions:
            best: Found | None = None
            for definition in definitions if len(definitions) == 1 else _in_force(definitions):
                found = self._follow(module, definition, hops)
                if found is None:
                    continue
                # `try: import x; except ImportError: x = None`: the first that is code we know wins.
                if best is None or (isinstance(best.symbol, (External, Assignment)) and _is_code(found)):
                    best = found
            if best is not None:
                return best
        for star in module.stars:
            source = self.module(star)
            if (
                source is not None
                and source is not module
                and (name in source.names or name in source.source)
            ):
                found = self._find(source, name, hops + 1)
                if found is not None:
                    return found
            elif source is None and star.partition(".")[0] in OPAQUE | STANDARD and not name.startswith("_"):
                return Found(External(f"{star}.{name}"), None)
        submodule = self.module(f"{module.name}.{name}") if module.package == module.name else None
        return Found(submodule, submodule) if submodule is not None else None

    def _follow(
        self, module: ModuleInfo, definition: FunctionInfo | ClassInfo | Import | Assignment, hops: int
    ) -> Found | None:
        if not isinstance(definition, Import):
            return Found(definition, module)
        return self.imported(definition, hops)

    def imported(self, target: Import, hops: int = 0) -> Found | None:
        """What an import statement binds."""
        source = self.module(target.module)
        if target.attribute is None:
            return Found(source, source) if source is not None else Found(External(target.module), None)
        if source is not None:
            found = self._find(source, target.attribute, hops + 1)
            if found is not None:
                return found
            submodule = self.module(f"{target.module}.{target.attribute}")
            if submodule is not None:
                return Found(submodule, submodule)
            return Found(External(f"{target.module}.{target.attribute}"), None)
        submodule = self.module(f"{target.module}.{target.attribute}")
        if submodule is not None:
            return Found(submodule, submodule)
        return Found(External(f"{target.module}.{target.attribute}"), None)


def _in_force(definitions: Sequence[Definition]) -> Sequence[Definition]:
    """Of several definitions of a name those that may be meant: no overloads, and nothing before the last at the margin."""
    kept = [each for each in definitions if not (isinstance(each, FunctionInfo) and each.is_overload)]
    code = [each for each in kept if isinstance(each, (FunctionInfo, ClassInfo))]
    if len(code) > 1 and len(code) == len(kept) and all(each.node.col_offset == 0 for each in code):
        return code[-1:]
    return kept or definitions


def _is_code(found: Found) -> bool:
    return isinstance(found.symbol, (FunctionInfo, ClassInfo, ModuleInfo))
