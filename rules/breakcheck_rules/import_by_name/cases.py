# Near misses, odd spellings and declined fixes: linted, never run.
import importlib.util
import torch
from torch import nn


class Near(nn.Module):
    def forward(self, x: torch.Tensor) -> torch.Tensor:
        import math

        if importlib.util.find_spec("deepspeed") is not None:
            x = x + math.pi
        return x
