# Near misses, odd spellings and declined fixes: linted, never run.
import contextlib

import torch
from torch import nn


class Near(nn.Module):
    def forward(self, x: torch.Tensor, items: list[torch.Tensor]) -> torch.Tensor:
        with contextlib.ExitStack() as stack:
            x = x + 1
        with contextlib.nullcontext(), torch.no_grad():
            x = x + 1
        with contextlib.ExitStack() as several:
            for _ in range(2):
                several.enter_context(torch.no_grad())  # expect: BC403
            x = x + 1
        with contextlib.ExitStack() as late:
            late.push(torch.no_grad())  # expect: BC403
            late.callback(print)  # expect: BC403
        return x
