"""The file system is touched in compiled code.

## What it does
Finds `open`, `os.path.exists`, `os.listdir`, `Path.exists`, `torch.save`, `torch.load`, `np.save` and their
like. `os.path.join`, `os.environ.get` and path arithmetic are fine.

## Why is this bad
Dynamo can't put the side effect into a graph, so it ends the graph there, does it in Python, and starts a
second graph, on every call. In a `for` body, a `try` or a generator expression the whole frame runs eagerly.

## What to do
Read and write outside the compiled region; return what is to be saved.

## Fix safety
No fix is offered: what to do instead depends on what the value is for.
"""

import ast
from collections.abc import Iterator

from breakcheck.rule import Effect, Facts, Problem, Rule, Severity, breaks

RULE = Rule(
    code="BC311",
    name="file-access",
    summary="the file system is touched in compiled code",
    severity=Severity.ERROR,
    effects=(Effect.GRAPH_BREAK,),
    versions=">=2.1",
    gb_ids=("GB0059", "GB0007", "GB0142", "GB0092", "GB0294"),
    calls=(
        "builtins.open",
        "os.path.exists",
        "os.path.isfile",
        "os.path.isdir",
        "os.path.getsize",
        "os.path.getmtime",
        "os.path.realpath",
        "os.listdir",
        "os.makedirs",
        "os.mkdir",
        "os.remove",
        "os.unlink",
        "os.rename",
        "os.scandir",
        "os.walk",
        "os.stat",
        "shutil.*",
        "glob.glob",
        "tempfile.*",
        "pathlib.Path.exists",
        "pathlib.Path.is_file",
        "pathlib.Path.is_dir",
        "pathlib.Path.open",
        "pathlib.Path.read_text",
        "pathlib.Path.write_text",
        "pathlib.Path.mkdir",
        "pathlib.Path.unlink",
        "torch.save",
        "torch.load",
        "numpy.save",
        "numpy.load",
        "numpy.savez",
    ),
    matrix=("se_open_file", "se_os_path_exists", "se_torch_save"),
)


def match(node: ast.Call, facts: Facts) -> Iterator[Problem]:
    yield breaks(
        node,
        f"`{facts.source(node)}` touches the file system and ends the graph",
        facts,
        because=(facts.callee(node),),
        suggestion="read or write outside the compiled region",
    )
