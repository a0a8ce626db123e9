# Near misses, odd spellings and declined fixes: linted, never run.
import scipy.special
import torch
from torch import nn


class Near(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.table = scipy.special.factorial(3)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return x
