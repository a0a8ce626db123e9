import torch
from torch import nn

from breakcheck import Case


class Model(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.flash = torch.backends.cuda.flash_sdp_enabled()

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        if self.flash:
            return x * 2
        return x * 3


def case() -> Case:
    return Case(Model(), calls=[(torch.randn(4, 8),)])
