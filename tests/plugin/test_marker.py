"""The marker: what a test compiles is held to it, and nothing compiled is a failure."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from breakcheck.errors import BreakcheckError

Run = Callable[..., pytest.RunResult]


def test_a_clean_function_passes(run: Run) -> None:
    result = run("""
@pytest.mark.breakcheck(breaks=0, recompiles=0, graphs=1)
def test_clean():
    compiled(clean)(torch.ones(3))
""")
    result.assert_outcomes(passed=1)


def test_a_break_fails_and_names_file_line_source_and_id(run: Run) -> None:
    result = run("""
@pytest.mark.breakcheck
def test_broken():
    compiled(broken)(torch.ones(3))
""")
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(
        [
            "test_it.py B*",
            "breakcheck: test_broken does not compile as expected*",
            "",
            "1 graph break, expected breaks<=0",
            "  test_it.py:8: GB0059 *",
            '      print("seen")',
            "*in broken, called from test_it.py:*",
            "*- breakcheck -*",
            "2 graph(s), 2 op(s), 1 break(s), 0 recompile(s)",
            "BREAK test_it.py::test_broken - breakcheck: 1 graph break, expected*",
        ]
    )
    assert "pytest_plugin.py" not in result.stdout.str()
    assert "torch.__trace" not in result.stdout.str()


@pytest.mark.parametrize(
    "marker", ['breaks="<=1"', '"breaks<=1", graphs=2', "breaks=1", '"breaks==1, graphs>=2"']
)
def test_a_threshold_may_be_an_expression(run: Run, marker: str) -> None:
    result = run(f"""
@pytest.mark.breakcheck({marker})
def test_broken():
    compiled(broken)(torch.ones(3))
""")
    result.assert_outcomes(passed=1)


@pytest.mark.parametrize(
    ("marker", "message"),
    [
        ("brakes=0", "unknown expectation 'brakes'; known: breaks, recompiles, graphs, ops"),
        ('breaks="lots"', "breaks must read like \"breaks<=2\", got 'lots'"),
        ('breaks="graphs<=2"', "breaks is given a bound on graphs"),
    ],
)
def test_a_marker_that_cannot_be_read_stops_the_run_before_any_test(
    pytester: pytest.Pytester, run: Run, marker: str, message: str
) -> None:
    result = run(f"""
@pytest.mark.breakcheck({marker})
def test_it():
    open("ran", "w")
""")
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines(
        [f"*test_it.py::test_it: @pytest.mark.breakcheck: {message.replace('[', '[[]')}*"]
    )
    assert not (pytester.path / "ran").exists()


def test_a_recompile_fails_with_its_guard(run: Run) -> None:
    result = run("""
@pytest.mark.breakcheck(recompiles=0)
def test_sizes():
    f = compiled(clean)
    f(torch.ones(3)); f(torch.ones(4))
""")
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(
        [
            "1 recompile, expected recompiles<=0",
            "*recompiled, size of x changed",
            "*size mismatch at index 0*",
        ]
    )


def test_what_a_fixture_compiles_belongs_to_the_test(run: Run) -> None:
    result = run("""
@pytest.fixture
def warm():
    f = compiled(broken)
    f(torch.ones(3))
    return f

@pytest.mark.breakcheck(breaks=0)
def test_warm(warm):
    warm(torch.ones(3))
""")
    result.assert_outcomes(failed=1)


def test_a_verdict_does_not_depend_on_an_earlier_test(run: Run) -> None:
    result = run("""
shared = compiled(broken)

def test_first():
    shared(torch.ones(3))

@pytest.mark.breakcheck(breaks=0)
def test_second():
    shared(torch.ones(3))
""")
    result.assert_outcomes(passed=1, failed=1)
    result.stdout.fnmatch_lines(["1 graph break, expected breaks<=0"])


@pytest.mark.parametrize(
    ("setup", "why"),
    [
        ("import os; os.environ['TORCHDYNAMO_DISABLE'] = '1'", "is set in the environment"),
        ("torch._dynamo.config.disable = True", "torch._dynamo.config.disable is"),
        ("torch.compiler.set_stance('force_eager')", 'torch.compiler.set_stance("force_eager") is in force'),
        ("pass", "no call reached a compiled function"),
    ],
)
def test_nothing_compiled_is_a_failure_that_says_why(
    pytester: pytest.Pytester, run: Run, setup: str, why: str
) -> None:
    pytester.makeconftest(f"""
import pytest, torch

@pytest.fixture
def conftest_setup(monkeypatch):
    monkeypatch.setenv("TORCHDYNAMO_DISABLE", "0")
    before = torch._dynamo.config.disable
    {setup}
    yield
    torch._dynamo.config.disable = before
    torch.compiler.set_stance("default")
""")
    body = "pass" if setup == "pass" else "compiled(clean)(torch.ones(3))"
    result = run(f"""
@pytest.mark.breakcheck
def test_vacuous(conftest_setup):
    {body}
""")
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(
        [f"*nothing was compiled, so breaks<=0, recompiles<=0 proves nothing: *{why}*"]
    )


def test_a_failing_test_keeps_its_own_failure_and_gets_the_section(run: Run) -> None:
    result = run("""
