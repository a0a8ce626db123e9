"""A rule's examples under the compiler: what `bad.py` and `good.py` show, measured in a process of their own."""

from __future__ import annotations

import atexit
import importlib.util
import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from breakcheck.finding import Effect

if TYPE_CHECKING:
    from breakcheck.case import Case
    from breakcheck.registry import LoadedRule

TIME_LIMIT_S = 180
OUTSIDE_ONE_RUN = (Effect.CUDAGRAPH_SKIP, Effect.XLA)  # effects that only a device shows


@dataclass(frozen=True)
class Seen:
    """What one example showed, lines within its own file.

    breaks: (line, GB id). errors: (line, exception type). limits: first line of each function given up.
    recompiles: compilations beyond the first of each frame and the one for a first dynamic shape.
    """

    breaks: tuple[tuple[int, str], ...] = ()
    elsewhere: tuple[str, ...] = ()  # breaks whose innermost user frame is in no file of the rule
    errors: tuple[tuple[int, str], ...] = ()
    limits: tuple[int, ...] = ()
    recompiles: int = 0
    fallbacks: tuple[int, ...] = ()
    graphs: int = 0
    disabled_by: str = ""
    xla: tuple[int, ...] = ()  # lines at which torch_xla reads back, falls back or makes float64
    xla_compiles: int = 0  # programs that torch_xla compiled after warm-up
    xla_collectives: int = 0  # collectives of the program on 2 x 4 virtual devices
    xla_uploads: int = 0  # bytes sent to the device in the last call

    def effect_lines(self, effect: Effect) -> tuple[int, ...] | None:
        """The lines at which an effect showed, None where this run can't place it."""
        if effect is Effect.GRAPH_BREAK:
            return tuple(line for line, _gb_id in self.breaks)
        if effect is Effect.ERROR:
            return tuple(line for line, _type in self.errors)
        if effect is Effect.FALLBACK:
            return self.fallbacks
        if effect is Effect.XLA:
            return self.xla
        return None


@dataclass(frozen=True)
class Evidence:
    """What both examples showed, and whether all their results agree ("" or what differs)."""

    bad: Seen = field(default_factory=Seen)
    good: Seen = field(default_factory=Seen)
    difference: str = ""
    failure: str = ""  # why there is no evidence: the example raised, the process died
    torch: str = ""


def measure(loaded: LoadedRule) -> Evidence:
    """The evidence of a rule's examples on the installed torch; never raises for an example.

    Each runs in a fork of a process that did nothing else: threads of this one (gloo's, Inductor's) would be missing
    in its forks, and what waits for them would wait for ever. Where there is no fork they run in this process.
    """
    backend = "inductor" if Effect.FALLBACK in loaded.rule.effects else "eager"
    if not hasattr(os, "fork"):
        return _measure_here(loaded.folder, backend)
    return evidence_from(_forks().ask(loaded.folder, backend))


class _Forks:
    """A process with torch loaded that forks once for each question, asked and answered as lines of JSON."""

    def __init__(self) -> None:
        command = [sys.executable, "-c", "from breakcheck.example_run import serve; serve()"]
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        atexit.register(self.process.kill)

    def ask(self, folder: Path, backend: str) -> Mapping[str, Any]:
        """The evidence of a folder's examples, in its JSON form."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write(json.dumps({"folder": str(folder.resolve()), "backend": backend}) + "\n")
        self.process.stdin.flush()
        line = self.process.stdout.readline()
        if not line:
            _forks.cache_clear()
            return asdict(Evidence(failure=f"the process that runs examples ended ({self.process.wait()})"))
        answer: Mapping[str, Any] = json.loads(line)
        return answer


@cache
def _forks() -> _Forks:
    return _Forks()


def serve() -> None:
    """Answer `_Forks` until its end of the pipe is closed."""
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)  # what libraries print is no answer
    _warm_up()
    for line in sys.stdin:
        question = json.loads(line)
        payload = _in_fork(Path(question["folder"]), question["backend"])
        answers.write(payload + "\n")
        answers.flush()


def _in_fork(folder: Path, backend: str) -> str:
    """The evidence as JSON, out of a child that may end in any way."""
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reader)
        _in_child(lambda: _measure_here(folder, backend), writer)
    os.close(writer)
    with os.fdopen(reader, "rb") as pipe:
        payload = pipe.read()
    _pid, status = os.waitpid(child, 0)
    if payload:
        return payload.decode()
    return json.dumps(asdict(Evidence(failure=f"the examples ended the process (wait status {status})")))


def evidence_from(data: Mapping[str, Any]) -> Evidence:
    """Evidence out of its JSON form."""
    return Evidence(
        bad=_seen_from(data["bad"]),
        good=_seen_from(data["good"]),
        difference=data["difference"],
        failure=data["failure"],
        torch=data["torch"],
    )


def _seen_from(data: Mapping[str, Any]) -> Seen:
    return Seen(
        breaks=tuple((line, gb_id) for line, gb_id in data["breaks"]),
        elsewhere=tuple(data["elsewhere"]),
        errors=tuple((line, name) for line, name in data["errors"]),
        limits=tuple(data["limits"]),
        recompiles=data["recompiles"],
        fallbacks=tuple(data["fallbacks"]),
        graphs=data["graphs"],
        disabled_by=data["disabled_by"],
        xla=tuple(data.get("xla", ())),
        xla_compiles=data.get("xla_compiles", 0),
        xla_collectives=data.get("xla_collectives", 0),
        xla_uploads=data.get("xla_uploads", 0),
    )


def _in_child(work: Callable[[], Evidence], writer: int) -> None:
    """Do the work, write its JSON to the pipe and leave without the parent's exit handlers."""
    code = 0
    try:
        signal.signal(signal.SIGALRM, signal.SIG_DFL)  # a Python handler would wait for a hanging C call
        signal.alarm(TIME_LIMIT_S)
        silence = os.open(os.devnull, os.O_WRONLY)
        os.dup2(silence, 1)  # examples print, Dynamo logs
        os.dup2(silence, 2)
        result = work()
    except BaseException as error:
        result, code = Evidence(failure=f"{type(error).__name__}: {error}"), 1
    with os.fdopen(writer, "wb") as pipe:
        pipe.write(json.dumps(asdict(result)).encode())
    os._exit(code)


