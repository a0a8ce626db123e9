"""Faults put into the captured graph by a backend are caught; what is only rounded differently is not."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from typing import Any

import pytest

torch = pytest.importorskip("torch")

from torch import Tensor, fx  # noqa: E402

from breakcheck import Case  # noqa: E402
from breakcheck.runtime.observe import clean_state, compiled_case  # noqa: E402
from breakcheck.runtime.parity_run import compare, copied, in_dtype, references  # noqa: E402
from breakcheck.runtime.report_data import Status, Verdict  # noqa: E402
from breakcheck.runtime.snapshots import snapshots  # noqa: E402

Edit = Callable[[fx.GraphModule], None]


def llama() -> Case:
    from breakcheck_models import load_case

    return load_case("llama2-tiny")


def parity(case: Case, backend: Any) -> Verdict:
    exact = references(case, len(case.normalized()), 1)
    with clean_state():
        return compare(exact, snapshots(compiled_case(copied(case), backend=backend)))


def editing(edit: Edit) -> Callable[..., Any]:
    def backend(gm: fx.GraphModule, inputs: Any) -> Any:
        edit(gm)
        gm.graph.lint()
        gm.recompile()
        return gm.forward

    return backend


def attention_node(gm: fx.GraphModule) -> fx.Node:
    return next(node for node in gm.graph.nodes if "scaled_dot_product_attention" in str(node.target))


def after(gm: fx.GraphModule, node: fx.Node, function: Callable[[Tensor], Tensor]) -> None:
    """Sends every use of a node through a function."""
    with gm.graph.inserting_after(node):
        new = gm.graph.call_function(function, (node,))
    node.replace_all_uses_with(new, delete_user_cb=lambda user: user is not new)


def flip_one_head(x_BHLE: Tensor) -> Tensor:
    signs = torch.ones(x_BHLE.shape[1], 1, 1, dtype=x_BHLE.dtype)
    signs[1] = -1.0
    return x_BHLE * signs


def corrupt_one_logit(logits: Tensor) -> Tensor:
    wrong = logits.clone()
    wrong.view(-1)[7] += 1e-4
    return wrong


def sign_error(gm: fx.GraphModule) -> None:
    after(gm, attention_node(gm), flip_one_head)


def scale_error(gm: fx.GraphModule) -> None:
    node = attention_node(gm)
    query = node.args[0]
    assert isinstance(query, fx.Node)
    with gm.graph.inserting_before(node):
        scaled = gm.graph.call_function(torch.mul, (query, 1.02))
    node.replace_input_with(query, scaled)


def wrong_logit(gm: fx.GraphModule) -> None:
    output = next(node for node in gm.graph.nodes if node.op == "output")
    (values,) = output.args
    last = next(value for value in values if isinstance(value, fx.Node))
    after(gm, last, corrupt_one_logit)


def nothing(gm: fx.GraphModule) -> None:
    return None


@pytest.mark.parametrize("edit", [sign_error, scale_error, wrong_logit])
def test_fault_in_the_graph_is_caught(edit: Edit) -> None:
    verdict = parity(llama(), editing(edit))
    assert verdict.status is Status.FAIL, verdict.summary


def test_unedited_graph_passes() -> None:
    verdict = parity(llama(), editing(nothing))
    assert verdict.status is Status.PASS, verdict.summary
    assert verdict.evidence["reference"] == "float64"
    assert verdict.evidence["argmax_agreement"] == 1.0


@pytest.mark.skipif(shutil.which("g++") is None, reason="Inductor needs a C++ compiler")
def test_what_inductor_makes_of_the_model_in_bfloat16_is_not_flagged() -> None:
    """Its error against float64 is eager's own or less, though no `assert_close` would hold."""
    low = in_dtype(llama(), torch.bfloat16)
    verdict = parity(low, "inductor")
    assert verdict.status is Status.PASS, verdict.summary
    assert verdict.evidence["reference"] == "float64"


