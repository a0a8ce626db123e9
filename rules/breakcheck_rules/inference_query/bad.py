import torch
from torch import nn

from breakcheck import Case


class Mode(nn.Module):
    def forward(self, x: torch.Tensor) -> torch.Tensor:
        if torch.is_inference_mode_enabled():  # expect: BC429
            return x * 2
        return x * 3


def case() -> Case:
    return Case(Mode(), calls=[(torch.randn(4, 8),)])
