"""Each hostile component is one clean file with one habit put back, and computes the same."""

from __future__ import annotations

import difflib
import importlib.util
from pathlib import Path

import pytest

torch = pytest.importorskip("torch", reason="the reference models need torch")

import breakcheck_models  # noqa: E402
from breakcheck_models.llama.hostile.swap import COMPONENTS, swap  # noqa: E402

HOSTILE = [name for name in breakcheck_models.names() if name.startswith("llama2-tiny@")]


def source(module: str) -> list[str]:
    spec = importlib.util.find_spec(module)
    assert spec is not None
    assert spec.origin is not None
    return Path(spec.origin).read_text(encoding="utf-8").splitlines()


@pytest.mark.parametrize("name", COMPONENTS)
def test_a_component_differs_from_its_clean_parent_by_at_most_a_dozen_lines(name: str) -> None:
    clean, hostile = source(COMPONENTS[name].clean), source(COMPONENTS[name].hostile)
    changed = [
        max(i2 - i1, j2 - j1)
        for tag, i1, i2, j1, j2 in difflib.SequenceMatcher(None, clean, hostile, autojunk=False).get_opcodes()
        if tag != "equal"
    ]
    assert 0 < sum(changed) <= 12


def outputs(name: str) -> list[torch.Tensor]:
    case = breakcheck_models.load_case(name)
    with torch.no_grad():
        return [case.model(*call.args, **call.kwargs) for call in case.normalized()]


@pytest.mark.parametrize("name", HOSTILE)
def test_the_hostile_model_computes_the_same_numbers(name: str) -> None:
    for clean, hostile in zip(outputs("llama2-tiny"), outputs(name), strict=True):
        torch.testing.assert_close(hostile, clean, rtol=1e-4, atol=1e-5)


def test_an_unknown_component_names_the_known_ones() -> None:
    with pytest.raises(ValueError, match="unknown hostile component 'polar': the components are complex-rope"):
        breakcheck_models.load_case("llama2-tiny@polar")


def test_a_component_cannot_be_put_in_twice() -> None:
    model = breakcheck_models.load_case("llama2-tiny@complex-rope").model
    with pytest.raises(ValueError, match="of which the model has none left"):
        swap(model, "complex-rope")
