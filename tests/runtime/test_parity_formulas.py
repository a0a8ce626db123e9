"""The parity formulas are monotone, indifferent to scale, and judge NaN as wrong."""

from __future__ import annotations

import math
from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from breakcheck.runtime.parity import Errors, judge

POSITIVE = st.floats(min_value=1e-12, max_value=1e12, allow_nan=False)
RATIO = st.floats(min_value=0.0, max_value=1e3, allow_nan=False)


@st.composite
def errors(draw: st.DrawFn) -> Errors:
    rms = draw(POSITIVE)
    rmse_eager = draw(RATIO) * rms * 1e-7
    rmse_compiled = draw(RATIO) * rms * 1e-7
    return Errors(
        rms=rms,
        rmse_eager=rmse_eager,
        rmse_compiled=rmse_compiled,
        max_eager=rmse_eager * draw(st.floats(1.0, 50.0)),
        max_compiled=rmse_compiled * draw(st.floats(1.0, 50.0)),
        eps=1.2e-7,
        dtype=draw(st.sampled_from(["float32", "bfloat16", "float16", "float64"])),
    )


@given(errors(), st.floats(1.0, 1e6))
def test_a_larger_compiled_error_never_turns_a_failure_into_a_pass(
    given_errors: Errors, factor: float
) -> None:
    worse = replace(
        given_errors,
        rmse_compiled=given_errors.rmse_compiled * factor,
        max_compiled=given_errors.max_compiled * factor,
    )
    assert given_errors.passes or not worse.passes
    assert worse.rmse_ratio >= given_errors.rmse_ratio


@given(errors(), st.floats(1.0, 1e6))
def test_a_larger_eager_error_never_turns_a_pass_into_a_failure(given_errors: Errors, factor: float) -> None:
    looser = replace(
        given_errors, rmse_eager=given_errors.rmse_eager * factor, max_eager=given_errors.max_eager * factor
    )
    assert looser.passes or not given_errors.passes


@given(errors(), st.integers(-40, 40))
def test_the_verdict_does_not_depend_on_the_unit(given_errors: Errors, power: int) -> None:
    scaled = replace(
        given_errors,
        **{
            name: math.ldexp(getattr(given_errors, name), power)
            for name in ("rms", "rmse_eager", "rmse_compiled", "max_eager", "max_compiled")
        },
    )
    assert scaled.passes == given_errors.passes


@given(errors())
def test_low_precision_is_never_judged_more_strictly(given_errors: Errors) -> None:
    if replace(given_errors, dtype="float32").passes:
        assert replace(given_errors, dtype="bfloat16").passes


@given(errors())
def test_as_good_as_eager_passes(given_errors: Errors) -> None:
    same = replace(given_errors, rmse_compiled=given_errors.rmse_eager, max_compiled=given_errors.max_eager)
    assert same.passes
    assert judge("x", "value", same).problem == ""


@given(errors())
def test_nan_fails(given_errors: Errors) -> None:
    broken = replace(given_errors, rmse_compiled=math.nan)
    assert not broken.passes
    assert judge("x", "value", broken).problem


def test_one_wild_element_shows_in_the_maximum_only() -> None:
    one = Errors(1.0, 1e-7, 1.9e-7, 5e-7, 9e-6, 1.2e-7, "float32")
    assert one.rmse_ratio < 1
    assert not one.passes
    assert "one element" in judge("logits", "value", one).problem
