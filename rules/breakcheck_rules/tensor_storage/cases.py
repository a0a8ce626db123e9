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
        if x.is_pinned():  # expect: BC442
            x = x + 1
        return torch.from_dlpack(x)  # expect: BC442
