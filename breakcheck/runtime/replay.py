"""Run a target once, for comparison with a later run of edited code: `python -m breakcheck.runtime.replay`.

Eager outputs on a fixed `state_dict` and the sites where the compiled model breaks, written to a folder.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from breakcheck.errors import BreakcheckError

STATE, OUTPUTS, SITES = "state.pt", "outputs.pt", "sites.json"


def replay(target: str, folder: Path, state: Path | None) -> None:
    """Writes what a target computes and where it breaks to `folder`; with `state`, its weights are loaded first.

    Raises BreakcheckError when the target cannot be loaded, whatever the user's code raises otherwise.
    """
    import torch

    from breakcheck.runtime.observe import eager_case, observe
    from breakcheck.runtime.snapshots import tensors_of
    from breakcheck.runtime.targets import load

    torch.manual_seed(0)
    case = load(target)
    if isinstance(case.model, torch.nn.Module):
        if state is not None:
            case.model.load_state_dict(torch.load(state, weights_only=True))
        torch.save(case.model.state_dict(), folder / STATE)
    ready = eager_case(case)
    outputs: dict[str, Any] = {}
    for index in range(len(ready.calls)):
        result = ready.run(index)
        outputs |= {f"{index}{name}": tensor.detach().cpu() for name, tensor in tensors_of(result).items()}
    torch.save(outputs, folder / OUTPUTS)
    seen = observe(case, backend="eager")
    sites = [
        {
            "path": site.path,
            "line": site.line,
            "function": site.function,
            "source": " ".join(site.source.split()),
        }
        for site in seen.breaks
    ]
    sites += [
        {"path": e.path, "line": e.line, "function": e.function, "source": " ".join(e.source.split())}
        for e in seen.errors
    ]
    (folder / SITES).write_text(json.dumps(sites), encoding="utf-8")


def same_outputs(before: Path, after: Path) -> str:
    """Empty when two replays computed the same (bit for bit, NaN equal to NaN), else what differs."""
    import torch

    one = torch.load(before / OUTPUTS, weights_only=True)
    other = torch.load(after / OUTPUTS, weights_only=True)
    if one.keys() != other.keys():
        return "the outputs have another structure"
    for name in one:
        a, b = one[name], other[name]
        if a.shape != b.shape or a.dtype != b.dtype:
            return f"output {name} was {a.dtype}{list(a.shape)}, is {b.dtype}{list(b.shape)}"
        if not torch.equal(torch.nan_to_num(a), torch.nan_to_num(b)) or not torch.equal(a.isnan(), b.isnan()):
            return f"output {name} differs"
    return ""


def main(arguments: list[str]) -> int:
    """`replay TARGET FOLDER [STATE]` or `compare BEFORE AFTER`; the exit code of the subprocess."""
    verb, *rest = arguments
    if verb == "compare":
        difference = same_outputs(Path(rest[0]), Path(rest[1]))
        print(difference)
        return 1 if difference else 0
    try:
        replay(rest[0], Path(rest[1]), Path(rest[2]) if len(rest) > 2 else None)
    except BreakcheckError as error:
        print(f"target: {error}", file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
