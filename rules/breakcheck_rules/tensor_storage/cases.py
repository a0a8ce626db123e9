# Near misses, odd spellings and declined fixes: linted, never run.
import torch
from torch import nn


class Near(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.offset = torch.ones(8).storage_offset()  # outside the traced region

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        if x.is_contiguous() and x.stride(0) == 8 and x.nbytes > 8 and x.element_size() == 4:
            x = x + self.offset
        x = x[1:] + x.storage_offset()
        if x.is_pinned():  # expect: BC442
            x = x + 1
        return torch.from_dlpack(x)  # expect: BC442


class Names(nn.Module):
    """Further names of the rule; each line is run under Dynamo by benchmarks/names_under_dynamo.py."""

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x.storage()  # expect: BC442
        x.share_memory_()  # expect: BC442
        x.is_shared()  # expect: BC442
        torch.utils.dlpack.to_dlpack(x)  # expect: BC442
        torch.utils.dlpack.from_dlpack(x)  # expect: BC442
        return x
