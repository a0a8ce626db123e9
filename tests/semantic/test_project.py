"""Files are read and parsed only as far as somebody asks, and told by their name, text and bytecode."""

from __future__ import annotations

import ast
import os
import py_compile
from pathlib import Path

import pytest

from breakcheck.linter import lint
from breakcheck.options import Options
from breakcheck.semantic import analysis, project, regions
from breakcheck.semantic.project import Project, decoded, is_compiled, package_roots
from breakcheck.semantic.symbols import index_module, outline_module

BROKEN = "def helper(:\n    pass\n"
PLAIN = "def helper():\n    return 1\n"


def test_bytecode_vouches_for_the_text_it_was_made_of_alone(tmp_path: Path) -> None:
    path = tmp_path / "plain.py"
    path.write_text(PLAIN)
    assert not is_compiled(path)
    py_compile.compile(str(path))
    assert is_compiled(path)
    status = path.stat()
    path.write_text(PLAIN.replace("1", "12"))
    os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))
    assert not is_compiled(path)  # of another size
    path.write_text(PLAIN.replace("1", "2"))
    os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns + 2_000_000_000))
    assert not is_compiled(path)  # changed later
    py_compile.compile(str(path), invalidation_mode=py_compile.PycInvalidationMode.UNCHECKED_HASH)
    assert not is_compiled(path)  # by a hash that nobody checks


def test_a_broken_file_without_roots_is_said_whatever_bytecode_lies_beside_it(tmp_path: Path) -> None:
    assert not any(word in BROKEN for word in analysis.ROOT_WORDS)
    path = tmp_path / "helper.py"
    path.write_text(PLAIN)
    py_compile.compile(str(path))
    assert not lint([path], Options(use_cache=False)).errors
    path.write_text(BROKEN)
    (error,) = lint([path], Options(use_cache=False)).errors
    assert (error.line, "syntax error" in error.message) == (1, True)
    overridden = lint([path], Options(use_cache=False), overrides={path: PLAIN})
    assert not overridden.errors
    path.write_text(PLAIN)
    py_compile.compile(str(path))
    (error,) = lint([path], Options(use_cache=False), overrides={path: BROKEN}).errors
    assert error.line == 1


BASE = """
import torch
from torch import nn


class Base(nn.Module):
    def forward(self, x: torch.Tensor):
        return self.scaled(x)
"""
MODEL = """
import torch

from package.base import Base


class Part(Base):
    # Part has no forward of its own.
    def scaled(self, x):
        return x * x.sum().item()


class Whole(Base):
    def __init__(self):
        super().__init__()
        self.part = Part()

    def scaled(self, x):
        if x.sum() > 0:
            return self.part(x)
        return x
"""
STEP = """
import torch


@torch.compile
def step(x: torch.Tensor):
    return x.tolist()
"""


def test_a_file_that_defines_no_forward_is_parsed_as_far_as_its_roots_go(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "package"
    folder.mkdir()
    texts = {
        "base.py": BASE,
        "model.py": MODEL,
        "step.py": STEP,
        "other.py": "import re\n\nWORDS = re.compile('x')\n" + PLAIN,
    }
    for name, text in texts.items():
        (folder / name).write_text(text)
    files = sorted(folder.iterdir())
    (folder / "__init__.py").write_text("")
    expected = lint(files, Options(use_cache=False)).findings
    assert {finding.code for finding in expected} >= {"BC101", "BC102"}
    for path in files:
        py_compile.compile(str(path))
    parsed: list[str] = []

    def parse(source: str, path: Path) -> ast.Module:
        parsed.append(path.name)
        return ast.parse(source)

    monkeypatch.setattr(project, "parse", parse)
    assert lint(files, Options(use_cache=False)).findings == expected
    assert parsed == ["base.py", "step.py"]  # which names a compiler


def test_a_broken_file_that_bytecode_vouches_for_is_said_where_its_roots_are_looked_for(
    tmp_path: Path,
) -> None:
    path = tmp_path / "step.py"
    text = "import torch\n\n\n@torch.compile\ndef step(x: torch.Tensor):\n    return x.tolist()\n"
    path.write_text(text)
    py_compile.compile(str(path))
    status = path.stat()
    path.write_text(text.replace("x.tolist", "x tolist"))
    os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))
    assert is_compiled(path)
    (error,) = lint([path], Options(use_cache=False)).errors
    assert (error.line, error.message) == (6, "syntax error: invalid syntax")


NAMED = """
class First:
    def scaled(self, x):
        return x

    # Second is no part of it, nor is this.

# Second: as First, but reads the sum back.
class Second:
    def scaled(self, x):
        return x * x.sum().item()


class Third:
    def part(self):
        return First()
"""


