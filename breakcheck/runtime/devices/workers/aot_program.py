"""One program for one topology: lowered, compiled by libtpu, and what can be read off the result."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import numpy
import torch
from jax.experimental import topologies
from jax.sharding import Mesh, SingleDeviceSharding

from breakcheck.case import Case
from breakcheck.runtime.devices.workers import hlo_text, signatures, trace_sources
from breakcheck.runtime.devices.workers.compiled import compile_error, memory_of
from breakcheck.runtime.devices.workers.lowering import Lowerer, Traced, jit
from breakcheck.runtime.devices.workers.shardings import ShardingError, Table
from breakcheck.runtime.devices.workers.tensor_slots import Slot
from breakcheck.runtime.devices.workers.training import optimizer_state, train_step

_HLO_DTYPE = {
    "bfloat16": "bf16",
    "float32": "f32",
    "float16": "f16",
    "int8": "s8",
    "float64": "f64",
    "int32": "s32",
    "int64": "s64",
}


class Compiler:
    """A case on a topology; the signatures of its calls and the programs of those chosen."""

    def __init__(self, case: Case, request: dict[str, Any]) -> None:
        self.case = case
        self.calls = case.normalized()
        self._signatures = [signatures.signature(call) for call in self.calls]
        if isinstance(case.model, torch.nn.Module):
            case.model.train(case.train)
        extra = {"optimizer": optimizer_state(case)} if case.train else {}
        self.lowerer = Lowerer(case.model, self.calls, extra)
        topology = topologies.get_topology_desc(
            platform="tpu", topology_name=request["topology"]["name"], **request["topology"]["options"]
        )
        self.num_devices = len(topology.devices)
        self.mesh: Mesh | None = None
        self.table: Table | None = None
        self.device = topology.devices[0]
        if request["mesh"]:
            self._shard(topology, request["mesh"])
        self.parameter_bytes = sum(_bytes(slot) for slot in self.lowerer.slots if slot.is_parameter)

    def _shard(self, topology: Any, axes: dict[str, int]) -> None:
        sizes = tuple(axes.values())
        if int(numpy.prod(sizes)) != self.num_devices:
            raise ShardingError(
                f"the mesh {_mesh_text(axes)} has {int(numpy.prod(sizes))} places, the topology {self.num_devices} chips"
            )
        if self.case.sharding is None:
            raise ShardingError(
                "the target declares no sharding for a mesh: give `Case(sharding={pattern: axes})`"
            )
        self.mesh = Mesh(numpy.array(topology.devices).reshape(sizes), tuple(axes))
        self.table = Table(self.case.sharding, self.mesh)

    def signatures(self) -> list[dict[str, Any]]:
        """The distinct signatures of the calls: a program each, however often a call repeats."""
        return signatures.distinct(self.calls, self.case.warmup)

    def chosen(self, programs: str) -> list[int]:
        """The calls whose programs are compiled: of each signature the first, or only the last signature's."""
        return signatures.chosen(self.calls, self.case.warmup, programs)

    def program(self, index: int) -> dict[str, Any]:
        """Everything about the program of call `index`; a refusal is a result too."""
        result: dict[str, Any] = {"call": index, "signature": self._signatures[index]}
        started = time.perf_counter()
        try:
            traced = self._trace(index)
        except ShardingError:
            raise
        except Exception as error:
            result["refused"] = trace_sources.explain(error)
            return result
        result["trace_seconds"] = time.perf_counter() - started
        result["doubles"] = [source.to_dict() for source in trace_sources.doubles(traced.jaxpr.jaxpr)]
        result["changed"] = [traced.slots[i].name for i in traced.changed]
        shardings = self._shardings(traced, index)
        local = [self._local(traced, shardings, i) for i in traced.changed]
        result["changed_bytes_per_chip"] = sum(size for _, size in local)
        # What is changed goes back to where it came from, or it could not be donated.
        outputs = (None,) * traced.num_outputs + tuple(shardings[i] for i in traced.changed)
        if self.mesh is None:
            outputs = shardings[0]
        lowered = jit(traced, shardings, outputs).trace(*traced.avals).lower(lowering_platforms=("tpu",))
        stablehlo = lowered.as_text()
        result["lower_seconds"] = time.perf_counter() - started
        result["double_tensors"] = hlo_text.double_tensors(stablehlo)
        result["custom_calls"] = hlo_text.custom_calls(stablehlo)
        result["host_calls"] = hlo_text.host_calls(stablehlo)
        started = time.perf_counter()
        try:
            compiled = lowered.compile()
        except Exception as error:
            result["compile_error"] = compile_error(error)
            return result
        result["compile_seconds"] = time.perf_counter() - started
        result["memory"] = memory_of(compiled.memory_analysis())
        costs = compiled.cost_analysis() or {}
        result["compiler_flops"] = float(costs.get("flops", 0.0))
        hlo = _text(compiled)
        if hlo is not None:
            result["collectives"] = hlo_text.collectives(hlo)
            big = {shape for shape, size in local if size >= 2**16}
            result["whole_copies"] = hlo_text.copies(hlo, sorted(big))
        if self.table is not None:
            result["uneven"] = sorted(self.table.uneven.values())
        return result

    def _trace(self, index: int) -> Traced:
        remove: Callable[[], None] = lambda: None  # noqa: E731
        if self.table is not None and isinstance(self.case.model, torch.nn.Module):
            remove = self.table.install(self.case.model)
        try:
            if self.case.train:
                return train_step(self.lowerer, self.case, index)
            return self.lowerer.trace(index)
        finally:
            remove()

    def _shardings(self, traced: Traced, index: int) -> list[Any]:
        if self.table is None:
            return [SingleDeviceSharding(self.device)] * len(traced.avals)
        shardings: list[Any] = list(self.table.shardings_of(traced.slots, index))
        unused = self.table.unused()
        if unused:
            raise ShardingError(
                f"rows of the sharding table that match nothing: {', '.join(map(repr, unused))}"
            )
        return shardings

    def _local(self, traced: Traced, shardings: list[Any], i: int) -> tuple[str, int]:
        aval = traced.avals[i]
        shape = shardings[i].shard_shape(aval.shape) if self.mesh is not None else aval.shape
        dtype = _HLO_DTYPE.get(aval.dtype.name, aval.dtype.name)
        return hlo_text.local_shape(dtype, shape), int(numpy.prod(shape)) * aval.dtype.itemsize


def _mesh_text(axes: dict[str, int]) -> str:
    return ",".join(f"{axis}={size}" for axis, size in axes.items())


def _bytes(slot: Slot) -> int:
    return slot.tensor.numel() * slot.tensor.element_size()


def _text(compiled: Any) -> str | None:
    """The optimised HLO; None where the library can't print it (tpu7x with libtpu 0.0.52)."""
    try:
        text: str = compiled.as_text()
        return text or None
    except Exception:
        return None
