"""A context manager that Dynamo can't enter.

## What it does
Finds `with` over `torch.device`, `torch.random.fork_rng`, `torch.backends.cudnn.flags` and the other
backends' flags, `torch.backends.cuda.sdp_kernel`, `saved_tensors_hooks`, `save_on_cpu`, `detect_anomaly`,
`contextlib.redirect_stdout`, `contextlib.closing`, `tempfile`, `decimal.localcontext`, `numpy.errstate` and
their like.

`torch.no_grad`, `autocast`, `sdpa_kernel`, `record_function`, `contextlib.nullcontext`,
`contextlib.suppress`, and context managers written in Python are captured and not reported.

## Why is this bad
Dynamo traces into a `with` only where it can replay what entering and leaving do. Here it can't, and
because it may not stop half-way inside a `with` either, the rest of the frame runs eagerly (all of it with
`torch.device`, and inside a loop or `try`).

## What to do
For `torch.device` pass `device=` to the factories inside. For `sdp_kernel` use
`torch.nn.attention.sdpa_kernel`. Set backend flags, anomaly mode and hooks outside the compiled region, and
draw random numbers with a seed set there too.

## Fix safety
No fix is offered: what to do instead depends on what the value is for.
"""

import ast
from collections.abc import Iterator

from breakcheck.rule import Callee, Effect, Facts, Kind, Problem, Rule, Severity, Value

RULE = Rule(
    code="BC401",
    name="unsupported-context",
    summary="a context manager that Dynamo can't enter",
    severity=Severity.ERROR,
    effects=(Effect.GRAPH_BREAK,),
    versions=">=2.1",
    gb_ids=("GB0142", "GB0208", "GB0008", "GB0007", "GB0294", "GB0156", "GB0262"),
    nodes=(ast.With,),
    matrix=("cx_sdp_kernel_old", "cx_torch_device_ctx", "cx_fork_rng", "cx_saved_tensors_hooks"),
)

# Measured on torch 2.13, each with a body of one tensor operator.
CONTEXTS = frozenset(
    (
        "contextlib.closing",
        "contextlib.redirect_stderr",
        "contextlib.redirect_stdout",
        "decimal.localcontext",
        "numpy.errstate",
        "numpy.printoptions",
        "tempfile.NamedTemporaryFile",
        "tempfile.TemporaryDirectory",
        "tempfile.TemporaryFile",
        "torch.autograd.detect_anomaly",
        "torch.autograd.anomaly_mode.detect_anomaly",
        "torch.autograd.anomaly_mode.set_detect_anomaly",
        "torch.autograd.graph.save_on_cpu",
        "torch.autograd.graph.saved_tensors_hooks",
        "torch.autograd.profiler.emit_itt",
        "torch.autograd.profiler.emit_nvtx",
        "torch.autograd.set_detect_anomaly",
        "torch.autograd.set_multithreading_enabled",
        "torch.backends.cuda.sdp_kernel",
        "torch.backends.cudnn.flags",
        "torch.backends.mkldnn.flags",
        "torch.device",
        "torch.jit.fuser",
        "torch.jit.optimized_execution",
        "torch.random.fork_rng",
    )
)


def match(node: ast.With, facts: Facts) -> Iterator[Problem]:
    for item in node.items:
        expression = item.context_expr
        value = facts.value(expression)
        if isinstance(expression, ast.Call):
            callee = facts.callee(expression)
            if callee.name not in CONTEXTS:
                continue
            because: Callee | Value = callee
        elif value.kind is Kind.DEVICE and not value.optional:
            because = value
        else:
            continue
        yield Problem(
            expression,
            f"`with {facts.source(expression)}` can't be entered in a graph, so the frame runs eagerly from there on",
            because=(because,),
            suggestion="set this up outside the compiled region",
            whole_frame=True,
        )
