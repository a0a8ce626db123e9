import torch
from torch import nn

from breakcheck import Case


class Model(nn.Module):
    def forward(self, x: torch.Tensor) -> torch.Tensor:
        if torch.backends.cuda.flash_sdp_enabled():  # expect: BC456
            return x * 2
        return x * 3


def case() -> Case:
    return Case(Model(), calls=[(torch.randn(4, 8),)])
