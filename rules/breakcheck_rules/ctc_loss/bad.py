import torch
from torch import nn

from breakcheck import Case


class Block(nn.Module):
    def forward(
        self, x: torch.Tensor, targets: torch.Tensor, lengths: torch.Tensor, sizes: torch.Tensor
    ) -> torch.Tensor:
        scores = x.log_softmax(-1)
        return nn.functional.ctc_loss(scores, targets, lengths, sizes) * 2  # expect: BC212


def case() -> Case:
    return Case(
        Block(),
        calls=[
            (torch.arange(24.0).view(4, 1, 6), torch.tensor([[1, 2]]), torch.tensor([4]), torch.tensor([2]))
        ],
    )
