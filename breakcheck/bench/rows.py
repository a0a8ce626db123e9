"""What is measured and what came out: rows, and the file they are kept in."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from enum import Enum
from pathlib import Path
from typing import Any

from breakcheck.errors import BreakcheckError


class Variant(str, Enum):
    """How the model is run."""

    EAGER = "eager"  # attention from single operations: the fused kernels switched off
    SDPA = "sdpa"
    COMPILE = "compile"
    COMPILE_SDPA = "compile+sdpa"
    CUDA_GRAPHS = "cuda-graphs"  # compile+sdpa, mode="reduce-overhead"
    FUSED = "fused"  # the ops of gemv.py, compiled, one CUDA graph a token (on CPU: compiled only)
    INT8 = "int8"  # weight-only, compile+sdpa with CUDA graphs
    FUSED_INT8 = "fused-int8"


@dataclass(frozen=True)
class Row:
    """One measurement to make. component: a hostile component put into the model, "" for the clean one."""

    model: str
    variant: Variant
    batch_size: int
    prompt_tokens: int
    new_tokens: int
    component: str = ""

    @property
    def key(self) -> str:
        """The row's identity in a results file."""
        name = f"{self.model}@{self.component}" if self.component else self.model
        return f"{name} {self.variant.value} b{self.batch_size} {self.prompt_tokens}+{self.new_tokens}"

    @property
    def sequence_length(self) -> int:
        return self.prompt_tokens + self.new_tokens


@dataclass(frozen=True)
class Measured:
    """What a row gave. Times in milliseconds per token of one row of the batch's step, limit included.

    parity: "pass", or why the numbers are wrong. details: of the parity comparison.
    """

    row: Row
    ms_median: float
    ms_p10: float
    ms_p90: float
    limit_ms: float
    bytes_per_step: int
    parity: str
    details: Mapping[str, Any] = field(default_factory=dict)
    first_step_s: float = 0.0
    peak_memory_gb: float = 0.0
    breaks_per_step: int | None = None

    @property
    def over_limit(self) -> float:
        """Measured time over the time that reading the bytes takes."""
        return self.ms_median / self.limit_ms

    def to_dict(self) -> dict[str, Any]:
        """JSON of the row and its results."""
        return {
            **asdict(self),
            "row": {**asdict(self.row), "variant": self.row.variant.value},
            "over_limit": self.over_limit,
        }

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Measured:
        """The inverse of `to_dict`."""
        row = Row(**{**data["row"], "variant": Variant(data["row"]["variant"])})
        return cls(row=row, **{key: value for key, value in data.items() if key not in ("row", "over_limit")})


@dataclass
class Results:
    """The results file: written whole after every row, so that a killed run goes on where it stopped.

    rows: by key. refused: rows whose numbers were wrong or which could not run, by key, with the reason.
    """

    path: Path
    machine: Mapping[str, Any]
    bandwidth: Mapping[str, float]
    commands: list[str] = field(default_factory=list)
    rows: dict[str, Measured] = field(default_factory=dict)
    refused: dict[str, str] = field(default_factory=dict)

    def save(self) -> None:
        """Write the file in one step."""
        data = {
            "version": 1,
            "machine": dict(self.machine),
            "read_bandwidth_bytes_per_s": dict(self.bandwidth),
            "commands": self.commands,
            "rows": [measured.to_dict() for measured in self.rows.values()],
            "refused": self.refused,
        }
        self.path.parent.mkdir(parents=True, exist_ok=True)
        partial = self.path.with_suffix(".partial")
        partial.write_text(json.dumps(data, indent=1) + "\n", encoding="utf-8")
        os.replace(partial, self.path)


def read_results(path: Path) -> Results:
    """The results in a file; raises BreakcheckError when it is none of ours."""
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
        rows = [Measured.from_dict(each) for each in data["rows"]]
        return Results(
            path, data["machine"], data["read_bandwidth_bytes_per_s"], list(data["commands"]),
            {measured.row.key: measured for measured in rows}, dict(data["refused"]),
        )  # fmt: skip
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise BreakcheckError(
            f"{path}: no results file of `breakcheck bench` ({type(error).__name__}: {error})"
        ) from error
