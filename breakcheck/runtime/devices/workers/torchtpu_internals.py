"""TorchTPU's capture without a device: its own `tpu` backend, stopped where it would ask for a TPU.

TorchTPU lowers a Dynamo graph to StableHLO and compiles it in one step that needs a TPU's client. Here that step is
replaced by its first half, and the model's tensors are on the meta device, since a TPU tensor with a value aborts the
process. All of it is private to torch_tpu (tried with 0.2.0): `missing` names what a release has moved.
"""

from __future__ import annotations

import importlib
import traceback
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import torch

from breakcheck.case import Call
from breakcheck.runtime.devices.workers.user_code import is_users

NEEDED = (
    ("torch_tpu._loader", "_init_device"),
    ("torch_tpu._internal.compile.compiler", "torch_tpu_export"),
    ("torch_tpu._internal.export.export", "EagerLikeFxInterpreter"),
    ("torch_tpu._internal.export.export", "_process_fx_outputs"),
    ("torch_tpu._internal.export", "fx_to_mlir"),
    ("torch_tpu._internal.execution_mode", "EagerMode"),
    ("torch_tpu._internal.execution_mode", "set_eager_mode"),
    ("torch_tpu._internal.compile.tpu_torch_compile", "build_mlir"),
    ("torch_tpu._internal.compile.tpu_torch_compile", "serialize_mlir_portable_artifact"),
    ("torch_tpu._internal.compile.tpu_torch_compile", "serialize_mlir_text"),
)


@dataclass(frozen=True)
class Graph:
    """One captured graph. artifact: StableHLO, serialised portably; doubles: the user's lines that make float64 arrays.

    changed_bytes: size of the inputs that the graph changes, on one device; None where torch does not say.
    """

    artifact: bytes
    text: str
    doubles: list[dict[str, Any]]
    changed_bytes: int | None


class Refusal(Exception):
    """Why a call is not one StableHLO program: what the user's line does, and where it is."""

    def __init__(self, message: str, op: str = "", path: str = "", line: int = 0) -> None:
        super().__init__(message)
        self.op, self.path, self.line = op, path, line


def missing(needed: Iterable[tuple[str, str]] = NEEDED) -> str:
    """The first of TorchTPU's internals that this release lacks, "" when all are there."""
    for module, name in needed:
        try:
            found = importlib.import_module(module)
        except ImportError as error:
            return f"{module} ({error})"
        if not hasattr(found, name):
            return f"{module}.{name}"
    return ""


class Capture:
    """Registers TorchTPU's backend, without a device, and captures calls of one model."""

    def __init__(self, model: Any) -> None:
        loader = importlib.import_module("torch_tpu._loader")
        loader._init_device("tpu")
        self._export = importlib.import_module("torch_tpu._internal.export.export")
        self._mode = importlib.import_module("torch_tpu._internal.execution_mode")
        self._builder = importlib.import_module("torch_tpu._internal.compile.tpu_torch_compile")
        compiler = importlib.import_module("torch_tpu._internal.compile.compiler")
        compiler.torch_tpu_export.fx_to_mlir = self._lower
        self._model = model
        self._found: Graph | None = None
        self._refused: Refusal | None = None

    def graph(self, call: Call) -> Graph:
        """The graph of one call under `torch.compile(backend="tpu", fullgraph=True)`; raises `Refusal`."""
        torch._dynamo.reset()
        self._found = self._refused = None
        compiled: Any = torch.compile(self._model, backend="tpu", fullgraph=True, dynamic=False)
        try:
            with torch.no_grad():
                compiled(*call.args, **call.kwargs)
        except Exception as error:
            if self._refused is not None:
                raise self._refused from error
            if self._found is None:
                raise _dynamo_refusal(error) from error
        if self._found is None:
            raise Refusal("Dynamo found no tensor operation to capture")
        return self._found

    def _lower(self, module: Any, args: list[Any], **_: Any) -> Any:
        """What TorchTPU's `fx_to_mlir` does up to the device: run the graph on placeholders, keep its StableHLO."""
        place = torch.device("tpu", 0)
        _move(module, place)
        tensors = [arg for arg in args if isinstance(arg, torch.Tensor)]
        with self._mode.set_eager_mode(self._mode.EagerMode._INTERNAL_COMPILE_FX_GRAPH):
            # Clones, as TorchTPU makes them: an update in place must not change the placeholder itself.
            values = [arg.clone() if isinstance(arg, torch.Tensor) else arg for arg in args]
            interpreter = self._interpreter(module)
            outputs = self._export._process_fx_outputs(module, interpreter.run(*values))[0]
            lowered = self._builder.build_mlir(outputs, tensors)
        self._found = Graph(
            self._builder.serialize_mlir_portable_artifact(lowered),
            self._builder.serialize_mlir_text(lowered),
            _doubles(module),
            _changed_bytes(module),
        )
        raise _Captured

    def _interpreter(self, module: Any) -> Any:
        outer = self

        class Located(self._export.EagerLikeFxInterpreter):  # type: ignore[misc,name-defined]
            """TorchTPU's interpreter; an op that it can't lower is told with the user's line."""

            def run_node(self, node: Any) -> Any:
                try:
                    return super().run_node(node)
                except Exception as error:
                    path, line = _place_of(node)
                    first = " ".join(str(error).split("\n\n")[0].split())[:300]
                    outer._refused = Refusal(first or type(error).__name__, str(node.target), path, line)
                    raise

        return Located(module)


