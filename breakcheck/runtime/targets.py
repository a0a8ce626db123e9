"""From a TARGET on the command line to a case."""

from __future__ import annotations

import ast
import importlib
import importlib.util
import inspect
import sys
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any

from breakcheck.case import Call, Case
from breakcheck.errors import TargetError

CONVENTION = "breakcheck_cases.py"


def expand(target: str) -> list[str]:
    """The targets a TARGET stands for: a file without factory stands for each of its `case` functions.

    A folder stands for its `breakcheck_cases.py`. Reads the file, never imports it. Raises TargetError when it has none.
    """
    if target and Path(target).is_dir():
        target = str(Path(target, CONVENTION))
    if ":" in target.replace(":\\", "") or not target.endswith(".py"):
        return [target]
    path = Path(target)
    if not path.is_file():
        raise TargetError(f"{target}: no such file")
    names = case_functions(path)
    if not names:
        raise TargetError(
            f"{target}: no function named case or case_...; name the factory ({target}:build) or define one"
        )
    return [f"{target}:{name}" for name in names]


def case_functions(path: Path) -> list[str]:
    """Names of the top-level functions `case` and `case_...` of a file, in order."""
    try:
        tree = ast.parse(path.read_bytes())
    except (OSError, SyntaxError, ValueError) as error:
        raise TargetError(f"{path}: cannot be read as Python: {error}") from None
    return [
        node.name
        for node in tree.body
        if isinstance(node, ast.FunctionDef) and (node.name == "case" or node.name.startswith("case_"))
    ]


def load(target: str, device: str = "cpu") -> Case:
    """The case a target names: a bundled one, `file.py:factory` or `package.module:factory`.

    Raises TargetError with one line that says what is wrong and what to do.
    """
    place, _, name = target.rpartition(":")
    if not place:
        return _bundled(target, device)
    module = _module_of(place)
    value: Any = module
    for part in name.split("."):
        if not hasattr(value, part):
            known = [n for n, v in vars(module).items() if callable(v) and not n.startswith("_")][:8]
            raise TargetError(
                f"{target}: {place} has no {part!r}; it has {', '.join(known) or 'no callables'}"
            )
        value = getattr(value, part)
    return _as_case(value, target)


def _bundled(name: str, device: str) -> Case:
    try:
        from breakcheck_models import load_case
    except ImportError as error:
        raise TargetError(f"{name}: the reference models cannot be imported: {error}") from error
    try:
        return load_case(name, device=device)
    except (ValueError, KeyError) as error:
        message = error.args[0] if error.args else error
        raise TargetError(
            f"{name}: {message}; a TARGET is a bundled name, file.py:factory or package.module:factory"
        ) from None


def _module_of(place: str) -> Any:
    if place.endswith(".py"):
        path = Path(place).resolve()
        if not path.is_file():
            raise TargetError(f"{place}: no such file")
        sys.path.insert(0, str(path.parent))
        spec = importlib.util.spec_from_file_location(path.stem, path)
        assert spec is not None
        assert spec.loader is not None
        module = importlib.util.module_from_spec(spec)
        sys.modules[path.stem] = module
        load_module: Callable[[], object] = lambda: spec.loader.exec_module(module)  # type: ignore[union-attr]  # noqa: E731
    else:
        sys.path.insert(0, str(Path.cwd()))
        module = None
        load_module = lambda: importlib.import_module(place)  # noqa: E731
    try:
        loaded = load_module()
    except ModuleNotFoundError as error:
        if error.name and place.startswith(error.name):
            raise TargetError(f"{place}: no such module on the path or in {Path.cwd()}") from None
        raise TargetError(_told(place, "importing it", error)) from error
    except Exception as error:
        raise TargetError(_told(place, "importing it", error)) from error
    return module if module is not None else loaded


def _as_case(value: Any, target: str) -> Case:
    """The case that a factory returns, or that the named object is."""
    import torch

    if isinstance(value, Case):
        return value
    if isinstance(value, torch.nn.Module):
        raise TargetError(
            f"{target} is a module without inputs: name a function that returns (model, inputs)"
        )
    if inspect.isclass(value) and issubclass(value, torch.nn.Module):
        raise TargetError(f"{target} is a module class: name a function that returns (model, inputs)")
    if not callable(value):
        raise TargetError(
            f"{target} is a {type(value).__name__}, not a factory: name a function that returns a Case"
        )
    try:
        inspect.signature(value).bind()
    except TypeError:
        raise TargetError(f"{target} needs arguments: a factory is called with none") from None
    except ValueError:
        pass
    try:
        made = value()
    except Exception as error:
        raise TargetError(_told(target, "the factory", error)) from error
    return case_from(made, target)


def case_from(made: Any, target: str) -> Case:
    """A case out of what a factory returned: a Case or (model, example_inputs)."""
    if isinstance(made, Case):
        return made
    if isinstance(made, tuple) and len(made) == 2 and callable(made[0]):
        model, inputs = made
        if isinstance(inputs, dict):
            return Case(model, calls=[Call(kwargs=inputs)])
        return Case(model, calls=[inputs if isinstance(inputs, (tuple, Call)) else (inputs,)])
    raise TargetError(
        f"{target} returned {type(made).__name__}: a factory returns breakcheck.Case(model, calls=[...]) or "
        "(model, example_inputs)"
    )


def _told(target: str, what: str, error: BaseException) -> str:
    """One line: what raised, the exception and the innermost line outside this file."""
    frames = [f for f in traceback.extract_tb(error.__traceback__) if f.filename != __file__]
    frames = [f for f in frames if not f.filename.startswith("<")] or frames
    where = f" at {Path(frames[-1].filename).name}:{frames[-1].lineno}" if frames else ""
    text = " ".join(str(error).split())
    return f"{target}: {what} raised {type(error).__name__}: {text}{where}"
