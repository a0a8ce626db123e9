# Near misses, odd spellings and declined fixes: linted, never run.
import torch
from torch import nn


class Near(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.ones(8))  # outside the traced region

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        if isinstance(self.weight, nn.Parameter):
            x = x + 1
        self.other = torch.nn.parameter.Parameter(x)  # expect: BC412
        return x * nn.Parameter(requires_grad=False, data=torch.ones(8))  # expect: BC412
