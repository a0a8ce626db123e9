"""Is the compiled result as good as eager's: formulas over plain numbers (method after torch/_dynamo/utils.py::same).

Both eager and compiled are measured against eager in float64. Ratios to eager's own error tell a compiler bug from
rounding, which `assert_close` on low precision can't: compiled bf16 was closer to float64 than eager and failed it.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

RMSE_FACTOR = {"float64": 2.0, "float32": 2.0, "bfloat16": 3.0, "float16": 3.0}
MAX_FACTOR = 10.0
# A reference further away than this from eager says nothing: something else than rounding differs.
USABLE = {"float64": 1e-6, "float32": 1e-2, "bfloat16": 0.5, "float16": 0.1}
COSINE = 0.999


@dataclass(frozen=True)
class Errors:
    """Distances of one tensor: root mean square and maximum of |reference - eager| and |reference - compiled|.

    rms: of the reference. eps: machine epsilon of the tensor's dtype. dtype: its name.
    """

    rms: float
    rmse_eager: float
    rmse_compiled: float
    max_eager: float
    max_compiled: float
    eps: float
    dtype: str

    @property
    def floor(self) -> float:
        """What rounding of the last bit may cost: eps(dtype) * rms(reference)."""
        return self.eps * self.rms

    @property
    def rmse_limit(self) -> float:
        """Largest root mean square error the compiled tensor may have."""
        return RMSE_FACTOR.get(self.dtype, 2.0) * self.rmse_eager + self.floor

    @property
    def max_limit(self) -> float:
        """Largest single error the compiled tensor may have."""
        return MAX_FACTOR * self.max_eager + self.floor

    @property
    def rmse_ratio(self) -> float:
        """Root mean square error over its limit; above 1 fails."""
        return _ratio(self.rmse_compiled, self.rmse_limit)

    @property
    def max_ratio(self) -> float:
        """Largest error over its limit; above 1 fails."""
        return _ratio(self.max_compiled, self.max_limit)

    @property
    def passes(self) -> bool:
        """Whether both errors are within their limits; NaN is not."""
        return self.rmse_ratio <= 1.0 and self.max_ratio <= 1.0

    @property
    def reference_usable(self) -> bool:
        """Whether eager lies near enough to the reference for their distance to be rounding."""
        return (
            self.rmse_eager <= USABLE.get(self.dtype, 1e-2) * max(self.rms, 1e-30) or self.rmse_eager == 0.0
        )


def _ratio(value: float, limit: float) -> float:
    if math.isnan(value) or math.isnan(limit):
        return math.inf
    if limit == 0.0:
        return 0.0 if value == 0.0 else math.inf
    return value / limit


@dataclass(frozen=True)
class TensorParity:
    """The comparison of one tensor of one call: where it is ("call 1: logits", "grad of layers.0.weight"), its
    distances, and what is wrong in words ("" when nothing)."""

    where: str
    kind: str  # "value", "gradient", "mutated input"
    errors: Errors | None
    problem: str = ""
    cosine: float | None = None

    def to_dict(self) -> dict[str, object]:
        """JSON of the comparison."""
        data: dict[str, object] = {"where": self.where, "kind": self.kind, "problem": self.problem}
        if self.errors is not None:
            data |= {
                "dtype": self.errors.dtype,
                "rms": self.errors.rms,
                "rmse_eager": self.errors.rmse_eager,
                "rmse_compiled": self.errors.rmse_compiled,
                "max_eager": self.errors.max_eager,
                "max_compiled": self.errors.max_compiled,
                "rmse_ratio": self.errors.rmse_ratio,
                "max_ratio": self.errors.max_ratio,
            }
        if self.cosine is not None:
            data["cosine"] = self.cosine
        return data


def judge(where: str, kind: str, errors: Errors) -> TensorParity:
    """The comparison with its problem in words when a limit is exceeded."""
    if errors.passes:
        return TensorParity(where, kind, errors)
    if errors.rmse_ratio > 1.0:
        factor = _ratio(errors.rmse_compiled, errors.rmse_eager)
        text = f"root mean square error {errors.rmse_compiled:.3g}, eager's is {errors.rmse_eager:.3g} ({factor:.3g}x)"
    else:
        factor = _ratio(errors.max_compiled, errors.max_eager)
        text = f"one element is off by {errors.max_compiled:.3g}, eager's worst by {errors.max_eager:.3g} ({factor:.3g}x)"
    return TensorParity(where, kind, errors, text)
