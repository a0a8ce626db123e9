"""Each measured pattern that torch 2.6 or later breaks on is named by a rule, or stands here with the reason why not."""

from __future__ import annotations

import json
from importlib.resources import files

import pytest
from packaging.version import Version

from breakcheck.registry import load_rules

FINE_LATER = "fine from torch 2.9 on"
FINE_SINCE_2_13 = "fine from torch 2.13 on"
NO_GPU = "seen only where there is no GPU"
OFTEN = "how often an argument changes is not in the code"
NOT_NAMED = {
    "ag_custom_function_ctx_attr": "not reproduced: attributes set on a Function's `ctx` are captured",
    "ag_custom_function_mark_dirty": "breaks where the Function is applied, at a line that does not show it",
    "ag_custom_function_print_bwd": "the backward of an `autograd.Function` is not followed",
    "ag_full_backward_hook": "the hook is registered outside the traced code",
    "ag_grad_clip": FINE_SINCE_2_13,
    "ag_module_to_in_forward": FINE_SINCE_2_13,
    "ag_nn_transformer_encoder": FINE_SINCE_2_13,
    "ag_tensor_subclass": FINE_LATER,
    "cx_cuda_stream_none": NO_GPU,
    "cx_cuda_synchronize": NO_GPU,
    "cx_custom_contextmanager": FINE_LATER,
    "cx_custom_contextmanager_tryfinally": FINE_LATER,
    "cx_suppress": FINE_SINCE_2_13,
    "dist_all_gather_base": FINE_LATER,
    "dist_all_gather_into_tensor": FINE_LATER,
    "einops_parse_shape": FINE_SINCE_2_13,
    "rc_int_arg_range": OFTEN,
    "rc_list_len": OFTEN,
    "se_c_extension_tensor_fn": "an extension module has no source to read",
    "se_generator_next_send": FINE_LATER,
    "se_lru_cache_method_tensor": FINE_LATER,
    "se_modeloutput_return": FINE_LATER,
    "se_torch_library_no_fake": "whether an operator has a fake kernel is not looked up",
    "se_try_shape_error": "the operator itself fails",
    "st_layer_idx_compiled_each": "which blocks are compiled one by one is not known in their code",
    "st_tensor_attr": FINE_LATER,
}


def rows() -> dict[str, dict[str, str]]:
    """pattern -> torch release -> cell, of the table that ships with breakcheck."""
    text = (files("breakcheck") / "data" / "matrix.json").read_text(encoding="utf-8")
    table: dict[str, dict[str, str]] = json.loads(text)["rows"]
    return table


def trouble(cells: dict[str, str]) -> dict[str, str]:
    """The releases from 2.6 on in which a pattern breaks, gives the frame up, raises or hits the recompile limit."""
    return {
        release: cell
        for release, cell in cells.items()
        if Version(release) >= Version("2.6") and cell != "–" and (not cell.startswith("ok") or "L" in cell)
    }


def test_every_measured_pattern_with_trouble_is_named_by_a_rule_or_has_a_reason() -> None:
    named = {pattern for loaded in load_rules() for pattern in loaded.rule.matrix}
    troubled = {pattern for pattern, cells in rows().items() if trouble(cells)}
    assert len(troubled) > 150
    assert sorted(troubled - named) == sorted(NOT_NAMED)


@pytest.mark.parametrize(
    ("reason", "release"), [(FINE_LATER, "2.9"), (FINE_SINCE_2_13, "2.13")], ids=["2.9", "2.13"]
)
def test_what_is_said_to_be_fine_by_now_is(reason: str, release: str) -> None:
    for pattern in (pattern for pattern, why in NOT_NAMED.items() if why == reason):
        assert not [late for late in trouble(rows()[pattern]) if Version(late) >= Version(release)], pattern


def test_rules_name_patterns_that_were_measured() -> None:
    named = {pattern for loaded in load_rules() for pattern in loaded.rule.matrix}
    assert sorted(named - set(rows())) == []
