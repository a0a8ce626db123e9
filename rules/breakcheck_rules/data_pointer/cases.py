# Near misses, odd spellings and declined fixes: linted, never run.
import torch
from torch import nn


class Near(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.aligned = torch.ones(8).data_ptr() % 16 == 0  # outside the traced region

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        seen = [x.data_ptr()]
        if x is self.aligned or len(seen) > 2:
            x = x + 1
        if x.data_ptr() % 16 == 0:  # expect: BC443
            x = x + 1
        return x
