"""The baseline of the plugin: new breaks fail, known ones pass with a note, fixed ones ask for a smaller file."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest

Run = Callable[..., pytest.RunResult]

BROKEN = """
@pytest.mark.breakcheck
def test_one():
    compiled(broken)(torch.ones(3))

@pytest.mark.breakcheck
def test_two():
    compiled(clean)(torch.ones(3))
"""
USE = "--breakcheck-baseline=known.json"
UPDATE = "--breakcheck-update-baseline"


def entries(pytester: pytest.Pytester) -> list[dict[str, object]]:
    return list(json.loads((pytester.path / "known.json").read_text())["known_breaks"])


def test_update_writes_identities_and_the_next_run_passes_with_a_note(
    pytester: pytest.Pytester, run: Run
) -> None:
    run(BROKEN, USE, UPDATE).assert_outcomes(passed=2)
    assert entries(pytester) == [
        {
            "kind": "break",
            "id": "GB0059",
            "path": "test_it.py",
            "function": "broken",
            "source": 'print("seen")',
            "seen_in": ["test_it.py::test_one"],
        }
    ]
    result = run(BROKEN, USE)
    result.assert_outcomes(passed=2)
    result.stdout.fnmatch_lines(
        ["test_it.py b.*", "1 known break(s) in 1 test(s) passed by the baseline known.json"]
    )


def test_the_same_break_on_another_line_is_still_known(run: Run) -> None:
    run(BROKEN, USE, UPDATE)
    run("\n\n# moved down\n" + BROKEN, USE).assert_outcomes(passed=2)


def test_a_new_break_fails_and_only_it_is_counted(run: Run) -> None:
    run(BROKEN, USE, UPDATE)
    result = run(
        BROKEN
        + """
@pytest.mark.breakcheck
def test_three():
    def other(x):
        x = x * 2
        print("other")
        return broken(x)
    compiled(other)(torch.ones(3))
""",
        USE,
    )
    result.assert_outcomes(passed=2, failed=1)
    result.stdout.fnmatch_lines(["1 graph break, expected breaks<=0", '      print("other")'])
    assert '      print("seen")' not in result.stdout.str()


def test_a_fixed_break_asks_for_a_smaller_baseline_and_an_update_shrinks_it(
    pytester: pytest.Pytester, run: Run
) -> None:
    run(BROKEN, USE, UPDATE)
    fixed = BROKEN.replace("compiled(broken)", "compiled(clean)")
    result = run(fixed, USE)
    result.assert_outcomes(passed=2)
    result.stdout.fnmatch_lines(
        [
            "1 known break(s) are fixed: the baseline can shrink*",
            "  fixed: test_it.py in broken: GB0059 print*",
        ]
    )
    run(fixed, USE, UPDATE)
    assert entries(pytester) == []


def test_an_entry_whose_test_did_not_run_is_unused_not_fixed_and_survives_an_update(
    pytester: pytest.Pytester, run: Run
) -> None:
    run(BROKEN, USE, UPDATE)
    result = run(BROKEN, USE, "-k", "test_two")
    result.stdout.fnmatch_lines(["1 baseline entry(s) unused: no test that showed them ran"])
    result.stdout.no_fnmatch_line("*can shrink*")
    run(BROKEN, USE, UPDATE, "-k", "test_two")
    assert len(entries(pytester)) == 1


def test_a_test_that_fails_midway_fixes_nothing(run: Run) -> None:
    run(BROKEN, USE, UPDATE)
    result = run(BROKEN.replace("    compiled(broken)", "    assert 0\n    compiled(broken)"), USE)
    result.stdout.no_fnmatch_line("*can shrink*")


def test_ci_never_writes_the_baseline(
    pytester: pytest.Pytester, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CI", "true")
    result = run(BROKEN, USE, UPDATE)
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines(["*--breakcheck-update-baseline is refused in CI*"])
    assert not (pytester.path / "known.json").exists()


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (None, "no such file of known breaks"),
        ("[]", "not a file of known breaks"),
        ('{"version": 9, "known_breaks": []}', "version 9"),
    ],
)
def test_a_baseline_that_cannot_be_read_stops_the_run(
    pytester: pytest.Pytester, run: Run, content: str | None, message: str
) -> None:
    if content is not None:
        (pytester.path / "known.json").write_text(content)
    result = run(BROKEN, USE)
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines([f"*known.json: *{message}*"])


def test_a_recompile_can_be_known_too(run: Run) -> None:
    body = """
@pytest.mark.breakcheck(recompiles=0)
def test_sizes():
    f = compiled(clean)
    f(torch.ones(3)); f(torch.ones(4))
"""
    run(body, USE).ret  # noqa: B018  no file yet: a usage error
    run(body, USE, UPDATE).assert_outcomes(passed=1)
    run(body, USE).assert_outcomes(passed=1)
