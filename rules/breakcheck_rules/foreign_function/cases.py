# Near misses, odd spellings and declined fixes: linted, never run.
import ctypes

import torch
from torch import nn

LIBRARY = ctypes.CDLL(None)
LIBRARY.abs(-1)  # outside the traced region


class Near(nn.Module):
    def forward(self, x: torch.Tensor) -> torch.Tensor:
        address = ctypes.c_void_p(x.data_ptr())  # expect: BC437
        LIBRARY.free(address)  # expect: BC437
        return x * abs(-2)
