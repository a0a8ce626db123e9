"""Runs the references for parity and compares: eager in float64, eager, eager again, against the compiled calls."""

from __future__ import annotations

import copy
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from breakcheck.case import Call, Case
from breakcheck.runtime.parity import COSINE, Errors, TensorParity, judge
from breakcheck.runtime.report_data import Status, Verdict
from breakcheck.runtime.snapshots import Snapshot, snapshots, tensors_of

if TYPE_CHECKING:
    import torch

    from breakcheck.runtime.observe import Compiled

SHOWN = 40  # comparisons kept as evidence, worst first


@dataclass(frozen=True)
class References:
    """Snapshots of the uncompiled calls: in float64, and twice as given.

    exact: None where there is no float64 run to compare with; `why` says so.
    """

    exact: list[Snapshot] | None
    eager: list[Snapshot]
    again: list[Snapshot]
    why: str = ""


def cast(value: Any, dtype: torch.dtype) -> Any:
    """A deep copy with every real floating tensor (and module) in another dtype; complex ones follow in width."""
    import torch
    from torch.utils._pytree import tree_map

    wide = {torch.float64: torch.complex128, torch.float32: torch.complex64}.get(dtype)

    def one(item: Any) -> Any:
        if isinstance(item, torch.Tensor):
            if item.is_complex():
                return item.to(wide) if wide is not None else item
            if item.is_floating_point():
                return item.detach().to(dtype).requires_grad_(item.requires_grad)
        return item

    if isinstance(value, torch.nn.Module):
        value = value.to(dtype)
        for module in value.modules():
            for name, buffer in module._buffers.items():
                if buffer is not None and buffer.is_complex() and wide is not None:
                    module._buffers[name] = buffer.to(wide)
        return value
    return tree_map(one, value)


def copied(case: Case) -> Case:
    """A deep copy of model and calls with sharing between them kept; raises whatever `copy.deepcopy` raises."""
    calls = case.normalized()
    model, pairs = copy.deepcopy((case.model, [(call.args, dict(call.kwargs)) for call in calls]))
    return replace(case, model=model, calls=[Call(args, kwargs) for args, kwargs in pairs])


def in_dtype(case: Case, dtype: torch.dtype) -> Case:
    """The case with its module and floating inputs in another dtype (changes the module in place)."""
    import torch

    model = cast(case.model, dtype) if isinstance(case.model, torch.nn.Module) else case.model
    calls = [Call(cast(call.args, dtype), cast(dict(call.kwargs), dtype)) for call in case.normalized()]
    return replace(case, model=model, calls=calls)


def references(case: Case, calls: int, warmup: int) -> References:
    """Runs copies of the case uncompiled. Exceptions of the eager runs pass through: they are the user's."""
    import torch

    def run(one: Case) -> list[Snapshot]:
        import torch

        from breakcheck.runtime.observe import eager_case

        with torch.compiler.set_stance("force_eager"):
            return snapshots(eager_case(one, calls, warmup))

    default = torch.get_default_dtype()
    eager = run(copied(case))
    again = run(copied(case))
    try:
        torch.set_default_dtype(torch.float64)
        wide = in_dtype(copied(case), torch.float64)
        exact: list[Snapshot] | None = run(wide)
        why = ""
        if not holds(wide, torch.float64) and not _any_wide(exact):
            exact, why = None, "a cast to float64 reaches no parameter, buffer or input of it"
    except Exception as error:
        exact = None
        why = f"float64 can't run: {type(error).__name__}: {' '.join(str(error).split())[:160]}"
    finally:
        torch.set_default_dtype(default)
    return References(exact, eager, again, why)


def holds(case: Case, dtype: torch.dtype) -> bool:
    """Whether any parameter, buffer or input of a case has this dtype, or the complex one of its width.

    After `in_dtype` it says whether the cast reached anything: a model kept in a closure is out of its reach.
    """
    import torch

    model = case.model
    own = [*model.parameters(), *model.buffers()] if isinstance(model, torch.nn.Module) else []
    given = tensors_of([(call.args, dict(call.kwargs)) for call in case.normalized()])
    return any(_has_dtype(tensor, dtype) for tensor in (*own, *given.values()))


def _any_wide(shots: Sequence[Snapshot] | None) -> bool:
    """Whether a float64 comes out, as it does where the model makes its own tensors in the default dtype."""
    import torch

    return any(_has_dtype(tensor, torch.float64) for shot in shots or () for tensor in shot.values.values())


