import numpy as np
import torch
from torch import nn

from breakcheck import Case


class Scaled(nn.Module):
    def forward(self, x: torch.Tensor) -> torch.Tensor:
        mantissa, _ = np.frexp(x.numpy())  # expect: BC447
        return torch.from_numpy(mantissa) * 2


def case() -> Case:
    return Case(Scaled(), calls=[(torch.arange(8.0).view(2, 4),)])
