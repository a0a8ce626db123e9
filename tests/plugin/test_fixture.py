"""The fixture: one check of a model in process, whose places a test asserts on and whose requests are enforced."""

from __future__ import annotations

from collections.abc import Callable

import pytest

Run = Callable[..., pytest.RunResult]

EAGER = "--breakcheck-backend=eager"


def test_the_report_lists_breaks_with_file_line_and_id(run: Run) -> None:
    result = run(
        """
def test_clean(breakcheck):
    report = breakcheck(clean, calls=[(torch.ones(3),)])
    assert report.graph_breaks == [] and report.recompiles == [] and len(report.graphs) == 1
    assert report.passed and report.parity is None and report.latency is None

def test_broken(breakcheck):
    report = breakcheck(broken, calls=[(torch.ones(3),)])
    assert [(b.file, b.line, b.id, b.source) for b in report.graph_breaks] == [
        ("test_it.py", 8, "GB0059", 'print("seen")')]
    assert "test_it.py:8" in str(report) and not report.passed
    assert report.graph_breaks == []
""",
        EAGER,
    )
    result.assert_outcomes(passed=1, failed=1)
    result.stdout.fnmatch_lines(['E*Left contains one more item: <test_it.py:8 GB0059*: print("seen")>'])


def test_recompiles_after_the_warm_up_are_listed(run: Run) -> None:
    run(
        """
def test_sizes(breakcheck):
    calls = [(torch.ones(3),), (torch.ones(3, dtype=torch.int32),)]
    report = breakcheck(clean, calls=calls, warmup=1)
    assert [r.id for r in report.recompiles] == ["dtype"]
    assert breakcheck(clean, calls=calls, warmup=2).recompiles == []
""",
        EAGER,
    ).assert_outcomes(passed=1)


def test_bounds_given_are_enforced_with_the_whole_report(run: Run) -> None:
    result = run(
        """
def test_broken(breakcheck):
    breakcheck(broken, calls=[(torch.ones(3),)], breaks=0)
""",
        EAGER,
    )
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(
        ["*BreakcheckFailure: 1 breaks, expected breaks<=0", "E*test_it.py:8: *graph break, GB0059*"]
    )
    assert "checker.py" not in result.stdout.str()


def test_nothing_compiled_raises_even_when_nothing_was_asked(run: Run) -> None:
    result = run(
        """
@pytest.fixture
def off():
    with torch._dynamo.config.patch(disable=True):
        yield

def test_vacuous(breakcheck, off):
    assert breakcheck(clean, calls=[(torch.ones(3),)]).graph_breaks == []
""",
        EAGER,
    )
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["*BreakcheckFailure: nothing was compiled: *"])


def test_parity_is_compared_and_a_wrong_backend_is_caught(run: Run) -> None:
    result = run("""
from torch._dynamo import register_backend

@register_backend
def off_by_two_percent(gm, inputs):
    for node in list(gm.graph.nodes):
        if node.op == "output":
            with gm.graph.inserting_before(node):
                value = node.args[0][0]
                node.args = ((gm.graph.call_function(torch.mul, (value, 1.02)),),)
    gm.recompile()
    return gm.forward

def test_right(breakcheck):
    assert breakcheck(clean, calls=[(torch.randn(64),)], parity="float32", backend="eager").parity.status == "pass"

def test_wrong(breakcheck):
    breakcheck(clean, calls=[(torch.randn(64),)], parity="float32", backend="off_by_two_percent")
""")
    result.assert_outcomes(passed=1, failed=1)
    result.stdout.fnmatch_lines(["*BreakcheckFailure: parity: *"])


def test_latency_is_measured_alone_and_skipped_with_a_warning_under_xdist(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    body = """
def test_it(breakcheck):
    report = breakcheck(clean, calls=[(torch.ones(8),)], backend="eager", latency="r<=1000")
    assert (report.latency is None) == LATER
"""
    run(body.replace("LATER", "False")).assert_outcomes(passed=1, warnings=0)
    monkeypatch.setenv("PYTEST_XDIST_WORKER", "gw0")
    result = run(body.replace("LATER", "True"))
    result.assert_outcomes(passed=1, warnings=1)
    result.stdout.fnmatch_lines(["*latency r<=1000 is not checked under pytest-xdist*"])


def test_a_check_leaves_seeds_modes_gradients_and_switches_as_they_were(run: Run) -> None:
    run(
        """
import random

def test_put_back(breakcheck):
    model = torch.nn.Linear(3, 3)
    model.train()
    torch.manual_seed(7); random.seed(7)
    before = torch.get_rng_state(), random.getstate()
    assert breakcheck(model, calls=[(torch.ones(2, 3),)], parity="float32").graph_breaks == []
    assert breakcheck(model, calls=[(torch.ones(2, 3),)], train=True).graph_breaks == []
    assert torch.equal(torch.get_rng_state(), before[0]) and random.getstate() == before[1]
    assert model.training and model.weight.grad is None and torch.is_grad_enabled()
    assert torch.get_default_dtype() == torch.float32
""",
        EAGER,
    ).assert_outcomes(passed=1)


def test_inductor_is_the_default_backend(run: Run) -> None:
    run("""
def test_it(breakcheck):
    report = breakcheck(clean, calls=[(torch.ones(3),)])
    assert report.data.environment["backend"] == "inductor"
    assert report.verdicts["fallbacks"].status == "pass"
""").assert_outcomes(passed=1)


def test_a_model_that_raises_eagerly_says_so(run: Run) -> None:
    result = run(
        """
def test_it(breakcheck):
    breakcheck(lambda x: x + missing, calls=[(torch.ones(3),)], parity="float32")
""",
        EAGER,
    )
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["*the model raises without torch.compile*"])


def test_the_checks_of_a_session_make_one_page(pytester: pytest.Pytester, run: Run) -> None:
    run(
        """
def test_one(breakcheck):
    breakcheck(clean, calls=[(torch.ones(3),)])

def test_two(breakcheck):
    breakcheck(broken, calls=[(torch.ones(3),)])
    assert 0
""",
        EAGER,
        "--breakcheck-html=out/page.html",
    ).assert_outcomes(passed=1, failed=1)
    text = (pytester.path / "out" / "page.html").read_text()
    assert text.count('<section class="target"') == 2
    assert 'href="#t2">test_two</a>' in text
