"""One decode step as a CUDA graph: a token costs one launch.

Shape suffixes: B batch, S slots.
"""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor

Step = Callable[[Tensor, Tensor], tuple[Tensor, Tensor]]


class GraphedStep:
    """A decode step captured once; each `replay` reads its token and position where the last one left them.

    step: `(token_B1, positions_B1) -> (next token, next positions)`, free of transfers to the host.
    """

    def __init__(self, step: Step, batch_size: int, num_slots: int, device: torch.device | str) -> None:
        self.token_B1 = torch.zeros(batch_size, 1, dtype=torch.long, device=device)
        self.positions_B1 = torch.zeros(batch_size, 1, dtype=torch.long, device=device)
        self.history_BS = torch.zeros(batch_size, num_slots, dtype=torch.long, device=device)
        stream = torch.cuda.Stream()
        stream.wait_stream(torch.cuda.current_stream())
        with torch.cuda.stream(stream):
            for _ in range(3):
                self._once(step)
        torch.cuda.current_stream().wait_stream(stream)
        self.graph = torch.cuda.CUDAGraph()
        with torch.cuda.graph(self.graph):
            self._once(step)

    def _once(self, step: Step) -> None:
        token_B1, positions_B1 = step(self.token_B1, self.positions_B1)
        self.history_BS.scatter_(1, positions_B1, token_B1)
        self.token_B1.copy_(token_B1)
        self.positions_B1.copy_(positions_B1)

    def start(self, token_B1: Tensor, positions_B1: Tensor) -> None:
        """Continue from this token at this position."""
        self.token_B1.copy_(token_B1)
        self.positions_B1.copy_(positions_B1)
        self.history_BS.scatter_(1, positions_B1, token_B1)

    def replay(self) -> None:
        """Generate the next token, into `history_BS` at its position."""
        self.graph.replay()
