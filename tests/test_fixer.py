"""Edits: overlapping ones wait, imports go where they belong, text outside an edit survives any layout."""

from __future__ import annotations

import ast

import libcst as cst
from hypothesis import given
from hypothesis import strategies as st

from breakcheck.finding import Applicability, Edit, Fix
from breakcheck.fixer import FileFixer, apply_edits
from breakcheck.registry import LoadedRule
from breakcheck.spans import source_lines, span_of


def fix(*edits: Edit) -> Fix:
    return Fix(Applicability.SAFE, "Change it", edits)


def test_no_fix_changes_nothing() -> None:
    assert apply_edits("a = 1\n", []) == ("a = 1\n", 0)


def test_the_second_of_two_overlapping_fixes_waits() -> None:
    text, applied = apply_edits("a = bcd\n", [fix(Edit(1, 5, 1, 7, "X")), fix(Edit(1, 6, 1, 8, "Y"))])
    assert (text, applied) == ("a = Xd\n", 1)


def test_the_same_import_asked_for_twice_is_written_once() -> None:
    header = Edit(1, 1, 1, 1, "import torch\n")
    text, applied = apply_edits(
        "a\nb\n", [fix(Edit(1, 1, 1, 2, "A"), header), fix(Edit(2, 1, 2, 2, "B"), header)]
    )
    assert (text, applied) == ("import torch\nA\nB\n", 2)


@given(
    before=st.text(alphabet="xyé\t #", max_size=8),
    after=st.text(alphabet="xyé\t #", max_size=8),
    newline=st.sampled_from(["\n", "\r\n"]),
    content=st.text(alphabet="abc\n", max_size=6),
)
def test_text_outside_an_edit_survives(before: str, after: str, newline: str, content: str) -> None:
    source = f"first{newline}{before}TARGET{after}{newline}last"
    column = len(before) + 1
    text, applied = apply_edits(source, [fix(Edit(2, column, 2, column + 6, content))])
    assert applied == 1
    put_in = content.replace("\n", newline)
    assert text == f"first{newline}{before}{put_in}{after}{newline}last"


class StubRule(LoadedRule):
    """A rule whose fix is a function of this test."""

    def load_fix(self) -> object:
        return self.module


def fixed(source: str, function: object, find: type[ast.AST] = ast.Call) -> str | None:
    """The source with the first node of a kind fixed by `function`, or None where it declines."""

    class Module:
        TITLE = "Change it"
        APPLICABILITY = Applicability.SAFE

    Module.fix = staticmethod(function)  # type: ignore[attr-defined]
    tree = ast.parse(source)
    lines = source_lines(source)
    node = next(n for n in ast.walk(tree) if isinstance(n, find))
    statement = next(
        s for s in ast.walk(tree)
        if isinstance(s, ast.stmt) and not isinstance(s, ast.FunctionDef | ast.ClassDef | ast.If)
        and any(child is node for child in ast.walk(s))
    ) if isinstance(node, ast.expr) else node  # fmt: skip
    outer = next((f for f in ast.walk(tree) if isinstance(f, ast.FunctionDef)), None)
    rule = StubRule(None, None, "", None, Module)  # type: ignore[arg-type]
    fixer = FileFixer(source, lambda: tree)
    answer = fixer.fix(
        rule,
        span_of(node, lines),
        span_of(statement, lines),
        span_of(outer, lines) if outer else None,
        lambda span: True,
    )
    return None if answer is None else apply_edits(source, [answer])[0]


def drop_call(node: cst.Call, facts: object) -> cst.BaseExpression:
    assert isinstance(node.func, cst.Attribute)
    return node.func.value


def test_an_expression_keeps_the_comments_and_layout_around_it() -> None:
    source = "def f(x):\n    # why\n    y = [ x.item( ),  1 ]  # é\n    return y\n"
    assert fixed(source, drop_call) == "def f(x):\n    # why\n    y = [ x,  1 ]  # é\n    return y\n"


def test_a_parenthesised_call_keeps_its_parentheses_once() -> None:
    def keep(node: cst.Call, facts: object) -> cst.BaseExpression:
        return node.with_changes(func=cst.Name("g"))

    assert fixed("def f(x):\n    return (h(x))\n", keep) == "def f(x):\n    return (g(x))\n"


def test_a_declined_fix_is_none() -> None:
    assert fixed("def f(x):\n    return h(x)\n", lambda node, facts: None) is None


def test_a_statement_is_replaced_by_several_at_its_indent() -> None:
    def split(node: cst.Call, facts: object) -> cst.CSTNode:
        statements = [cst.parse_statement(f"{name} = 1\n") for name in ("a", "b")]
        facts.replace_statement(*statements)  # type: ignore[attr-defined]
        return node

    source = "class C:\n    def f(x):\n        if x:\n            g(x)  # note\n        return x\n"
    text = fixed(source, split)
    assert text is not None
    ast.parse(text)
    assert "            a = 1\n            b = 1" in text


def test_a_needed_import_goes_below_the_docstring_and_future_imports() -> None:
    def needs(node: cst.Call, facts: object) -> cst.CSTNode:
        facts.need_import("torch")  # type: ignore[attr-defined]
        return cst.parse_expression("torch.where(x)")

    source = '"""Doc."""\nfrom __future__ import annotations\n\nimport math\n\ndef f(x):\n    return h(x)\n'
    assert fixed(source, needs) == (
        '"""Doc."""\nfrom __future__ import annotations\n\nimport torch\nimport math\n\n'
        "def f(x):\n    return torch.where(x)\n"
    )


def test_an_import_that_is_there_is_not_added() -> None:
    def needs(node: cst.Call, facts: object) -> cst.CSTNode:
        facts.need_import("torch")  # type: ignore[attr-defined]
        return cst.Name("x")

    assert (
        fixed("import torch\ndef f(x):\n    return h(x)\n", needs)
        == "import torch\ndef f(x):\n    return x\n"
    )


def test_the_block_around_a_statement_is_seen() -> None:
    seen: list[str] = []

    def look(node: cst.Call, facts: object) -> None:
        seen.extend(facts.code(statement).strip() for statement in facts.block)  # type: ignore[attr-defined]

    assert fixed("def f(x):\n    a = 1\n    h(x)\n    return a\n", look) is None
    assert seen == ["a = 1", "h(x)", "return a"]


def only_if(node: cst.Call, facts: object) -> cst.CSTNode:
    block = cst.IndentedBlock([facts.statement])  # type: ignore[attr-defined]
    facts.replace_statement(cst.If(cst.Name("eager"), block))  # type: ignore[attr-defined]
    return node


def test_a_new_block_is_indented_as_the_file_is() -> None:
    for unit in ("\t", "  ", "    "):
        source = f"class C:\n{unit}def f(x):\n{unit * 2}g(x)\n"
        wanted = f"class C:\n{unit}def f(x):\n{unit * 2}if eager:\n{unit * 3}g(x)\n"
        assert fixed(source, only_if) == wanted


def test_a_new_block_has_the_line_ends_of_the_file() -> None:
    for end in ("\r\n", "\r"):
        source = f"class C:{end}    def f(x):{end}        g(x){end}"
        assert fixed(source, only_if) == source.replace("g(x)", f"if eager:{end}            g(x)")


def test_a_string_over_several_lines_says_the_same_in_a_new_block() -> None:
    for text in ('"""a\nb\n    c"""', '"""a\n            b\n                c"""', '"a\u2028b"'):
        source = f"class C:\n    def f(x):\n        g({text})\n"
        assert fixed(source, only_if) == source.replace("g(", "if eager:\n            g(")
