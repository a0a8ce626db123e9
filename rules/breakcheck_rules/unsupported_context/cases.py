# Near misses, odd spellings and declined fixes: linted, never run.
import contextlib

import numpy as np
import torch
from torch import nn
from torch.nn.attention import SDPBackend, sdpa_kernel


class Near(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        with torch.device("cpu"):  # outside the traced region
            self.bias = torch.ones(8)

    def forward(self, x: torch.Tensor, device: torch.device | None = None, scope=None) -> torch.Tensor:
        with torch.no_grad(), torch.autocast("cpu"), contextlib.nullcontext():
            x = x + 1
        with sdpa_kernel(SDPBackend.MATH), contextlib.suppress(ValueError):
            x = x + 1
        with torch.profiler.record_function("step"):
            x = x + 1
        with device:
            x = x + 1
        with scope:
            x = x + 1
        with x.device:  # expect: BC401
            x = x + torch.ones(8)
        with torch.no_grad(), torch.backends.cudnn.flags(enabled=False):  # expect: BC401
            x = x + 1
        with torch.backends.cuda.sdp_kernel(enable_flash=False):  # expect: BC401
            x = x + 1
        with np.errstate(all="ignore"):  # expect: BC401
            x = x + 1
        if not torch.compiler.is_compiling():
            with torch.random.fork_rng():
                x = x + torch.rand(8)
        return x
