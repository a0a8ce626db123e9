import contextlib

import torch
from torch import nn

from breakcheck import Case


class Quiet(nn.Module):
    def forward(self, x: torch.Tensor) -> torch.Tensor:
        with contextlib.ExitStack() as stack:
            stack.enter_context(torch.no_grad())  # expect: BC403
            return x * 2


def case() -> Case:
    return Case(Quiet(), calls=[(torch.randn(4, 8),)])
