# Near misses, odd spellings and declined fixes: linted, never run.
import torch
from torch import nn
import pdb
import ipdb


class Near(nn.Module):
    def forward(self, x: torch.Tensor) -> torch.Tensor:
        if not torch.compiler.is_compiling():
            breakpoint()
        breakpoint()  # expect: BC315
        pdb.set_trace()  # expect: BC315
        ipdb.set_trace()  # expect: BC315
        input()  # expect: BC315
        return x