def _warm_up() -> None:
    """Import torch and compile once, so that each child starts with everything loaded."""
    import torch
    import torch._dynamo

    torch.set_num_threads(1)
    os.environ.setdefault("TORCHINDUCTOR_COMPILE_THREADS", "1")
    torch.compile(lambda x: x + 1, backend="eager")(torch.ones(1))
    torch._dynamo.reset()


def _measure_here(folder: Path, backend: str) -> Evidence:
    import torch

    try:
        bad_case, good_case = example_case(folder / "bad.py"), example_case(folder / "good.py")
        expected = _eager_results(_made(bad_case))
        difference = _compare("good.py", expected, _eager_results(_made(good_case)))
    except Exception as error:
        return Evidence(failure=f"an example raises uncompiled: {type(error).__name__}: {error}")
    bad, bad_results = _observe(_made(bad_case), folder / "bad.py", backend)
    good, good_results = _observe(_made(good_case), folder / "good.py", backend)
    if not difference and not bad.errors:
        difference = _compare("bad.py compiled", expected, bad_results)
    if not difference and not good.errors:
        difference = _compare("good.py compiled", expected, good_results)
    return Evidence(bad=bad, good=good, difference=difference, torch=torch.__version__)


def example_case(path: Path) -> Callable[[], Case]:
    """The `case` function of an example. Raises ValueError when the file defines none."""
    spec = importlib.util.spec_from_file_location(f"_breakcheck_example_{path.parent.name}_{path.stem}", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    case = getattr(module, "case", None)
    if not callable(case):
        raise ValueError(f"{path}: an example defines case() -> breakcheck.Case")
    return case  # type: ignore[no-any-return]


def _seed() -> None:
    import random

    import torch

    torch.manual_seed(0)
    random.seed(0)
    if "numpy" in sys.modules:
        sys.modules["numpy"].random.seed(0)


def _made(case: Callable[[], Case]) -> Case:
    """The case, its weights and inputs drawn from the same seed each time."""
    _seed()
    return case()


def _eager_results(case: Case) -> list[Any]:
    """Each call's result of the uncompiled model; a model that compiles regions of itself runs as it is."""
    from breakcheck.runtime.observe import eager_case

    _seed()
    ready = eager_case(case)
    results = []
    for index in range(len(ready.calls)):
        results.append(ready.run(index))
        _seed()
    return results


def _observe(case: Case, path: Path, backend: str) -> tuple[Seen, list[Any]]:
    """What the compiler did in the case's calls, and the results of these calls."""
    from breakcheck.runtime.observe import clean_state, compiled_case, observe_ready, vacuous_because

    results: list[Any] = []

    def keep(_index: int, result: Any) -> None:
        results.append(result)
        _seed()

    with clean_state():
        _seed()
        ready = compiled_case(case, backend=backend)
        observation = observe_ready(ready, backend, vacuous_because(), count_executions=False, keep=keep)
    here = [site for site in observation.breaks if Path(site.path) == path]
    seen = Seen(
        breaks=tuple(sorted({(site.line, site.gb_id) for site in here})),
        elsewhere=tuple(
            sorted(
                {
                    f"{site.gb_id} at {site.path}:{site.line}"
                    for site in observation.breaks
                    if site not in here
                }
            )
        ),
        errors=tuple(sorted({(error.line, error.type) for error in observation.errors})),
        limits=tuple(sorted({hit.line for hit in observation.limits})),
        recompiles=len(observation.recompiles),
        fallbacks=tuple(sorted({site.line for site in observation.fallbacks if Path(site.path) == path})),
        graphs=len(observation.graphs),
        disabled_by=observation.disabled_by,
    )
    return seen, results


def _compare(name: str, expected: list[Any], got: list[Any]) -> str:
    """What differs between two runs' results, "" when nothing does; random and missing values aside."""
    import torch
    from torch.utils._pytree import tree_leaves

    if len(expected) != len(got):
        return f"{name} makes {len(got)} results where eager bad.py makes {len(expected)}"
    for index, (one, other) in enumerate(zip(expected, got, strict=True)):
        left = [leaf for leaf in tree_leaves(one) if isinstance(leaf, torch.Tensor)]
        right = [leaf for leaf in tree_leaves(other) if isinstance(leaf, torch.Tensor)]
        if len(left) != len(right):
            return f"call {index} of {name} gives {len(right)} tensors, not {len(left)}"
        for a, b in zip(left, right, strict=True):
            a, b = _plain(a), _plain(b)
            if a.shape != b.shape:
                return f"call {index} of {name} has shape {tuple(b.shape)}, not {tuple(a.shape)}"
            if not torch.allclose(a, b, rtol=1e-4, atol=1e-5, equal_nan=True):
                return f"call {index} of {name} differs by up to {(a - b).abs().max().item():.3g}"
    return ""


def _plain(tensor: Any) -> Any:
    """The tensor dense, on the CPU, in float64 (complex128): comparable across dtypes that promote."""
    import torch

    tensor = tensor.detach().cpu()
    dense = tensor if tensor.layout is torch.strided else tensor.to_dense()
    return dense.to(torch.complex128 if dense.is_complex() else torch.float64)
