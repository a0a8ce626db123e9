# Near misses, odd spellings and declined fixes: linted, never run.
from collections import namedtuple

import torch
from torch import nn


class Near(nn.Module):
    class Inner:
        scale = 2

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        pair = namedtuple("pair", "scale")

        def twice(y: torch.Tensor) -> torch.Tensor:
            return y * 2

        if not torch.compiler.is_compiling():

            class Eager:
                scale = 3

            x = x * Eager.scale

        class Act(nn.Module):  # expect: BC461
            def forward(self, y: torch.Tensor) -> torch.Tensor:
                return y + 1

        return Act()(twice(x) * pair(self.Inner.scale).scale)