def test_a_comment_after_a_class_uses_no_other_class(tmp_path: Path) -> None:
    path = tmp_path / "named.py"
    outlined = outline_module(path, "named", False, NAMED)
    assert outlined is not None
    for module in (outlined, index_module(path, "named", False, NAMED, ast.parse(NAMED))):
        assert regions.referenced(module) == {"First"}


@pytest.mark.parametrize(
    ("data", "text"),
    [
        (b"x = 1\r\ny = 2\rz = 3\n", "x = 1\ny = 2\nz = 3\n"),
        (b"\xef\xbb\xbfx = 1\n", "x = 1\n"),
        (
            b"#!/bin/sh\n# -*- coding: latin-1 -*-\nx = '\xe9'\n",
            "#!/bin/sh\n# -*- coding: latin-1 -*-\nx = 'é'\n",
        ),
        (b"# coding: latin-1", "# coding: latin-1"),
        ("x = 'é'\n".encode(), "x = 'é'\n"),
    ],
)
def test_a_file_is_read_as_python_reads_it(data: bytes, text: str) -> None:
    assert decoded(Path("file.py"), data) == text


def test_a_file_is_found_by_links_and_named_by_its_package(tmp_path: Path) -> None:
    inner = tmp_path / "root" / "package" / "inner"
    inner.mkdir(parents=True)
    for folder in (inner, inner.parent):
        (folder / "__init__.py").write_text("")
    (inner / "model.py").write_text("")
    (tmp_path / "link").symlink_to(inner)
    (tmp_path / "alone.py").symlink_to(inner / "model.py")
    found = Project()
    module = found.load(tmp_path / "link" / "model.py")
    assert (module.name, module.path) == ("package.inner.model", (inner / "model.py").resolve())
    assert found.load(tmp_path / "alone.py") is module
    assert found.load(tmp_path / "link" / ".." / "__init__.py").name == "package"
    assert found.roots == [inner.parent.parent]


def test_a_name_means_the_file_beside_before_one_of_another_root(tmp_path: Path) -> None:
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "helpers.py").write_text(f"{name} = 1\n")
        (tmp_path / name / "model.py").write_text("import helpers\n")
    (tmp_path / "b" / "shared.py").write_text("")
    found = Project(roots=package_roots([str(tmp_path / name / "model.py") for name in ("a", "b")]))
    for name in ("b", "a", "b"):
        found.load(tmp_path / name / "model.py")
        module = found.module("helpers")
        assert module is not None
        assert name in module.names
    found.load(tmp_path / "a" / "model.py")
    assert found.module("shared") is not None  # of a root that is listed, before any file of it is loaded
    assert found.module("missing") is None


def test_a_name_means_a_file_below_the_projects_folder_also_through_folders_that_are_no_packages(
    tmp_path: Path,
) -> None:
    top = tmp_path / "checkout"
    for folder, text in (("nets", "a = 1\n"), ("nets/parts", "b = 1\n"), ("scripts", "c = 1\n")):
        (top / folder).mkdir(parents=True)
        (top / folder / "used.py").write_text(text)
    (tmp_path / "outside.py").write_text("")
    (top / "nets" / "model.py").write_text("from nets.parts import used\n")
    roots = package_roots([str(top / "nets" / "model.py")])
    unmarked = Project(roots=roots)
    unmarked.load(top / "nets" / "model.py")
    assert unmarked.module("nets.parts.used") is None
    (top / "README.md").write_text("")
    found = Project(roots=roots)
    found.load(top / "nets" / "model.py")
    for name, held in (("used", "a"), ("nets.parts.used", "b"), ("scripts.used", "c")):
        module = found.module(name)
        assert module is not None
        assert held in module.names
    assert found.module("outside") is None
    part = found.module("nets.parts.used")
    assert part is not None
    assert part.name == "used"  # as it is called when it is linted itself
    (top / "nets" / "README.md").write_text("")
    again = Project(roots=roots)
    again.load(top / "nets" / "model.py")
    assert again.module("scripts.used") is not None  # the highest folder that looks like a project's
    (top / "nets" / ".git").mkdir()
    inner = Project(roots=roots)
    inner.load(top / "nets" / "model.py")
    assert inner.module("scripts.used") is None  # a checkout of its own


def test_what_lies_beside_installed_packages_is_no_project(tmp_path: Path) -> None:
    packages = tmp_path / "lib" / "site-packages"
    (packages / "net").mkdir(parents=True)
    (packages / "net" / "__init__.py").write_text("")
    (packages / "net" / "model.py").write_text("")
    (tmp_path / "README.md").write_text("")
    (tmp_path / "helpers.py").write_text("")
    found = Project(roots=package_roots([str(packages / "net" / "model.py")]))
    found.load(packages / "net" / "model.py")
    assert found.module("helpers") is None
