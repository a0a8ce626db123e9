"""What the text of a compiled program says: collectives, copies, callbacks, double precision. No library needed.

Two texts are read. The optimised HLO ("%x = bf16[8,128]{1,0} all-reduce(...)") is after partitioning, so its
collectives are the ones that run. The StableHLO ("stablehlo.add %1, %2 : tensor<8x128xf64>") is before it.
"""

from __future__ import annotations

import re
from collections import Counter

COLLECTIVES = (
    "all-reduce",
    "all-gather",
    "reduce-scatter",
    "all-to-all",
    "collective-permute",
    "ragged-all-to-all",
)
# An asynchronous collective is a start and a done (or an "async-start" wrapping it): the start is the one counted.
_COLLECTIVE = re.compile(
    r"=\s*(?P<shape>\(.*?\)|\S+)\s+(?P<kind>" + "|".join(COLLECTIVES) + r")(?P<phase>-start|-done)?\("
)
_COPY = re.compile(r"=\s*\(?(?P<shape>[a-z0-9]+\[[\d,]*\])\S*\s+(?:copy|copy-start)\(")
_STABLE_CUSTOM = re.compile(r"stablehlo\.custom_call @(?P<target>[\w.$]+)")
_F64 = re.compile(r"tensor<[\dx?]+xf64>")
# Marks of the partitioner and of layouts, which move no data to the host.
_HARMLESS = (
    "Sharding",
    "SPMDFullToShardShape",
    "SPMDShardToFullShape",
    "xla.sdy.",
    "sdy.",
    "annotate_device_placement",
    "LayoutConstraint",
    "AssumeGatherIndicesInBound",
    "mhlo.",
)
_HOST = ("callback", "SendToHost", "RecvFromHost", "infeed", "outfeed")


def collectives(hlo: str) -> dict[str, int]:
    """How often each kind of collective stands in the optimised HLO; an asynchronous pair counts once."""
    counts: Counter[str] = Counter()
    for match in _COLLECTIVE.finditer(hlo):
        if match["phase"] != "-done":
            counts[match["kind"]] += 1
    return dict(sorted(counts.items()))


def copies(hlo: str, shapes: list[str]) -> int:
    """How often the optimised HLO copies a whole array of one of these shapes ("bf16[2048,32,128]")."""
    wanted = set(shapes)
    return sum(1 for match in _COPY.finditer(hlo) if match["shape"] in wanted)


def custom_calls(stablehlo: str) -> dict[str, int]:
    """The custom calls of the StableHLO by target, without the partitioner's own marks."""
    found = Counter(match["target"] for match in _STABLE_CUSTOM.finditer(stablehlo))
    return {target: count for target, count in sorted(found.items()) if not target.startswith(_HARMLESS)}


def host_calls(stablehlo: str) -> dict[str, int]:
    """Those custom calls, sends and feeds that stop at the host."""
    calls = {
        target: count
        for target, count in custom_calls(stablehlo).items()
        if any(word in target for word in _HOST)
    }
    for op in ("send", "recv", "infeed", "outfeed"):
        count = len(re.findall(rf"\"?stablehlo\.{op}\"?[ (]", stablehlo))
        if count:
            calls[op] = count
    return calls


def double_tensors(stablehlo: str) -> int:
    """How many operations make a float64 array; scalars (a Python number before its conversion) don't count."""
    count = 0
    for line in stablehlo.splitlines():
        if (
            line.startswith("#")
            or "func.func" in line
            or "stablehlo.return" in line
            or line.lstrip().startswith("return")
        ):
            continue
        result = line.rsplit("->", 1)[-1] if "->" in line else line.rsplit(" : ", 1)[-1]
        count += bool(_F64.search(result))
    return count


def local_shape(dtype: str, shape: tuple[int, ...]) -> str:
    """A shape as HLO writes it: "bf16[2048,32,128]"."""
    return f"{dtype}[{','.join(str(size) for size in shape)}]"
