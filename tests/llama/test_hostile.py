"""Each hostile component is one clean file with one habit put back, and computes the same."""

from __future__ import annotations

import difflib
import importlib.util
import json
import subprocess
import sys
from pathlib import Path

import pytest

torch = pytest.importorskip("torch", reason="the reference models need torch")

import breakcheck_models  # noqa: E402
from breakcheck_models.llama.hostile.swap import COMPONENTS, Shows, swap  # noqa: E402

from breakcheck.runtime.observation import Observation  # noqa: E402
from breakcheck.runtime.observe import observe  # noqa: E402
from breakcheck.testing import expectations  # noqa: E402

HOSTILE = [name for name in breakcheck_models.names() if name.startswith("llama2-tiny@")]


def source(module: str) -> list[str]:
    spec = importlib.util.find_spec(module)
    assert spec is not None
    assert spec.origin is not None
    return Path(spec.origin).read_text(encoding="utf-8").splitlines()


def changed_lines(name: str) -> set[int]:
    """The 1-based lines of the hostile file that its clean parent has not."""
    clean, hostile = source(COMPONENTS[name].clean), source(COMPONENTS[name].hostile)
    matcher = difflib.SequenceMatcher(None, clean, hostile, autojunk=False)
    return {
        line + 1 for tag, _, _, j1, j2 in matcher.get_opcodes() if tag != "equal" for line in range(j1, j2)
    }


def seen(name: str, backend: str = "eager") -> Observation:
    return observe(breakcheck_models.load_case(f"llama2-tiny@{name}"), backend=backend)


def breaking_lines(observation: Observation) -> set[tuple[str, int]]:
    return {(Path(site.path).stem, site.line) for site in observation.breaks}


BREAKING = [name for name, each in COMPONENTS.items() if each.shows is Shows.BREAK]


@pytest.mark.filterwarnings("ignore:the feed-forward is not fused", "ignore::FutureWarning")
@pytest.mark.parametrize("name", BREAKING)
def test_a_breaking_component_breaks_on_its_own_lines_and_nowhere_else(name: str) -> None:
    observation = seen(name)
    stem = name.replace("-", "_")
    assert breaking_lines(observation)
    assert breaking_lines(observation) <= {(stem, line) for line in changed_lines(name)}
    assert not observation.errors
    assert observation.executed_per_call


@pytest.mark.parametrize("name", [name for name, each in COMPONENTS.items() if each.shows is Shows.RECOMPILE])
def test_a_recompiling_component_recompiles_after_warmup_without_a_break(name: str) -> None:
    observation = seen(name)
    assert not observation.breaks
    late = [recompile for recompile in observation.recompiles if recompile.call >= observation.warmup]
    assert len(late) >= 5
    assert observation.limits


def test_einops_does_no_harm_in_this_torch() -> None:
    observation = seen("einops-heads")
    assert (observation.breaks, observation.errors) == ((), ())


def test_the_clean_model_shows_nothing() -> None:
    observation = observe(breakcheck_models.load_case("llama2-tiny"), backend="eager")
    assert (observation.breaks, observation.errors, observation.limits) == ((), (), ())
    assert all(recompile.call < observation.warmup for recompile in observation.recompiles)
    assert observation.op_count > 0


@pytest.mark.slow
def test_complex_rope_falls_back_on_its_own_lines_under_inductor() -> None:
    observation = seen("complex-rope", backend="inductor")
    assert not observation.breaks
    lines = {(Path(site.path).stem, site.line) for site in observation.fallbacks}
    assert lines
    assert lines <= {("complex_rope", line) for line in changed_lines("complex-rope")}


@pytest.mark.filterwarnings("ignore:the feed-forward is not fused", "ignore::FutureWarning")
def test_the_hostile_model_shows_every_breaking_component_at_its_own_line() -> None:
    observation = seen("hostile")
    assert {Path(site.path).stem for site in observation.breaks} == {
        name.replace("-", "_") for name in BREAKING
    }


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


@pytest.mark.filterwarnings("ignore:the feed-forward is not fused", "ignore::FutureWarning")
@pytest.mark.parametrize("name", HOSTILE)
def test_the_hostile_model_computes_the_same_numbers(name: str) -> None:
    for clean, hostile in zip(outputs("llama2-tiny"), outputs(name), strict=False):
        torch.testing.assert_close(hostile, clean, rtol=1e-4, atol=1e-5)


def linted(folder: Path) -> list[dict[str, object]]:
    command = [
        sys.executable,
        "-m",
        "breakcheck",
        "lint",
        "--no-cache",
        "--exit-zero",
        "--output-format",
        "json",
    ]
    done = subprocess.run([*command, str(folder)], capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)["findings"]


def test_the_linter_finds_each_habit_at_its_line_and_nothing_else() -> None:
    folder = Path(breakcheck_models.__file__).parent
    found = {(Path(str(each["path"])).name, each["line"], each["code"]) for each in linted(folder)}
    wanted = {
        (path.name, each.line, each.code)
        for path in folder.rglob("*.py")
        for each in expectations(path.read_text(encoding="utf-8"))
    }
    assert found == wanted
    named = {name.removesuffix(".py").replace("_", "-") for name, _, _ in wanted}
    assert named == {name for name, each in COMPONENTS.items() if each.shows is not Shows.NOTHING}


def test_an_unknown_component_names_the_known_ones() -> None:
    with pytest.raises(
        ValueError, match="unknown hostile component 'polar': the components are complex-rope"
    ):
        breakcheck_models.load_case("llama2-tiny@polar")


def test_a_component_cannot_be_put_in_twice() -> None:
    model = breakcheck_models.load_case("llama2-tiny@complex-rope").model
    with pytest.raises(ValueError, match="of which the model has none left"):
        swap(model, "complex-rope")
