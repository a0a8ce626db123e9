# Near misses, odd spellings and declined fixes: linted, never run.
import math

import numpy as np
import torch
from torch import nn


class Near(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.width = int(np.sqrt(64))  # outside the traced region

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = x / math.sqrt(x.shape[0]) + np.sqrt(self.width) + int(x.shape[0] ** 0.5)
        x = x + np.maximum(x.shape[0], 2) + np.log2(x.nonzero().shape[0])
        return x + np.log2(x.size(0))  # expect: BC608
