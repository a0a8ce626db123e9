import torch
from torch import nn
from torch.nn.utils.rnn import pack_padded_sequence

from breakcheck import Case


class Mean(nn.Module):
    def forward(self, x: torch.Tensor, lengths: torch.Tensor) -> torch.Tensor:
        packed = pack_padded_sequence(x, lengths, batch_first=True)  # expect: BC411
        return packed.data.mean(0)


def case() -> Case:
    return Case(Mean(), calls=[(torch.randn(2, 5, 8), torch.tensor([5, 3]))])
