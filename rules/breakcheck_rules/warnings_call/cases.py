# Near misses, odd spellings and declined fixes: linted, never run.
import warnings
from warnings import warn
import torch
from torch import nn


class Near(nn.Module):
    def forward(self, x: torch.Tensor) -> torch.Tensor:
        if self.training and not torch.compiler.is_compiling():
            warn("eager")
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # expect: BC303
            x = x + 1
        warn("always")  # expect: BC303
        return x
