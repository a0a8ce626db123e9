"""Every one of the 22 breaking programs is found at its line; none of the 6 clean ones is flagged."""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

torch = pytest.importorskip("torch")

from breakcheck import Case  # noqa: E402
from breakcheck.runtime import Observation, observe  # noqa: E402

SOURCE = Path(__file__).with_name("breaking_cases.py")
_spec = importlib.util.spec_from_file_location("breaking_cases", SOURCE)
assert _spec is not None
assert _spec.loader is not None
cases = importlib.util.module_from_spec(_spec)
sys.modules["breaking_cases"] = cases
_spec.loader.exec_module(cases)


def expected_lines(name: str) -> set[int]:
    """Lines marked `# breaks` in the part of the file that belongs to a case."""
    lines = SOURCE.read_text().splitlines()
    starts = {"forward_hook_prints": "def _loud_hook", "print_in_custom_backward": "class _Loud"}
    start = next(i for i, text in enumerate(lines) if text.startswith(starts.get(name, f"def {name}(")))
    found: set[int] = set()
    for i in range(start, len(lines)):
        if i > start and not lines[i].startswith((" ", "\t")) and lines[i].strip():
            break
        if lines[i].endswith("# breaks"):
            found.add(i + 1)
    assert found, name
    return found


def seen(name: str, make: Callable[[], Callable[..., Any]]) -> Observation:
    trains = name in ("print_in_custom_backward", "backward_inside")
    x = torch.linspace(0.5, 1.0, 4).requires_grad_(trains)
    if name == "forward_hook_prints":
        x = x.reshape(1, 4)
    return observe(Case(make(), calls=[(x,)], train=name == "print_in_custom_backward"))


def test_there_are_22_breaking_and_6_clean_cases() -> None:
    assert (len(cases.BREAKING), len(cases.CLEAN)) == (22, 6)


@pytest.mark.parametrize("name", list(cases.CLEAN))
def test_clean_case_is_not_flagged(name: str) -> None:
    observation = seen(name, cases.CLEAN[name])
    assert observation.breaks == ()
    assert observation.errors == ()
    assert observation.op_count >= 1


@pytest.mark.parametrize("name", list(cases.BREAKING))
def test_breaking_case_is_found_at_its_line(name: str) -> None:
    observation = seen(name, cases.BREAKING[name])
    assert observation.errors == ()
    assert {site.line for site in observation.breaks} == expected_lines(name)
    for site in observation.breaks:
        assert site.path == str(SOURCE)
        assert site.gb_id.startswith("GB")
        assert site.owner == "user"
        assert site.source.endswith("# breaks")
        assert site.executions_per_call is not None
        assert site.executions_per_call >= 1


def test_break_in_a_helper_called_from_a_loop_hides_the_loops_function_not_the_helper() -> None:
    observation = observe(Case(cases.loop_calls_helper, calls=[(torch.ones(3),)]))
    (site,) = observation.breaks
    assert site.function == "branching_helper"
    assert site.hides_function == "loop_calls_helper"
    (skipped,) = observation.skipped_frames
    assert skipped.function == "loop_calls_helper"
    assert skipped.first_line < skipped.last_line < site.line


def test_break_in_the_forward_of_torchs_own_layer_lies_in_the_models_forward_that_calls_it() -> None:
    observation = observe(Case(cases.AsksForCausal(), calls=[(torch.ones(2, 3, 4),)]))
    (site,) = observation.breaks
    assert (site.path, site.owner) == (str(SOURCE), "user")
    assert site.source == "return self.encoder(x, mask)  # type: ignore[no-any-return]"
    assert "torch/nn/modules/transformer.py" in site.torch_location.replace("\\", "/")
    names = [frame.function for frame in site.user_stack]
    assert names[-3:] == ["forward", "forward", "_detect_is_causal_mask"]


def test_break_in_a_module_of_torchs_own_that_is_compiled_itself_counts() -> None:
    encoder = cases.AsksForCausal().encoder
    observation = observe(Case(encoder, calls=[(torch.ones(2, 3, 4), torch.zeros(3, 3))]))
    (site,) = observation.breaks
    assert site.path.replace("\\", "/").endswith("torch/nn/modules/transformer.py")
    assert site.owner == "user"


def test_break_in_loop_is_executed_once_a_round_and_hides_the_frame() -> None:
    observation = seen("break_in_for", cases.BREAKING["break_in_for"])
    (site,) = observation.breaks
    assert (site.kind.value, site.executions_per_call) == ("frame_skipped", 3)
    assert site.hides is not None
    assert site.hides[0] < site.line < site.hides[1]
    assert observation.graphs == ()


@pytest.mark.skipif(sys.version_info >= (3, 12), reason="comprehensions are inlined from Python 3.12 on")
def test_break_in_a_comprehension_is_executed_once_an_element() -> None:
    def model(x: torch.Tensor, sizes: list[torch.Tensor]) -> torch.Tensor:
        parts = [
            x[: int(size.item())]
            for size in sizes
        ]  # fmt: skip
        others = [part * 2 for part in parts]
        return torch.cat(others) + len({key: size.item() for key, size in enumerate(sizes)})

    found = observe(Case(model, calls=[(torch.ones(5), [torch.tensor(n) for n in (1, 2, 3)])])).breaks
    executed = {site.function.rsplit(".", 1)[-1]: site.executions_per_call for site in found}
    assert executed == {"<listcomp>": 3, "<dictcomp>": 3, "model": 1}


def test_a_reason_names_no_memory_address_which_would_differ_from_run_to_run() -> None:
    @torch.compiler.disable
    def kept_out(x: torch.Tensor) -> torch.Tensor:
        return x + 1

    def model(x: torch.Tensor) -> torch.Tensor:
        return kept_out(x * 2) * 3

    (site,) = observe(Case(model, calls=[(torch.ones(2),)])).breaks
    assert "kept_out" in site.reason
    assert " at 0x" not in " ".join([site.reason, site.gb_type, *site.hints])
