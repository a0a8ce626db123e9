# Near misses, odd spellings and declined fixes: linted, never run.
import sys
import torch
from torch import nn
import io


class Near(nn.Module):
    def forward(self, x: torch.Tensor) -> torch.Tensor:
        if sys.version_info >= (3, 10) and sys.maxsize > 2:
            x = x + 1
        sys.stderr.flush()  # expect: BC304
        return x


class Names(nn.Module):
    """Further names of the rule; each line is run under Dynamo by benchmarks/names_under_dynamo.py."""

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        stream = io.TextIOWrapper(io.BytesIO())
        stream.write('a')  # expect: BC304
        stream.flush()  # expect: BC304
        return x