def _has_dtype(tensor: torch.Tensor, dtype: torch.dtype) -> bool:
    return tensor.dtype in (dtype, dtype.to_complex())


def compare(reference: References, compiled: Sequence[Snapshot], ready: Compiled | None = None) -> Verdict:
    """The parity verdict of one dtype: every tensor of every call, gradients and changed inputs included."""
    found: list[TensorParity] = []
    notes: list[str] = []
    noisy = False
    for index, shot in enumerate(compiled):
        if index >= len(reference.eager):
            break
        eager, again = reference.eager[index], reference.again[index]
        exact = reference.exact[index] if reference.exact is not None else None
        noisy = noisy or differs(eager, again)
        for kind, name in (("value", "values"), ("gradient", "gradients"), ("changed input", "inputs")):
            parts = (getattr(exact, name) if exact else None, getattr(eager, name), getattr(shot, name))
            found.extend(_compare_tensors(f"call {index}", kind, *parts))
        if eager.aliases != shot.aliases:
            lost, new = eager.aliases - shot.aliases, shot.aliases - eager.aliases
            pair = next(iter(lost or new))
            verb = "no longer shares" if lost else "now shares"
            problem = f"`{pair[0]}` {verb} memory with input `{pair[1]}`"
            found.append(TensorParity(f"call {index}: {pair[0]}", "aliasing", None, problem))
        for path, stride in eager.strides.items():
            if path in shot.strides and shot.strides[path] != stride:
                notes.append(f"call {index}: strides of `{path}` are {shot.strides[path]}, eager's {stride}")
    return _verdict(found, reference, noisy, notes, _argmax(reference, compiled))


def _verdict(
    found: list[TensorParity], reference: References, noisy: bool, notes: list[str], agreement: float | None
) -> Verdict:
    bad = [item for item in found if item.problem]
    ranked = sorted(found, key=_badness, reverse=True)
    how = "float64" if reference.exact is not None else f"eager itself ({reference.why})"
    evidence: dict[str, Any] = {
        "reference": how,
        "compared": len(found),
        "tensors": [item.to_dict() for item in ranked[:SHOWN]],
        "notes": notes[:SHOWN],
        "eager_nondeterministic": noisy,
        "argmax_agreement": agreement,
    }
    if not found:
        return Verdict(Status.INCONCLUSIVE, "the calls return no tensor to compare", evidence)
    if bad and noisy:
        return Verdict(Status.INCONCLUSIVE, "eager is nondeterministic: it differs from itself", evidence)
    if bad:
        worst = sorted(bad, key=_badness, reverse=True)[0]
        more = f", and {len(bad) - 1} more" if len(bad) > 1 else ""
        return Verdict(Status.FAIL, f"{worst.where}: {worst.problem}{more}", evidence)
    with_errors = [item.errors for item in found if item.errors is not None]
    ratio = max((errors.rmse_ratio for errors in with_errors), default=0.0)
    words = f"{len(found)} tensors against {how.split(' (')[0]}, worst error {ratio:.2f} of the limit"
    if agreement is not None:
        words += f", argmax agrees {agreement:.1%}"
    return Verdict(Status.PASS, words, evidence)


def _badness(item: TensorParity) -> tuple[int, float]:
    if item.errors is None:
        return (2 if item.problem else 0, 0.0)
    return (1 if item.problem else 0, max(item.errors.rmse_ratio, item.errors.max_ratio))


def differs(one: Snapshot, other: Snapshot) -> bool:
    """Whether two runs of the same call differ in what they return or in any bit of a value or gradient."""
    import torch

    def same(first: torch.Tensor, second: torch.Tensor | None) -> bool:
        if second is None or first.shape != second.shape:
            return False
        return torch.equal(torch.nan_to_num(_plain(first)), torch.nan_to_num(_plain(second)))

    if one.values.keys() != other.values.keys() or one.gradients.keys() != other.gradients.keys():
        return True
    return any(
        not same(tensor, getattr(other, name).get(path))
        for name in ("values", "gradients")
        for path, tensor in getattr(one, name).items()
    )


def _plain(tensor: torch.Tensor) -> torch.Tensor:
    import torch

    tensor = tensor.to_dense() if tensor.layout is not torch.strided else tensor
    return torch.view_as_real(tensor.resolve_conj()) if tensor.is_complex() else tensor


