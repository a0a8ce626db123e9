"""Guard texts as torch prints them name the kind of change and the value that changed."""

from __future__ import annotations

import pytest

from breakcheck.runtime.guards import classify, source_line_of, subject_of, without_comment

STEP = (
    "0/0: s.step == 0                                              # s.step += 1  # runtime/try2.py:8 in forward "
    '(HINT: torch.compile considers integer attributes static.)\nUser stack trace:\n  File "x.py", line 8'
)


@pytest.mark.parametrize(
    ("text", "cause", "subject"),
    [
        (STEP, "int attribute", "s.step"),
        ("0/0: L['self'].__dict__['step'] == 3", "int attribute", "self.step"),
        ("0/0: n == 1.0", "Python scalar argument", "n"),
        ("0/0: L['n'] == 3", "Python scalar argument", "n"),
        ("0/0: tensor 'x' size mismatch at index 0. expected 3, actual 5", "size", "x"),
        ("0/0: tensor 'x' size mismatch at index 0. expected 3, actual 1", "0/1 specialisation", "x"),
        ("0/1: 2 <= args[0].size()[0]  # return F.linear(x)", "0/1 specialisation", "args[0].size()[0]"),
        ("0/0: tensor 'x' dtype mismatch. expected Float, actual Double", "dtype", "x"),
        ("0/0: tensor 'x' requires_grad mismatch. expected requires_grad=0", "requires_grad", "x"),
        ("0/0: GLOBAL_STATE changed: grad_mode ", "grad mode", ""),
        ("0/0: ___check_type_id(self._modules['a'], 94655), type=<class 'm.A'>", "object identity", "self.a"),
        ("0/0: not s.cache", "container length or keys", "s.cache"),
        ("0/0: len(L['cache']) == 2", "container length or keys", "len(L['cache'])"),
    ],
)
def test_guard(text: str, cause: str, subject: str) -> None:
    guard = without_comment(text)
    assert (classify(guard).value, subject_of(guard)) == (cause, subject)


def test_the_comment_names_the_line() -> None:
    assert source_line_of(STEP) == 8
    assert without_comment(STEP) == "s.step == 0"
