"""The allow list: graph breaks that torch's own code makes, whoever calls it. Each entry was measured."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class TorchBreak:
    """A break inside torch: `path` is the end of the file's path, `function` the code's name, `gb_id` "" for any."""

    path: str
    function: str
    gb_id: str
    why: str


KNOWN: tuple[TorchBreak, ...] = (
    TorchBreak(
        "torch/optim/optimizer.py", "_use_grad", "", "Optimizer.step turns gradients on around itself"
    ),
    TorchBreak("torch/optim/optimizer.py", "wrapper", "", "Optimizer.step runs inside a profiler range"),
    TorchBreak(
        "torch/optim/optimizer.py", "profile_hook_step", "", "Optimizer.step runs hooks Dynamo disables"
    ),
)


def is_known_torch_break(gb_id: str, path: str, function: str) -> bool:
    """Whether the innermost frame of a break is on the allow list."""
    return any(
        path.replace("\\", "/").endswith(entry.path)
        and function == entry.function
        and entry.gb_id in ("", gb_id)
        for entry in KNOWN
    )