def _compare_tensors(
    where: str,
    kind: str,
    exact: dict[str, torch.Tensor] | None,
    eager: dict[str, torch.Tensor],
    compiled: dict[str, torch.Tensor],
) -> list[TensorParity]:
    found = []
    for path, one in eager.items():
        name = f"{where}: {'grad of ' if kind == 'gradient' else ''}{path}"
        other = compiled.get(path)
        if other is None:
            found.append(TensorParity(name, kind, None, "missing from the compiled result"))
            continue
        if one.shape != other.shape or one.dtype != other.dtype:
            text = f"{tuple(other.shape)} {other.dtype}, eager gives {tuple(one.shape)} {one.dtype}"
            found.append(TensorParity(name, kind, None, text))
            continue
        best = exact.get(path) if exact is not None else None
        found.append(_compare_one(name, kind, best, one, other))
    found += [
        TensorParity(f"{where}: {path}", kind, None, "only in the compiled result")
        for path in compiled
        if path not in eager
    ]
    return found


def _compare_one(
    where: str, kind: str, exact: torch.Tensor | None, eager: torch.Tensor, compiled: torch.Tensor
) -> TensorParity:
    import torch

    eager, compiled = _plain(eager), _plain(compiled)
    if eager.numel() == 0:
        return TensorParity(where, kind, None)
    if not eager.is_floating_point():
        wrong = int((eager != compiled).sum())
        # Where rounding decides (argmax, top-k), eager differs from the exact run as well.
        allowed = 0
        if exact is not None and exact.shape == eager.shape and exact.dtype == eager.dtype:
            allowed = int((_plain(exact) != eager).sum())
        text = f"{wrong} of {eager.numel()} integer elements differ" if wrong > allowed else ""
        return TensorParity(where, kind, None, text)
    dtype = str(eager.dtype).removeprefix("torch.")
    for special, test in (("NaN", torch.isnan), ("Inf", torch.isinf)):
        if not torch.equal(test(eager), test(compiled)):
            return TensorParity(where, kind, None, f"{special} at other places than in eager")
    one, other = eager.double(), compiled.double()
    best = _plain(exact).double() if exact is not None and exact.shape == eager.shape else None
    finite = torch.isfinite(one) & torch.isfinite(other)
    finite = finite & torch.isfinite(best) if best is not None else finite
    if not bool(finite.any()):
        return TensorParity(where, kind, None)
    one, other = one[finite], other[finite]
    eps = float(torch.finfo(eager.dtype).eps)
    if best is not None:
        errors = _errors(best[finite], one, other, eps, dtype)
        if errors.reference_usable:
            return judge(where, kind, errors)
    # No exact reference, or one that takes another way than rounding: eager is the reference, by direction.
    cosine = float(torch.nn.functional.cosine_similarity(one.flatten(), other.flatten(), dim=0, eps=1e-30))
    same = bool(torch.equal(one, other))
    errors = _errors(one, one, other, eps, dtype)
    bad = not same and (cosine < COSINE or errors.rmse_compiled > 0.05 * max(errors.rms, 1e-30))
    text = f"cosine similarity to eager is {cosine:.6f}" if bad else ""
    return TensorParity(where, kind, None if not bad else errors, text, cosine)


def _errors(best: torch.Tensor, one: torch.Tensor, other: torch.Tensor, eps: float, dtype: str) -> Errors:
    eager, compiled = (best - one).abs(), (best - other).abs()
    return Errors(
        rms=float(best.square().mean().sqrt()),
        rmse_eager=float(eager.square().mean().sqrt()),
        rmse_compiled=float(compiled.square().mean().sqrt()),
        max_eager=float(eager.max()),
        max_compiled=float(compiled.max()),
        eps=eps,
        dtype=dtype,
    )


def _argmax(reference: References, compiled: Sequence[Snapshot]) -> float | None:
    """Share of positions at which compiled and eager logits name the same token, None without logits."""
    same = total = 0
    for eager, shot in zip(reference.eager, compiled, strict=False):
        for path, one in eager.values.items():
            other = shot.values.get(path)
            if other is None or other.shape != one.shape or not one.is_floating_point():
                continue
            if (
                one.ndim >= 2
                and one.shape[-1] >= 64
                and (path in ("output", "logits") or path.endswith(".logits"))
            ):
                same += int((one.argmax(-1) == other.argmax(-1)).sum())
                total += one[..., 0].numel()
    return same / total if total else None
