# Near misses, odd spellings and declined fixes: linted, never run.
import torch
from torch import nn


class Near(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.start = torch.ones(8, requires_grad=True)  # outside the traced region

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = x + torch.zeros(8, requires_grad=False)
        x = torch.nn.Parameter(x, requires_grad=True)  # another rule's
        return x * torch.tensor([1.0] * 8, requires_grad=True)  # expect: BC422
