"""Where a frame belongs: torch, the standard library, an installed distribution or the user; and what encloses a line."""

from __future__ import annotations

import ast
import linecache
import os
import sys
import sysconfig
from functools import cache, lru_cache
from importlib.metadata import packages_distributions
from pathlib import Path

from breakcheck.runtime.observation import Frame

USER = "user"
TORCH = "torch"
_ENGINE = str(Path(__file__).resolve().parent) + os.sep


@cache
def _torch_folder() -> str:
    import torch

    return str(Path(torch.__file__).parent) + os.sep


@cache
def _stdlib_folders() -> tuple[str, ...]:
    paths = sysconfig.get_paths()
    names = {paths["stdlib"], paths["platstdlib"], str(Path(os.__file__).parent)}
    names |= {str(Path(name).resolve()) for name in names}
    return tuple(name + os.sep for name in names)


@cache
def _distributions() -> dict[str, str]:
    return {top: names[0] for top, names in packages_distributions().items() if names}


@lru_cache(maxsize=4096)
def is_installed(path: str) -> bool:
    """Whether a file lies in a site-packages (or dist-packages) folder."""
    parts = Path(path).parts
    return "site-packages" in parts or "dist-packages" in parts


@lru_cache(maxsize=4096)
def owner_of(path: str) -> str:
    """Distribution a file belongs to; "torch", "python" (standard library) or "user" for the rest."""
    if path.startswith("<"):
        return "python" if path.startswith(("<frozen", "<string")) else TORCH
    if path.startswith(_torch_folder()):
        return TORCH
    if is_installed(path):
        parts = Path(path).parts
        index = max(i for i, part in enumerate(parts) if part in ("site-packages", "dist-packages"))
        top = parts[index + 1].removesuffix(".py")
        return _distributions().get(top, top)
    if path.startswith(_stdlib_folders()):
        return "python"
    return USER


def is_stdlib(path: str) -> bool:
    """Whether a file belongs to the standard library (and not to site-packages below it)."""
    return path.startswith(_stdlib_folders()) and not is_installed(path)


def is_engine(path: str) -> bool:
    """Whether a file is breakcheck's own runtime half."""
    return path.startswith(_ENGINE)


def is_foreign(path: str) -> bool:
    """Whether a frame of this file never is the user's place: torch, the standard library or breakcheck itself."""
    return is_engine(path) or owner_of(path) in (TORCH, "python")


def below_engine(stack: tuple[Frame, ...]) -> tuple[Frame, ...]:
    """The part of a stack (outermost first) below breakcheck's own last frame."""
    last = max((i for i, frame in enumerate(stack) if is_engine(frame.path)), default=-1)
    return stack[last + 1 :]


def innermost_user(stack: tuple[Frame, ...]) -> Frame | None:
    """The innermost frame that is neither torch nor the standard library, None when there is none."""
    for frame in reversed(stack):
        if not is_foreign(frame.path):
            return frame
    return None


@lru_cache(maxsize=512)
def _tree(path: str) -> ast.Module | None:
    try:
        return ast.parse("".join(linecache.getlines(path)) or Path(path).read_text("utf-8"))
    except (OSError, SyntaxError, ValueError):
        return None


@lru_cache(maxsize=512)
def _functions(path: str) -> tuple[tuple[int, int, int, str], ...]:
    """(first line with decorators, def line, last line, qualified name) of every function, outermost first."""
    tree = _tree(path)
    if tree is None:
        return ()
    found: list[tuple[int, int, int, str]] = []

    def visit(node: ast.AST, prefix: str) -> None:
        for child in ast.iter_child_nodes(node):
            if isinstance(child, (ast.FunctionDef, ast.AsyncFunctionDef)):
                first = min([child.lineno, *(d.lineno for d in child.decorator_list)])
                name = f"{prefix}{child.name}"
                found.append((first, child.lineno, child.end_lineno or child.lineno, name))
                visit(child, f"{name}.<locals>.")
            elif isinstance(child, ast.Lambda):
                name = f"{prefix}<lambda>"
                found.append((child.lineno, child.lineno, child.end_lineno or child.lineno, name))
                visit(child, f"{name}.<locals>.")
            elif isinstance(child, ast.ClassDef):
                visit(child, f"{prefix}{child.name}.")
            else:
                visit(child, prefix)

    visit(tree, "")
    return tuple(found)


@lru_cache(maxsize=8192)
def qualified_function(path: str, line: int, name: str) -> str:
    """Qualified name ("Block.forward") of the innermost function around a line that is called `name`."""
    name = plain_name(name)
    best = ""
    for first, _def, last, qualified in _functions(path):
        if first <= line <= last and qualified.rsplit(".", 1)[-1] == name:
            best = qualified
    return best.replace(".<locals>", "") or name


@lru_cache(maxsize=8192)
def function_range(path: str, line: int) -> tuple[int, int]:
    """First (def) and last line of the innermost function around a line; the line itself when there is none."""
    best = (line, line)
    for first, def_line, last, _name in _functions(path):
        if first <= line <= last:
            best = (def_line, last)
    return best


@lru_cache(maxsize=8192)
def statement_range(path: str, line: int) -> tuple[int, int]:
    """First and last line of the innermost statement around a line; of a compound statement, of its head."""
    tree = _tree(path)
    best = (line, line)
    if tree is None:
        return best
    for node in ast.walk(tree):
        if not isinstance(node, ast.stmt) or not node.lineno <= line <= (node.end_lineno or node.lineno):
            continue
        last = node.end_lineno or node.lineno
        body = getattr(node, "body", None)
        if isinstance(body, list) and body:
            last = max(node.lineno, min(last, body[0].lineno - 1))
        if node.lineno <= line <= last:
            best = (node.lineno, last)
    return best


def plain_name(name: str) -> str:
    """A code name without Dynamo's wrapping: "torch_dynamo_resume_in_forward_at_12" is "forward"."""
    while name.startswith("torch_dynamo_resume_in_"):
        name = name.removeprefix("torch_dynamo_resume_in_").rsplit("_at_", 1)[0]
    return name.rsplit(".", 1)[-1]


def source_line(path: str, line: int) -> str:
    """The text of a line, stripped; "" when the file can't be read."""
    return linecache.getline(path, line).strip()


_ROOTS: list[str] = []


def keep_root() -> None:
    """Makes `display_path` stay relative to the present working directory, wherever user code goes from here."""
    _ROOTS[:] = [os.getcwd()]


def display_path(path: str, root: str | None = None) -> str:
    """A path as people read it: relative to the root (working directory), else below site-packages, else as it is."""
    root = root or (_ROOTS[0] if _ROOTS else os.getcwd())
    base = os.path.realpath(root)
    for prefix in (root, base):
        if path.startswith(prefix.rstrip(os.sep) + os.sep):
            relative = os.path.relpath(path, prefix)
            if not is_installed(relative):
                return relative
    if is_installed(path):
        for folder in sys.path:
            if folder and path.startswith(folder.rstrip(os.sep) + os.sep) and is_installed(folder + "/x"):
                return os.path.relpath(path, folder)
    return path


def actual_path(shown: str, root: Path) -> Path:
    """The file that `display_path` shows: below the root, else on the module path (site-packages)."""
    path = root / shown
    if path.is_file() or os.path.isabs(shown):
        return path
    for folder in sys.path:
        candidate = Path(folder) / shown
        if folder and candidate.is_file():
            return candidate
    return path
