"""What a TARGET may be, and the one line that says why it is none."""

from __future__ import annotations

from pathlib import Path

import pytest

torch = pytest.importorskip("torch")

from breakcheck import Case  # noqa: E402
from breakcheck.errors import TargetError  # noqa: E402
from breakcheck.runtime.targets import expand, load  # noqa: E402

SOURCE = """
import torch
from torch import nn
from breakcheck import Case

class Model(nn.Module):
    def forward(self, x):
        return x

model = Model()
value = 3

def pair():
    return Model(), (torch.ones(2),)

def one_tensor():
    return Model(), torch.ones(2)

def keywords():
    return Model(), {"x": torch.ones(2)}

def case():
    return Case(Model(), calls=[(torch.ones(2),)])

def case_other():
    return case()

def number():
    return 3

def needs(size):
    return size

def raises():
    raise KeyError("weights")

ready = case()
"""


@pytest.fixture
def module(tmp_path: Path) -> str:
    path = tmp_path / "models_here.py"
    path.write_text(SOURCE)
    return str(path)


@pytest.mark.parametrize("name", ["pair", "one_tensor", "keywords", "case", "ready"])
def test_factory_forms(module: str, name: str) -> None:
    case = load(f"{module}:{name}")
    assert isinstance(case, Case)
    call = case.normalized()[0]
    assert case.model(*call.args, **call.kwargs).shape == (2,)


def test_module_on_the_path() -> None:
    with pytest.raises(TargetError, match="has no 'nothing'"):
        load("json.decoder:nothing")


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("nowhere", r"has no 'nowhere'; it has .*pair"),
        ("number", "returned int: a factory returns"),
        ("value", "is a int, not a factory"),
        ("model", "is a module without inputs"),
        ("Model", "is a module class"),
        ("needs", "needs arguments"),
        ("raises", r"raised KeyError: 'weights' at models_here.py:\d+"),
    ],
)
def test_what_is_no_target_says_why(module: str, name: str, says: str) -> None:
    with pytest.raises(TargetError, match=says):
        load(f"{module}:{name}")


@pytest.mark.parametrize(
    ("target", "says"),
    [
        ("nowhere.py:f", "no such file"),
        ("no.such.module:f", "no such module"),
        ("llama9-huge", "a TARGET is a bundled name"),
    ],
)
def test_what_is_not_there_says_so(target: str, says: str) -> None:
    with pytest.raises(TargetError, match=says):
        load(target)


def test_file_alone_stands_for_its_cases(module: str, tmp_path: Path) -> None:
    assert expand(module) == [f"{module}:case", f"{module}:case_other"]
    assert expand("llama2-tiny") == ["llama2-tiny"]
    with pytest.raises(TargetError, match="no such file"):
        expand("nowhere.py")
    empty = tmp_path / "empty.py"
    empty.write_text("x = 1\n")
    with pytest.raises(TargetError, match="no function named case"):
        expand(str(empty))