@pytest.mark.breakcheck
def test_wrong():
    compiled(broken)(torch.ones(3))
    assert 1 == 2
""")
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["E       assert 1 == 2", "*- breakcheck -*"])


def test_xfail_covers_a_break(run: Run) -> None:
    result = run("""
@pytest.mark.xfail(reason="known", strict=True)
@pytest.mark.breakcheck
def test_broken():
    compiled(broken)(torch.ones(3))
""")
    result.assert_outcomes(xfailed=1)


def test_a_skipped_test_is_not_judged_and_nothing_stays_attached(run: Run) -> None:
    result = run("""
import logging

@pytest.mark.breakcheck
def test_skipped():
    pytest.skip("not here")

@pytest.fixture
def bad():
    raise ValueError("setup")

@pytest.mark.breakcheck
def test_setup_fails(bad):
    pass

def test_nothing_is_attached():
    assert logging.getLogger("torch.__trace").handlers == [h for h in logging.getLogger("torch.__trace").handlers if type(h).__name__ != "Collector"]
""")
    result.assert_outcomes(skipped=1, errors=1, passed=1)


def test_the_users_log_levels_are_left_alone(run: Run) -> None:
    result = run("""
import logging
names = ["torch", "torch._dynamo", "torch._inductor", "torch.__trace", "torch._dynamo.output_graph"]
before = {name: logging.getLogger(name).level for name in names}

@pytest.mark.breakcheck
def test_clean():
    assert {name: logging.getLogger(name).level for name in names} == before
    compiled(clean)(torch.ones(3))

def test_after():
    assert {name: logging.getLogger(name).level for name in names} == before
""")
    result.assert_outcomes(passed=2)


def test_class_marker_holds_and_the_closest_wins(run: Run) -> None:
    result = run("""
@pytest.mark.breakcheck(breaks=0)
class TestAll:
    def test_clean(self):
        compiled(clean)(torch.ones(3))

    @pytest.mark.breakcheck(breaks=1)
    def test_budget(self):
        compiled(broken)(torch.ones(3))

    def test_broken(self):
        compiled(broken)(torch.ones(3))
""")
    result.assert_outcomes(passed=2, failed=1)
    result.stdout.fnmatch_lines(["BREAK *::TestAll::test_broken - *"])


def test_a_bare_marker_asks_for_what_the_session_expects(pytester: pytest.Pytester, run: Run) -> None:
    body = """
@pytest.mark.breakcheck
def test_broken():
    compiled(broken)(torch.ones(3))
"""
    run(body, "--breakcheck-expect=breaks<=1").assert_outcomes(passed=1)
    pytester.makeini("[pytest]\nbreakcheck_expect = breaks<=1\n")
    run(body).assert_outcomes(passed=1)
    (pytester.path / "tox.ini").unlink()
    pytester.makepyprojecttoml('[tool.breakcheck.check.pytest]\nexpect = "breaks<=1"\n')
    run(body).assert_outcomes(passed=1)
    run(body, "--breakcheck-expect=breaks<=0").assert_outcomes(failed=1)


def test_an_option_that_cannot_be_read_is_a_usage_error(run: Run) -> None:
    result = run("", "--breakcheck-expect=brakes<=1")
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines(["*unknown expectation 'brakes'*"])


def test_results_are_junit_properties(pytester: pytest.Pytester, run: Run) -> None:
    run(
        """
@pytest.mark.breakcheck
def test_broken():
    compiled(broken)(torch.ones(3))
""",
        "--junitxml=out.xml",
        "-o",
        "junit_family=xunit1",
    )
    text = (pytester.path / "out.xml").read_text()
    assert '<property name="breakcheck_verdict" value="fail"' in text
    assert '<property name="breakcheck_sites" value="test_it.py:8 GB0059"' in text


def test_inductor_is_watched_like_eager(run: Run) -> None:
    result = run("""
@pytest.mark.breakcheck
def test_inductor():
    torch.compile(broken)(torch.ones(3))

@pytest.mark.breakcheck(graphs=1)
def test_inductor_clean():
    torch.compile(clean)(torch.ones(3))
""")
    result.assert_outcomes(passed=1, failed=1)
    result.stdout.fnmatch_lines(["  test_it.py:8: GB0059 *"])


@pytest.mark.parametrize("family", ["unittest.TestCase"])
def test_a_unittest_method_is_gated_too(run: Run, family: str) -> None:
    result = run(f"""
import unittest

@pytest.mark.breakcheck
class Test({family}):
    def test_broken(self):
        compiled(broken)(torch.ones(3))
""")
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["  test_it.py:8: GB0059 *"])


def test_without_torch_a_marked_test_errs_in_one_line_and_the_others_run(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    def missing() -> None:
        raise BreakcheckError("watching compiled code needs torch; install torch-breakcheck[runtime]")

    monkeypatch.setattr("breakcheck.watch._require_torch", missing)
    result = run("""
@pytest.mark.breakcheck
def test_marked():
    pass

def test_other():
    pass
""")
    result.assert_outcomes(errors=1, passed=1)
    result.stdout.fnmatch_lines(["breakcheck: watching compiled code needs torch; install torch-breakcheck*"])
