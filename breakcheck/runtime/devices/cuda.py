"""One CUDA device: host syncs by torch's sync debug mode, CUDA-graph skips, peak allocated memory."""

from __future__ import annotations

import gc
import traceback
import warnings
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from breakcheck.case import Call
from breakcheck.errors import BreakcheckError
from breakcheck.runtime.observation import Frame
from breakcheck.runtime.places import (
    below_engine,
    display_path,
    innermost_user,
    owner_of,
    qualified_function,
    source_line,
)
from breakcheck.runtime.report_data import Status, Verdict

if TYPE_CHECKING:
    from breakcheck.case import Case
    from breakcheck.runtime.observation import Observation
    from breakcheck.runtime.scenario import Scenario

GRAPH_MODES = ("reduce-overhead", "max-autotune")


class Cuda:
    """The adapter of CUDA device 0 (or the one `CUDA_VISIBLE_DEVICES` leaves), or of a rank's own."""

    name = "cuda"

    def unavailable(self) -> str:
        """Why CUDA cannot be used here."""
        import torch

        if torch.version.cuda is None and torch.version.hip is None:
            return (
                f"torch {torch.__version__} is built without CUDA; install a CUDA build or use --device cpu"
            )
        if not torch.cuda.is_available():
            return "torch sees no CUDA device; check the driver and CUDA_VISIBLE_DEVICES, or use --device cpu"
        return ""

    def choose(self, rank: int) -> None:
        """Makes the rank's own GPU the current one."""
        import torch

        if rank >= torch.cuda.device_count():
            raise BreakcheckError(
                f"--device cuda: no GPU for rank {rank}, torch sees {torch.cuda.device_count()}"
            )
        torch.cuda.set_device(rank)

    def place(self, case: Case) -> Case:
        """The case with model and inputs moved to the device."""
        import torch
        from torch.utils._pytree import tree_map

        def move(item: Any) -> Any:
            if not isinstance(item, torch.Tensor) or item.is_cuda:
                return item
            moved = item.detach().to("cuda")
            return moved.requires_grad_(item.requires_grad) if item.requires_grad else moved

        model = case.model.to("cuda") if isinstance(case.model, torch.nn.Module) else case.model
        calls = [
            Call(tree_map(move, call.args), tree_map(move, dict(call.kwargs))) for call in case.normalized()
        ]
        return replace(case, model=model, calls=calls)

    def synchronize(self) -> None:
        """Waits for the device."""
        import torch

        torch.cuda.synchronize()

    def environment(self) -> dict[str, Any]:
        """Name, memory, compute capability and CUDA version."""
        import torch

        properties = torch.cuda.get_device_properties(torch.cuda.current_device())
        return {
            "device": properties.name,
            "device_memory_bytes": properties.total_memory,
            "capability": f"{properties.major}.{properties.minor}",
            "cuda": torch.version.cuda,
        }

    def syncs(self, run: Callable[[], object]) -> Verdict:
        """Fails when a warm compiled call makes the host wait, naming each line that did.

        torch warns at each synchronising call; the line is that of the innermost user frame at that moment.
        """
        import torch

        found: dict[tuple[str, int], dict[str, Any]] = {}

        def on_warning(message: Warning | str, *rest: object, **options: object) -> None:
            if "prototype feature" in str(message):  # torch's word on the debug mode itself, seen on 2.11
                return
            if "synchroniz" not in str(message).lower():
                return
            site = _caller()
            key = (site["file"], site["line"])
            found.setdefault(key, {**site, "message": str(message).splitlines()[0], "count": 0})["count"] += 1

        before = torch.cuda.get_sync_debug_mode()
        with warnings.catch_warnings():
            warnings.simplefilter("always")
            warnings.showwarning = on_warning
            torch.cuda.synchronize()
            torch.cuda.set_sync_debug_mode("warn")
            try:
                run()
            finally:
                torch.cuda.set_sync_debug_mode(before)
        sites = list(found.values())
        if not sites:
            return Verdict(Status.PASS, "none in a warm call", {"sites": []})
        total = sum(site["count"] for site in sites)
        lines = f"{len(sites)} line{'s' if len(sites) > 1 else ''}"
        return Verdict(Status.FAIL, f"{total} in a warm call, at {lines}", {"sites": sites})

    def cudagraphs(self, observation: Observation, mode: str | None) -> Verdict:
        """Fails when Inductor skipped CUDA graphs; not checked in modes that ask for none."""
        if mode not in GRAPH_MODES:
            return Verdict(
                Status.NOT_CHECKED,
                f"mode {mode or 'default'} records no CUDA graphs (--mode reduce-overhead)",
            )
        skips = list(observation.cudagraph_skips)
        if not observation.graphs:
            return Verdict(Status.INCONCLUSIVE, "no graph was compiled", {"skips": skips})
        if skips:
            return Verdict(Status.FAIL, f"skipped: {skips[0].splitlines()[0]}", {"skips": skips})
        return Verdict(Status.PASS, f"none skipped in {len(observation.graphs)} graphs", {"skips": []})

    def memory(self, eager: Callable[[], object], compiled: Callable[[], object]) -> Verdict:
        """Peak bytes allocated above the level before the call, eager and compiled."""
        peaks = [self._peak(run) for run in (eager, compiled)]
        mib = [peak / 2**20 for peak in peaks]
        return Verdict(
            Status.PASS,
            f"one call adds {mib[1]:.1f} MiB compiled, {mib[0]:.1f} MiB eager",
            {"eager_bytes": peaks[0], "compiled_bytes": peaks[1], "how": "torch.cuda.max_memory_allocated"},
        )

    def _peak(self, run: Callable[[], object]) -> int:
        import torch

        gc.collect()
        torch.cuda.synchronize()
        torch.cuda.reset_peak_memory_stats()
        before = torch.cuda.memory_allocated()
        run()
        torch.cuda.synchronize()
        return max(0, torch.cuda.max_memory_allocated() - before)

    def extra(self, case: Case, scenario: Scenario) -> dict[str, Verdict]:
        """None."""
        return {}


def _caller() -> dict[str, Any]:
    """The innermost user frame of the running call; of generated code, the frame that called it."""
    stack = tuple(
        Frame(f.filename, f.lineno or 0, f.name, (f.line or "").strip())
        for f in traceback.extract_stack()[:-2]
    )
    inside = below_engine(stack)
    place = innermost_user(inside) or Frame("", 0, "")
    inner = inside[-1] if inside else place
    return {
        "file": display_path(place.path) if place.path else "",
        "line": place.line,
        "function": qualified_function(place.path, place.line, place.function) if place.path else "",
        "source": source_line(place.path, place.line) if place.path else "",
        "owner": owner_of(place.path) if place.path else "torch",
        "torch_location": f"{inner.path}:{inner.line}",
        "rule": None,
    }


ADAPTER = Cuda()
