"""Scenarios beyond one forward: training with an optimiser, regions that compile themselves, caches that grow."""

from __future__ import annotations

import pytest

torch = pytest.importorskip("torch")

from torch import Tensor, nn  # noqa: E402

from breakcheck import Case  # noqa: E402
from breakcheck.runtime import BreakKind, GuardClass, gate, observe  # noqa: E402
from breakcheck.runtime.observe import clean_state, compiled_case, planned_calls  # noqa: E402
from breakcheck.runtime.parity_run import compare, copied, references  # noqa: E402
from breakcheck.runtime.report_data import Status  # noqa: E402
from breakcheck.runtime.site_data import site_dict  # noqa: E402
from breakcheck.runtime.snapshots import snapshots  # noqa: E402

X = torch.linspace(0.0, 1.0, 8).reshape(2, 4)


class Loop(nn.Module):
    """Grows a cache by a token a call, as eager decoding does."""

    def __init__(self) -> None:
        super().__init__()
        self.cache: list[Tensor] = []

    def forward(self, x: Tensor) -> Tensor:
        self.cache.append(x)
        return torch.cat(self.cache).sum(0)


class Block(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.linear = nn.Linear(4, 4)

    def forward(self, x: Tensor) -> Tensor:
        print("block")
        return self.linear(x)


def test_training_steps_change_the_weights_alike_in_eager_and_compiled() -> None:
    case = Case(
        nn.Linear(4, 4), calls=[(X,)] * 3, train=True, optimizer=lambda ps: torch.optim.SGD(ps, lr=0.1)
    )
    exact = references(case, 3, 1)
    with clean_state():
        verdict = compare(exact, snapshots(compiled_case(copied(case), backend="eager")))
    assert verdict.status is Status.PASS, verdict.summary
    first, last = (shot.values["output"] for shot in (exact.eager[0], exact.eager[2]))
    assert not torch.equal(first, last)


def test_break_in_backward_is_told_apart_from_forward() -> None:
    model = nn.Linear(4, 4)
    assert observe(Case(model, calls=[(X,)], train=True)).breaks == ()


def test_regions_compiled_by_the_model_itself_are_observed() -> None:
    block = Block()
    block.compile(backend="eager")
    model = nn.Sequential(nn.Linear(4, 4), block)
    observation = observe(Case(model, calls=[(X,)], compile=False))
    (site,) = observation.breaks
    assert (site.function, site.kind, site.executions_per_call) == ("Block.forward", BreakKind.PARTIAL, 1)


def test_growing_cache_recompiles_in_every_call_and_names_what_changed() -> None:
    observation = observe(Case(Loop(), calls=[(torch.ones(1, 4),)] * 4))
    assert len(observation.recompiles) >= 2
    assert {again.guard_class for again in observation.recompiles} == {GuardClass.CONTAINER}


def test_other_batch_sizes_recompile_once_then_batch_one_again() -> None:
    calls = [(torch.ones(n, 4),) for n in (3, 5, 7, 1)]
    classes = [again.guard_class for again in observe(Case(nn.Linear(4, 4), calls=calls)).recompiles]
    assert classes == [GuardClass.SIZE, GuardClass.ZERO_ONE]


def test_last_call_is_repeated_so_that_one_is_measured() -> None:
    calls, warmup = planned_calls(Case(nn.Identity(), calls=[(X,)]))
    assert (len(calls), warmup) == (2, 1)
    assert len(planned_calls(Case(nn.Identity(), calls=[(X,)]), None, 5)[0]) == 5


def test_recompile_limit_is_reported_with_the_frame_that_now_runs_eagerly() -> None:
    class Counter(nn.Module):
        step = 0

        def forward(self, x: Tensor) -> Tensor:
            self.step += 1
            return x * self.step

    observation = observe(Case(Counter(), calls=[(X,)] * 11))
    (hit,) = observation.limits
    assert hit.function.endswith("Counter.forward")
    assert [frame.function for frame in observation.skipped_frames] == [hit.function]


def test_compiled_optimiser_step_breaks_inside_torch_only_and_passes() -> None:
    model = nn.Linear(4, 4)
    optimizer = torch.optim.AdamW(model.parameters())
    model(X).sum().backward()
    seen = observe(Case(lambda: optimizer.step(), calls=[()] * 3))
    assert {site.owner for site in seen.breaks} == {"torch"}
    sites = [site_dict(site) for site in seen.breaks]
    assert {site["status"] for site in sites} == {"allowed"}
    verdict = gate.graph_breaks({"sites": sites, "graphs": len(seen.graphs), "ops": seen.op_count})
    assert verdict.status is Status.PASS
    assert "inside torch (known)" in verdict.summary


def test_break_below_two_callers_is_one_site_executed_once_though_torch_reports_it_for_every_frame() -> None:
    def inner(x: Tensor) -> Tensor:
        x = x + 1
        print("inner")
        return x * 2

    def middle(x: Tensor) -> Tensor:
        return inner(x) + 1

    (site,) = observe(Case(lambda x: middle(x) * 3, calls=[(X,)])).breaks
    assert (site.count, site.executions_per_call) == (3, 1)


@pytest.mark.filterwarnings("ignore::FutureWarning")
def test_with_statement_that_breaks_twice_is_two_sites_each_executed_once() -> None:
    def model(x: Tensor) -> Tensor:
        with torch.backends.cuda.sdp_kernel(enable_flash=False):
            y = x * 2
        return y + 1

    found = observe(Case(model, calls=[(X,)])).breaks
    assert [(site.gb_id, site.count, site.executions_per_call) for site in found] == [
        ("GB0208", 1, 1),  # it is called
        ("GB0142", 1, 1),  # it is entered
    ]