class _Captured(Exception):
    """Stops the backend once the graph is lowered."""


def _move(module: Any, place: torch.device) -> None:
    """Let the graph's factories make their tensors on the TPU: its inputs were on meta only for want of one."""

    def moved(value: Any) -> Any:
        return place if isinstance(value, torch.device) and value.type == "meta" else value

    for node in module.graph.nodes:
        node.args = torch.fx.node.map_aggregate(node.args, moved)
        node.kwargs = torch.fx.node.map_aggregate(node.kwargs, moved)
    module.recompile()


def _doubles(module: Any) -> list[dict[str, Any]]:
    found: dict[tuple[str, int], None] = {}
    for node in module.graph.nodes:
        made = _is_double(node) and not any(_is_double(source) for source in node.all_input_nodes)
        if node.op == "call_function" and made:
            found[_place_of(node)] = None
    return [{"path": path, "line": line} for path, line in found]


def _is_double(node: Any) -> bool:
    value = node.meta.get("val")
    return isinstance(value, torch.Tensor) and value.dtype is torch.float64 and value.numel() > 1


def _place_of(node: Any) -> tuple[str, int]:
    """The innermost line of the user's code in a node's stack, ("", 0) where there is none."""
    place = ("", 0)
    for text in str(node.meta.get("stack_trace") or node.stack_trace or "").splitlines():
        path, _, rest = text.strip().removeprefix('File "').partition('", line ')
        number = rest.partition(",")[0]
        if number.isdigit() and is_users(path):
            place = (path, int(number))
    return place


def _changed_bytes(module: Any) -> int | None:
    """Bytes of the graph's inputs that it changes; AOT autograd numbers them, and names placeholders by number."""
    metadata = getattr(torch._guards.TracingContext.try_get(), "fw_metadata", None)
    changed = getattr(metadata, "mutated_inp_runtime_indices", None)
    sizes = {node.name: _size(node) for node in module.graph.nodes if node.op == "placeholder"}
    names = [f"arg{index}_1" for index in changed or ()]
    if changed is None or any(name not in sizes for name in names):
        return None
    return sum(sizes[name] for name in names)


def _size(node: Any) -> int:
    value = node.meta.get("val")
    return value.numel() * value.element_size() if isinstance(value, torch.Tensor) else 0


def _dynamo_refusal(error: Exception) -> Refusal:
    """Dynamo's refusal of a full graph: its first line, and the user's line it stopped at."""
    stack = getattr(error, "real_stack", None) or traceback.extract_tb(error.__traceback__)
    place = ("", 0)
    for frame in stack:
        if is_users(frame.filename):
            place = (frame.filename, int(frame.lineno or 0))
    first = " ".join(str(error).split("\n")[0].split())[:300]
    return Refusal(first or type(error).__name__, "", *place)
