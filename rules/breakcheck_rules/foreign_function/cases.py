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


class Names(nn.Module):
    """Further names of the rule; each line is run under Dynamo by benchmarks/names_under_dynamo.py."""

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        ctypes.PyDLL(None).Py_IsInitialized()  # expect: BC437
        ctypes.cdll.LoadLibrary('libc.so.6')  # expect: BC437
        ctypes.pythonapi.Py_IsInitialized()  # expect: BC437
        ctypes.cast(0, ctypes.c_void_p)  # expect: BC437
        ctypes.memmove(0, 0, 0)  # expect: BC437
        ctypes.string_at(b'a')  # expect: BC437
        return x
