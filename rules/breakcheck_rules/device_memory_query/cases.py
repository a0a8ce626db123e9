# Near misses, odd spellings and declined fixes: linted, never run.
import torch
from torch import nn


class Near(nn.Module):
    def forward(self, x: torch.Tensor) -> torch.Tensor:
        if torch.cuda.is_available():
            x = x + 1
        return x * torch.cuda.device_count()  # expect: BC320


class Names(nn.Module):
    """Further names of the rule; each line is run under Dynamo by benchmarks/names_under_dynamo.py."""

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        torch.cuda.max_memory_allocated()  # expect: BC320
        torch.cuda.memory_reserved()  # expect: BC320
        torch.cuda.max_memory_reserved()  # expect: BC320
        torch.cuda.reset_peak_memory_stats()  # expect: BC320
        torch.cuda.memory_stats()  # expect: BC320
        torch.cuda.memory_summary()  # expect: BC320
        return x