def test_lost_mutation_of_an_input_is_caught() -> None:
    def adds(x: Tensor) -> Tensor:
        x.add_(1.0)
        return x * 2

    def forgets(gm: fx.GraphModule, inputs: Any) -> Any:
        return lambda x: ((x + 1.0) * 2,)

    verdict = parity(Case(adds, calls=[(torch.ones(4),)]), forgets)
    assert verdict.status is Status.FAIL
    assert "args[0]" in verdict.summary


def test_output_that_no_longer_shares_memory_is_caught() -> None:
    def view(x: Tensor) -> Tensor:
        return x.view(2, 2)

    def copies(gm: fx.GraphModule, inputs: Any) -> Any:
        return lambda x: (x.clone().view(2, 2),)

    verdict = parity(Case(view, calls=[(torch.ones(4),)]), copies)
    assert verdict.status is Status.FAIL
    assert "shares memory" in verdict.summary


def test_wrong_gradient_is_caught() -> None:
    case = Case(torch.nn.Linear(4, 4), calls=[(torch.linspace(0, 1, 8).reshape(2, 4),)], train=True)

    def doubled(gm: fx.GraphModule, inputs: Any) -> Any:
        def run(*arguments: Tensor) -> Any:
            (out,) = gm.forward(*arguments)
            out.register_hook(lambda grad: grad * 1.01)
            return (out,)

        return run

    verdict = parity(case, doubled)
    assert verdict.status is Status.FAIL
    assert "grad of" in verdict.summary


def test_nan_at_another_place_is_caught() -> None:
    def model(x: Tensor) -> Tensor:
        return x.log()

    def clamps(gm: fx.GraphModule, inputs: Any) -> Any:
        return lambda x: (x.clamp(min=1e-6).log(),)

    verdict = parity(Case(model, calls=[(torch.tensor([-1.0, 2.0]),)]), clamps)
    assert verdict.status is Status.FAIL
    assert "NaN" in verdict.summary


def test_eager_that_differs_from_itself_is_inconclusive() -> None:
    import itertools

    ticks = itertools.count(1.0)

    class Drifts(torch.nn.Module):
        def forward(self, x: Tensor) -> Tensor:
            return x * next(TICKS)

    TICKS = ticks
    verdict = parity(Case(Drifts(), calls=[(torch.ones(4),)]), "eager")
    assert verdict.status is Status.INCONCLUSIVE
    assert "nondeterministic" in verdict.summary


def test_eager_that_returns_more_each_time_is_inconclusive() -> None:
    kept: list[Tensor] = []

    def model(x: Tensor) -> list[Tensor]:
        kept.append(x)
        return [x + 1 for _ in kept]

    verdict = parity(Case(model, calls=[(torch.ones(4),)]), "eager")
    assert verdict.status is Status.INCONCLUSIVE
    assert "nondeterministic" in verdict.summary


def test_the_reference_of_a_model_in_a_closure_is_eager_itself_and_is_called_so() -> None:
    hidden = torch.nn.Linear(8, 8)

    class Wrapper(torch.nn.Module):
        def forward(self, tokens: Tensor) -> Tensor:
            return hidden(torch.nn.functional.one_hot(tokens, 8).to(hidden.weight.dtype))

    verdict = parity(Case(Wrapper().eval(), calls=[(torch.arange(4),)]), "eager")
    assert verdict.status is Status.PASS
    said = "eager itself (a cast to float64 reaches no parameter, buffer or input of it)"
    assert verdict.evidence["reference"] == said
    assert "against eager itself" in verdict.summary


def test_a_model_without_weights_that_computes_in_the_default_dtype_is_held_against_float64() -> None:
    def ramp(steps: Tensor) -> Tensor:
        return torch.linspace(0.0, 1.0, steps.numel()).exp()

    assert parity(Case(ramp, calls=[(torch.arange(4),)]), "eager").evidence["reference"] == "float64"
