"""A file read by its outline says what its whole tree says, and costs what is asked of it."""

from __future__ import annotations

import ast
import importlib.util
from pathlib import Path

import pytest

from breakcheck.semantic.project import Project
from breakcheck.semantic.symbols import (
    ClassInfo,
    FunctionInfo,
    ModuleInfo,
    Names,
    index_module,
    outline_module,
)

PLAIN = '''"""A module.

def not_a_function(): it stands in a string at the margin
"""
import torch

SIZES = [
    1,
]


@torch.no_grad()
@decorated(
    1,
)
def first(
    x,
) -> int:
    """Text
at the margin.
"""
    return x


class Block(
    torch.nn.Module,
):
    """Of a class.

    Further text.
    """

    kind = "block"

    def __init__(self):
        super().__init__()
        self.a = 1

    # a comment above
    @property
    def size(self):
        return """
    def neither(self): ...
"""

    class Inner:
        def deep(self):
            pass

    async def later(self): return 1
try:
    from x import first
except ImportError:
    def first(): pass
'''


def dumped(node: ast.AST) -> str:
    return ast.dump(node, include_attributes=True)


def differences(lazy: Names, whole: Names) -> list[str]:
    if list(lazy) != list(whole):
        return [f"names {list(lazy)} for {list(whole)}"]
    found = []
    for name in whole:
        for one, other in zip(lazy[name], whole[name], strict=True):
            if isinstance(one, FunctionInfo) and isinstance(other, FunctionInfo):
                if dumped(one.node) != dumped(other.node) or one.qualname != other.qualname:
                    found.append(other.qualname)
            elif isinstance(one, ClassInfo) and isinstance(other, ClassInfo):
                found += differences(one.members, other.members)
                if [dumped(base) for base in one.node.bases] != [dumped(base) for base in other.node.bases]:
                    found.append(other.qualname)
            elif type(one) is not type(other):
                found.append(name)
    return found


def outlined(source: str) -> ModuleInfo | None:
    return outline_module(Path("m.py"), "m", False, source)


def whole(source: str) -> ModuleInfo:
    return index_module(Path("m.py"), "m", False, source, ast.parse(source))


def files() -> list[Path]:
    """Of torch, which holds all that Python's grammar allows."""
    spec = importlib.util.find_spec("torch")
    assert spec is not None
    assert spec.origin is not None
    root = Path(spec.origin).parent
    return [*sorted((root / "nn").rglob("*.py")), *sorted((root / "_dynamo").rglob("*.py"))]


def test_the_plain_text_is_cut_where_it_defines() -> None:
    # A string at the margin that looks like a definition makes the cuts doubtful: the file is then read as a whole.
    assert outlined(PLAIN) is None
    source = PLAIN.replace("def not_a_function(): it", "It").replace(
        "    def neither(self): ...\n", "    nothing\n"
    )
    module = outlined(source)
    assert module is not None
    first = module.names["first"][0]
    assert isinstance(first, FunctionInfo)
    assert not first.parsed
    assert differences(module.names, whole(source).names) == []


@pytest.mark.parametrize(
    "source",
    [
        "def f():\n    x = [\n\"a\",\n    ]\n    return x\n\ndef g(): pass\n",
        "def f():\n    return 1 + \\\n2\n\ndef g(): pass\n",
        "def f():\n    return '\"\"\"'\n\ndef g(): pass\n",
        "class A:\n  def f(self):\n    def g(): pass\n    return g\n\n  def h(self): pass\n",
        "class A:\n\tdef f(self):\n\t\treturn 1\n",
        "class A:\n    def f(self): return '''\n    def g(self): pass\n'''\n    def h(self): pass\n",
        "class A: x = 1\nclass B: pass\ndef f(): pass; y = 2\n",
        "if True:\n    def f(): pass\nelse:\n    def f(): return 1\n\ndef g(): pass\n",
    ],
)  # fmt: skip
def test_odd_layouts_say_the_same(source: str) -> None:
    module = outlined(source) or whole(source)
    assert differences(module.names, whole(source).names) == []


def test_every_file_of_torch_says_the_same() -> None:
    read = 0
    for path in files():
        source = path.read_text(encoding="utf-8")
        module = outlined(source)
        if module is not None:
            read += 1
            assert differences(module.names, whole(source).names) == [], path
    assert read > 150  # most are read by their outline


def test_what_was_parsed_before_stands_in_the_whole_tree() -> None:
    for path in files()[:60]:
        source = path.read_text(encoding="utf-8")
        module = outlined(source)
        if module is None:
            continue
        early = [info.node for info in list(module.functions())[::2]]
        tree = ast.parse(source)
        module.complete(tree)
        assert dumped(tree) == dumped(ast.parse(source)), path
        held = set(map(id, ast.walk(tree)))
        assert all(id(node) in held for node in early), path
        assert all(id(info.node) in held for info in module.functions()), path


def test_a_broken_file_that_others_import_tells_nothing(tmp_path: Path) -> None:
    (tmp_path / "broken.py").write_text("def f(x):\n    return x +\n\ndef g(x):\n    return x\n")
    module = Project([tmp_path]).module("broken")
    assert module is not None
    for name in ("f", "g"):
        info = module.names[name][0]
        assert isinstance(info, FunctionInfo)
        assert isinstance(info.node, ast.FunctionDef)


@pytest.mark.parametrize(
    ("method", "stores"),
    [
        ("def f(self):\n        (self.t) = 1", True),
        ("def f(self):\n        self . t = 1", True),
        ("def f(self):\n        self.t \\\n            = 1", True),
        ("def f(self):\n        a, self.t = 1, 2", True),
        ("def f(module):\n        def inner(self): ...\n        module.t = 1", True),
        ("def f(self, x):\n        return g(x, t=self.t) == self.t", False),
    ],
)
def test_a_method_that_may_set_an_attribute_is_told_by_its_text(method: str, stores: bool) -> None:
    module = outlined(f"class A:\n    {method}\n")
    assert module is not None
    (info,) = module.classes()
    (found,) = info.members["f"]
    assert isinstance(found, FunctionInfo)
    assert found.may_store is stores
