"""`--breakcheck` reports what a whole suite compiles and fails nothing; `expect` guards one block."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest

Run = Callable[..., pytest.RunResult]

SUITE = """
def test_broken():
    compiled(broken)(torch.ones(3))

def test_broken_too():
    torch._dynamo.reset()
    compiled(broken)(torch.ones(3))

def test_plain():
    assert clean(torch.ones(3)).sum() == 9
"""


def test_an_unmarked_suite_is_left_alone_without_the_flag(run: Run) -> None:
    result = run(SUITE)
    result.assert_outcomes(passed=3)
    result.stdout.no_fnmatch_line("*breakcheck -*")


@pytest.mark.parametrize("how", ["flag", "ini"])
def test_the_flag_reports_every_break_and_fails_nothing(
    pytester: pytest.Pytester, run: Run, how: str
) -> None:
    if how == "ini":
        pytester.makeini("[pytest]\nbreakcheck = true\n")
    result = run(SUITE, *(["--breakcheck"] if how == "flag" else []))
    result.assert_outcomes(passed=3)
    result.stdout.fnmatch_lines(
        [
            "test_it.py bb.*",
            "3 test(s) observed, 2 compiled something: 4 graph(s), 2 break(s), 0 recompile(s)",
            "  test_it.py:8: GB0059 in broken (2 tests)",
            '      print("seen")',
        ]
    )


def test_a_marker_still_gates_under_the_flag(run: Run) -> None:
    result = run(
        SUITE.replace("def test_broken():", "@pytest.mark.breakcheck\ndef test_broken():"), "--breakcheck"
    )
    result.assert_outcomes(passed=2, failed=1)


def test_json_holds_what_each_test_showed(pytester: pytest.Pytester, run: Run) -> None:
    run(SUITE, "--breakcheck", "--breakcheck-json=out/seen.json")
    tests = json.loads((pytester.path / "out" / "seen.json").read_text())["tests"]
    assert set(tests) == {"test_it.py::test_broken", "test_it.py::test_broken_too", "test_it.py::test_plain"}
    assert [event["source"] for event in tests["test_it.py::test_broken"]["seen"]] == ['print("seen")']
    assert tests["test_it.py::test_plain"]["graphs"] == 0


def test_a_disabled_compiler_is_said_in_the_summary(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TORCHDYNAMO_DISABLE", "1")
    result = run(SUITE, "--breakcheck")
    result.stdout.fnmatch_lines(["nothing could compile in 3 test(s): *is set in the environment"])


def test_expect_holds_for_its_block_on_the_module_and_on_the_fixture(run: Run) -> None:
    result = run("""
import breakcheck as tool

def test_module():
    with tool.expect(breaks=0, recompiles=0, graphs=1):
        compiled(clean)(torch.ones(3))

def test_fixture(breakcheck):
    f = compiled(clean)
    with breakcheck.expect(graphs=1) as watch:
        f(torch.ones(3))
    assert watch.observation.op_count == 3

def test_module_fails():
    f = compiled(broken)
    with tool.expect(breaks=0):
        f(torch.ones(3))

def test_fixture_fails(breakcheck):
    f = compiled(broken)
    with breakcheck.expect("breaks<=0"):
        f(torch.ones(3))
""")
    result.assert_outcomes(passed=2, failed=2)
    result.stdout.fnmatch_lines(
        [
            ">       with tool.expect(breaks=0):",
            "E       breakcheck.watch.BreakcheckFailure: 1 graph break, expected breaks<=0",
            "E         test_it.py:8: GB0059 *",
        ]
    )
    assert "contextlib.py" not in result.stdout.str()


WARM = """
import breakcheck as tool

@pytest.fixture
def warm():
    f = compiled(clean)
    f(torch.ones(3))
    return f
"""


def test_a_claim_on_recompiles_alone_holds_for_code_warmed_up_before_the_block(run: Run) -> None:
    result = run(
        WARM
        + """
def test_steady(warm):
    with tool.expect(recompiles=0):
        warm(torch.ones(3))

def test_not_steady(warm):
    with tool.expect(recompiles=0):
        warm(torch.ones(4))
"""
    )
    result.assert_outcomes(passed=1, failed=1)
    result.stdout.fnmatch_lines(["*1 recompile, expected recompiles<=0"])


def test_any_other_claim_is_about_code_compiled_in_the_block(run: Run) -> None:
    result = run(
        WARM
        + """
def test_starts_anew(warm):
    with tool.expect(graphs=1, recompiles=0):
        warm(torch.ones(4))

def test_kept(warm):
    with tool.expect(breaks=0, recompiles=0, reset=False):
        warm(torch.ones(3))
"""
    )
    result.assert_outcomes(passed=1, failed=1)
    result.stdout.fnmatch_lines(["*nothing was compiled, so breaks<=0, recompiles<=0 proves nothing*"])


def test_an_error_inside_the_block_comes_out_as_it_is(run: Run) -> None:
    result = run("""
import breakcheck as tool

def test_raises():
    with pytest.raises(ZeroDivisionError), tool.expect(breaks=0):
        1 / 0
""")
    result.assert_outcomes(passed=1)
