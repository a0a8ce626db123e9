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


class Names(nn.Module):
    """Further names of the rule; each line is run under Dynamo by benchmarks/names_under_dynamo.py."""

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        warnings.warn_explicit('a', UserWarning, 'a', 1)  # expect: BC303
        warnings.filterwarnings('ignore')  # expect: BC303
        warnings.resetwarnings()  # expect: BC303
        return x
