"""The TPUs that can be compiled for: chips, topologies, and what is known of each.

HBM is what libtpu 0.0.52 says a program may use ("exceeds available HBM (15.75G)"), read by compiling a program too
large for each chip. Bandwidth and peak are Google's published figures, used for limits that are labelled computed.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field

from breakcheck.errors import BreakcheckError

GIB = 2**30


@dataclass(frozen=True)
class Chip:
    """One generation. hbm_gib: usable per device as jax sees it; bandwidth in GB/s and peak in bf16 TFLOP/s per chip.

    devices: jax devices a chip has (tpu7x shows its two halves). shapes: topologies that are offered, smallest first.
    options: what the compiler must be told (v4's and v5p's two cores work as one).
    """

    name: str
    hbm_gib: float
    bandwidth_gb_s: float
    peak_tflops: float
    shapes: tuple[str, ...]
    devices: int = 1
    options: Mapping[str, str] = field(default_factory=dict)


_FLAT = ("1x1", "2x2", "2x4", "4x4", "4x8", "8x8", "8x16", "16x16")
_CUBES = (
    "1x1x1", "2x2x1", "2x2x2", "2x2x4", "2x4x4", "4x4x4", "4x4x8", "4x8x8", "8x8x8",
)  # fmt: skip

CHIPS: dict[str, Chip] = {
    chip.name: chip
    for chip in (
        Chip("v4", 30.75, 1228, 275, _CUBES, options={"chip_config_name": "megacore"}),
        Chip("v5e", 15.75, 819, 197, _FLAT),
        Chip("v5p", 95.73, 2765, 459, _CUBES, options={"chip_config_name": "megacore"}),
        Chip("v6e", 31.24, 1640, 918, _FLAT),
        Chip("tpu7x", 94.74, 7370, 2307, _CUBES, devices=2),
    )
}


@dataclass(frozen=True)
class Topology:
    """A slice of chips of one kind, such as v5e:2x4."""

    chip: Chip
    shape: str

    @property
    def name(self) -> str:
        """As written on the command line and as libtpu takes it."""
        return f"{self.chip.name}:{self.shape}"

    @property
    def num_chips(self) -> int:
        """Chips in the slice."""
        return math.prod(int(size) for size in self.shape.split("x"))

    @property
    def num_devices(self) -> int:
        """Places a mesh must have."""
        return self.num_chips * self.chip.devices

    @property
    def hbm_bytes(self) -> int:
        """Memory that a program may use on each device."""
        return int(self.chip.hbm_gib * GIB)

    @property
    def bandwidth(self) -> float:
        """Bytes per second from the memory of each device."""
        return self.chip.bandwidth_gb_s * 1e9 / self.chip.devices


def parse_topology(text: str) -> Topology:
    """The topology of "v5e:2x4" (a chip alone: its smallest); raises `BreakcheckError` listing those known."""
    name, _, shape = text.partition(":")
    chip = CHIPS.get(name)
    if chip is None:
        raise BreakcheckError(f"unknown TPU {name!r}: known are {', '.join(CHIPS)}")
    shape = shape or chip.shapes[0]
    if shape not in chip.shapes:
        raise BreakcheckError(f"unknown topology {text!r}: for {name} there are {', '.join(chip.shapes)}")
    return Topology(chip, shape)


def parse_mesh(text: str | None, topology: Topology) -> dict[str, int]:
    """The mesh of "data=2,model=8", {} when none is given; raises `BreakcheckError` where it does not fill the slice."""
    if not text:
        return {}
    axes: dict[str, int] = {}
    for part in text.split(","):
        axis, _, size = part.partition("=")
        if not axis.strip().isidentifier() or not size.strip().isdigit() or int(size) < 1:
            raise BreakcheckError(f"--mesh {text}: write it as data=2,model=8")
        if axis.strip() in axes:
            raise BreakcheckError(f"--mesh {text}: the axis {axis.strip()} is named twice")
        axes[axis.strip()] = int(size)
    places = math.prod(axes.values())
    if places != topology.num_devices:
        raise BreakcheckError(
            f"--mesh {text} has {places} places, {topology.name} has {topology.num_devices}: they must be equal"
        )
    return axes


def smallest_that_holds(chip: Chip, total_bytes: int) -> Topology | None:
    """The smallest slice whose memory together holds `total_bytes`, None when none does: a lower bound, computed."""
    for shape in chip.shapes:
        topology = Topology(chip, shape)
        if topology.hbm_bytes * topology.num_devices >= total_bytes:
            return topology
    return None
