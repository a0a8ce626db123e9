import logging

import torch
from torch import nn

from breakcheck import Case

logger = logging.getLogger(__name__)


class Block(nn.Module):
    def forward(self, x: torch.Tensor) -> torch.Tensor:
        y = x * 2
        if not torch.compiler.is_compiling():
            logger.info("shape %s", y.shape)
        return y + 1


def case() -> Case:
    return Case(Block(), calls=[(torch.randn(4, 8),)])
