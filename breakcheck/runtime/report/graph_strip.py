"""The captured graphs in the order they were compiled, ready to be drawn as a strip."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

COLOURS = 8
DENSE = 20


@dataclass(frozen=True)
class GraphBlock:
    """One graph of the strip. again: compiled anew for a frame that had a graph. share: width, 1 for one op."""

    number: int
    colour: int
    function: str
    file: str
    line: int
    ops: int
    top_ops: str
    call: int
    again: bool
    seconds: float
    share: float
    lines: Mapping[str, Sequence[int]]
    rank: str = ""


@dataclass(frozen=True)
class CallGraphs:
    """The graphs that one call compiled, on one rank where there are several."""

    rank: str
    call: int
    warmup: bool
    blocks: tuple[GraphBlock, ...]

    @property
    def dense(self) -> bool:
        """Whether there are too many to fill one line."""
        return len(self.blocks) > DENSE


def graph_blocks(graphs: Sequence[Mapping[str, Any]]) -> tuple[GraphBlock, ...]:
    """The graphs of a report as blocks, numbered from 1; widths grow with the logarithm of the op count."""
    blocks = []
    for number, graph in enumerate(graphs, 1):
        ops = int(graph.get("op_count") or 0)
        counted = Counter(str(name) for name in graph.get("ops", ()))
        top = ", ".join(f"{name} ×{n}" if n > 1 else name for name, n in counted.most_common(4))
        compile_id = str(graph.get("id", ""))
        blocks.append(
            GraphBlock(
                number=number,
                colour=(number - 1) % COLOURS,
                function=str(graph.get("function") or "?"),
                file=str(graph.get("file") or ""),
                line=int(graph.get("first_line") or 0),
                ops=ops,
                top_ops=top,
                call=int(graph.get("call") or 0),
                again=not compile_id.endswith("/0") and "/" in compile_id,
                seconds=float(graph.get("compile_seconds") or 0.0),
                share=round(1 + math.log2(max(ops, 1)), 2),
                lines={str(file): [int(n) for n in lines] for file, lines in graph.get("lines", {}).items()},
                rank=str(graph.get("rank") or ""),
            )
        )
    return tuple(blocks)


def by_call(blocks: Sequence[GraphBlock], warmup: int) -> tuple[CallGraphs, ...]:
    """The blocks grouped by the rank and call that compiled them."""
    calls: dict[tuple[str, int], list[GraphBlock]] = {}
    for block in blocks:
        calls.setdefault((block.rank, block.call), []).append(block)
    ordered = sorted(calls.items(), key=lambda pair: (len(pair[0][0]), *pair[0]))  # rank 10 after rank 9
    return tuple(CallGraphs(rank, call, call < warmup, tuple(group)) for (rank, call), group in ordered)
