"""The borders between the parts: who may import what (design: one way from source to report)."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parents[1]
ENGINE = REPOSITORY / "breakcheck"
RULES = REPOSITORY / "rules" / "breakcheck_rules"


def imported(path: Path, *, top_level_only: bool = False) -> Iterator[str]:
    """The modules a file imports; those under `if TYPE_CHECKING` are not counted."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    hidden = {
        id(node)
        for branch in ast.walk(tree)
        if isinstance(branch, ast.If) and "TYPE_CHECKING" in ast.unparse(branch.test)
        for node in ast.walk(branch)
    }
    nodes = tree.body if top_level_only else list(ast.walk(tree))
    for node in nodes:
        if id(node) in hidden:
            continue
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
            yield node.module


def tops(path: Path, *, top_level_only: bool = False) -> set[str]:
    return {name.split(".")[0] for name in imported(path, top_level_only=top_level_only)}


@pytest.mark.parametrize("path", sorted((ENGINE / "semantic").rglob("*.py")), ids=lambda p: p.name)
def test_the_semantic_model_imports_only_the_standard_library_and_itself(path: Path) -> None:
    foreign = {name for name in imported(path) if name.split(".")[0] not in sys.stdlib_module_names}
    assert {name for name in foreign if not name.startswith("breakcheck.semantic")} == set()


@pytest.mark.parametrize("path", sorted(RULES.glob("*/rule.py")), ids=lambda p: p.parent.name)
def test_a_rule_imports_only_ast_and_the_rule_vocabulary(path: Path) -> None:
    allowed = {"ast", "collections.abc", "breakcheck.rule", "__future__"}
    assert set(imported(path)) <= allowed


@pytest.mark.parametrize("path", sorted(RULES.glob("*/fix.py")), ids=lambda p: p.parent.name)
def test_a_fix_imports_libcst_besides(path: Path) -> None:
    allowed = {"ast", "collections", "libcst", "breakcheck", "__future__", "typing"}
    assert tops(path) <= allowed
    assert not any(name.startswith("breakcheck.runtime") for name in imported(path))


def test_no_syntax_is_named_that_the_oldest_python_lacks() -> None:
    newer = {"TryStar", "TypeAlias", "TypeVar", "ParamSpec", "TypeVarTuple", "TemplateStr", "Interpolation"}
    for path in (*ENGINE.rglob("*.py"), *RULES.glob("*/*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Attribute) and ast.unparse(node.value) == "ast":
                assert node.attr not in newer, f"{path}:{node.lineno}"


def test_torch_is_imported_only_by_the_runtime_half() -> None:
    allowed = {"runtime", "bench"}
    for path in ENGINE.rglob("*.py"):
        part = path.relative_to(ENGINE).parts[0]
        if part in allowed:
            continue
        assert "torch" not in tops(path, top_level_only=True), path


def test_the_runtime_half_never_imports_the_static_half() -> None:
    static = (
        "breakcheck.semantic",
        "breakcheck.linter",
        "breakcheck.file_linter",
        "breakcheck.options",
        "breakcheck.fixer",
        "libcst",
    )
    for path in (ENGINE / "runtime").rglob("*.py"):
        assert not [name for name in imported(path) if name.startswith(static)], path


def test_no_module_is_a_drawer_for_everything() -> None:
    names = {
        path.stem for root in (ENGINE, RULES, REPOSITORY / "reference_models") for path in root.rglob("*.py")
    }
    assert not names & {"utils", "util", "common", "helpers", "misc"}


@pytest.mark.parametrize(
    ("statement", "absent"),
    [
        ("import breakcheck", ("torch", "numpy", "libcst", "rich", "jinja2")),
        ("import breakcheck.cli", ("torch", "numpy", "libcst", "rich", "jinja2")),
        (
            "import breakcheck.linter; import breakcheck.commands.lint",
            ("torch", "numpy", "libcst", "rich", "jinja2"),
        ),
        ("import breakcheck.pytest_plugin", ("torch", "numpy", "libcst")),
        ("from breakcheck.registry import load_rules; load_rules()", ("torch", "numpy", "libcst")),
    ],
)
def test_start_up_stays_light(statement: str, absent: tuple[str, ...]) -> None:
    check = f"import sys; {statement}; print([name for name in {absent!r} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", check], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
