"""Suppression comments: what they speak for, in any layout."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from breakcheck.suppress import is_suppressed, suppressions


def covered(source: str, line: int, code: str = "BC101", name: str = "tensor-item") -> bool:
    return is_suppressed(suppressions(source), code, name, line, line)


def test_a_file_without_comments_suppresses_nothing() -> None:
    assert suppressions("x = 1\n") == ()


def test_a_comment_inside_a_string_is_no_comment() -> None:
    assert not covered('x = "# breakcheck: ignore"\n', 1)


def test_another_tools_comment_is_none_of_ours() -> None:
    assert not covered("x = y.item()  # noqa: BC101\n", 1)


def test_another_code_is_not_suppressed() -> None:
    assert not covered("x = y.item()  # breakcheck: ignore[BC102] measured\n", 1)


def test_the_next_line_is_not_suppressed() -> None:
    assert not covered("x = 1  # breakcheck: ignore\ny = z.item()\n", 2)


def test_codes_names_and_the_bare_form_suppress_their_line() -> None:
    assert covered("x = y.item()  # breakcheck: ignore[BC101] read once, outside the loop\n", 1)
    assert covered("x = y.item()  # breakcheck: ignore[bc101]\n", 1)
    assert covered("x = y.item()  # breakcheck: ignore[tensor-item]\n", 1)
    assert covered("x = y.item()  # breakcheck: ignore\n", 1)
    assert covered("x = y.item()  # type: ignore  # breakcheck: ignore[BC104, BC101]\n", 1)
    assert covered("x = y.item()  # breakcheck: ignore[BC104, BC101]\n", 1)


def test_the_reason_is_kept() -> None:
    (comment,) = suppressions("x = 1  # breakcheck: ignore[BC101] one sync per request\n")
    assert comment.reason == "one sync per request"


def test_a_comment_on_its_own_line_speaks_for_the_next_statement() -> None:
    source = "# breakcheck: ignore[BC101]\n\nx = (y\n     .item())\nz = y.item()\n"
    assert covered(source, 3)
    assert covered(source, 4)
    assert not covered(source, 5)


def test_a_comment_on_any_line_of_a_statement_speaks_for_all_of_it() -> None:
    source = "x = f(\n    y.item(),  # breakcheck: ignore\n    z.item(),\n)\n"
    assert all(covered(source, line) for line in (1, 2, 3, 4))


def test_a_file_comment_speaks_for_the_whole_file() -> None:
    source = "# breakcheck: ignore-file[BC101] generated\nx = y.item()\n"
    assert covered(source, 2)
    assert not covered(source, 2, "BC102", "tensor-tolist")


def test_a_file_that_does_not_tokenize_still_answers() -> None:
    assert covered("x = y.item()  # breakcheck: ignore\nz = (\n", 1)


@given(
    indent=st.integers(0, 12),
    blank=st.integers(0, 3),
    spaces=st.integers(1, 9),
    newline=st.sampled_from(["\n", "\r\n"]),
    text=st.sampled_from(["x.item()", "f(\n    x.item(),\n)", '"""a\nb"""', "(x\n .item())"]),
)
def test_a_trailing_comment_covers_its_statement_in_any_layout(
    indent: int, blank: int, spaces: int, newline: str, text: str
) -> None:
    pad = " " * indent
    head = ["if True:"] if indent else []
    lines = [
        *head,
        *[""] * blank,
        *[pad + line if n == 0 else line for n, line in enumerate(text.split("\n"))],
    ]
    first, last = len(head) + blank + 1, len(lines)
    lines[-1] += " " * spaces + "# breakcheck: ignore"
    source = newline.join([*lines, f"{pad}after = 1", ""])
    assert all(covered(source, line) for line in range(first, last + 1))
    assert not covered(source, last + 1)
