"""Rewrites breakcheck/semantic/data/torch_returns.json from the stubs of an installed torch.

    python benchmarks/torch_returns.py [TORCH_FOLDER]

A table from callable to what its overloads return: "T" a tensor, "TT" a tuple of two, "T*" a tuple of any length,
"i" int, "f" float, "b" bool, "n" ndarray, "S" torch.Size, "N" None, "d" dtype, "D" device, "s" str, "?" anything else;
overloads that differ are joined by "|". `attributes` has the same for a tensor's attributes.
"""

from __future__ import annotations

import ast
import importlib.util
import json
import sys
from collections.abc import Iterator
from pathlib import Path

OUT = Path(__file__).parents[1] / "breakcheck" / "semantic" / "data" / "torch_returns.json"
SIMPLE = {
    "Tensor": "T",
    "torch.Tensor": "T",
    "Self": "T",
    "S": "T",
    "None": "N",
    "_int": "i",
    "int": "i",
    "_int | SymInt": "i",
    "_float": "f",
    "float": "f",
    "_bool": "b",
    "bool": "b",
    "Size": "S",
    "_dtype": "d",
    "_dtype | None": "d",
    "torch.dtype": "d",
    "_device": "D",
    "str": "s",
    "numpy.ndarray": "n",
    "tuple[Tensor, ...]": "T*",
    "Sequence[Tensor]": "T*",
    "list[Tensor]": "T*",
    "Tensor | None": "T",
    "tuple[_int, ...]": "S",
    "Number": "h",
    "list": "h*",
}
PUBLIC = ("linalg", "fft", "special")


def return_types(folder: Path) -> dict[str, str]:
    """Name of each `torch.return_types` tuple -> its code."""
    tree = ast.parse((folder / "return_types.pyi").read_text())
    table = {}
    for node in tree.body:
        if isinstance(node, ast.ClassDef):
            fields = [n for n in node.body if isinstance(n, ast.FunctionDef) and not n.name.startswith("_")]
            table[node.name] = "T" * len(fields)
    return table


def code(annotation: ast.expr | None, tuples: dict[str, str]) -> str:
    """The code of a return annotation."""
    if annotation is None:
        return "?"
    text = ast.unparse(annotation)
    if text in SIMPLE:
        return SIMPLE[text]
    if text.startswith("torch.return_types."):
        return tuples.get(text.rpartition(".")[2], "?")
    if text.startswith("tuple[") and set(text[6:-1].split(", ")) <= {"Tensor", "Tensor | None"}:
        return "T" * len(text[6:-1].split(", "))
    return "?"


def functions(body: list[ast.stmt]) -> Iterator[ast.FunctionDef]:
    """The functions of a module's or class's body."""
    for node in body:
        if isinstance(node, ast.FunctionDef):
            yield node


def table(body: list[ast.stmt], tuples: dict[str, str]) -> dict[str, str]:
    """Function name -> joined codes of its overloads."""
    found: dict[str, list[str]] = {}
    for node in functions(body):
        codes = found.setdefault(node.name, [])
        value = code(node.returns, tuples)
        if value not in codes:
            codes.append(value)
    return {name: "|".join(sorted(codes)) for name, codes in sorted(found.items())}


def measured(folder: Path) -> dict[str, dict[str, str]]:
    """The whole table of one torch."""
    tuples = return_types(folder)
    variable = ast.parse((folder / "_C" / "_VariableFunctions.pyi").read_text())
    core = ast.parse((folder / "_C" / "__init__.pyi").read_text())
    functional = ast.parse((folder / "nn" / "functional.pyi").read_text())
    base = next(n for n in core.body if isinstance(n, ast.ClassDef) and n.name == "TensorBase")
    python = ast.parse((folder / "_tensor.py").read_text())
    tensor = next(n for n in python.body if isinstance(n, ast.ClassDef) and n.name == "Tensor")
    module = table(ast.parse((folder / "functional.py").read_text()).body, tuples)
    attributes = {
        node.target.id: code(node.annotation, tuples)
        for node in base.body
        if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name)
    }
    own = dict(table(tensor.body, tuples).items())
    methods = table(base.body, tuples)
    return {
        "attributes": attributes,
        "methods": {**own, **methods},
        "functions": {**module, **table(variable.body, tuples)},
        "functional": {
            **table(ast.parse((folder / "nn" / "functional.py").read_text()).body, tuples),
            **{k: v for k, v in table(functional.body, tuples).items() if v != "?"},
        },
        **{name: public_names(folder / name / "__init__.py") for name in PUBLIC},
    }


def public_names(path: Path) -> dict[str, str]:
    """The names of `__all__`: their stubs are docstrings only, so each is a tensor unless its text says tuple."""
    tree = ast.parse(path.read_text())
    for node in ast.walk(tree):
        if isinstance(node, ast.Assign) and any(
            isinstance(t, ast.Name) and t.id == "__all__" for t in node.targets
        ):
            names: list[str] = ast.literal_eval(node.value)
            return dict.fromkeys(sorted(names), "T")
    return {
        node.targets[0].id: "T"
        for node in tree.body
        if isinstance(node, ast.Assign)
        and isinstance(node.targets[0], ast.Name)
        and not node.targets[0].id[0].isupper()
    }


def main() -> None:
    if len(sys.argv) > 1:
        folder = Path(sys.argv[1])
    else:
        spec = importlib.util.find_spec("torch")
        if spec is None or spec.origin is None:
            sys.exit("torch is not installed: give its folder")
        folder = Path(spec.origin).parent
    OUT.write_text(json.dumps(measured(folder), separators=(",", ":"), sort_keys=True) + "\n")
    print(f"{OUT}: {OUT.stat().st_size} bytes")


if __name__ == "__main__":
    main()
