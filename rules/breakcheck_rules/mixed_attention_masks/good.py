import torch
from torch import nn

from breakcheck import Case


class Model(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.attention = nn.MultiheadAttention(8, 2, batch_first=True)

    def forward(self, x: torch.Tensor, tokens: torch.Tensor) -> torch.Tensor:
        later = torch.ones(5, 5, dtype=torch.bool).triu(1)
        padding = tokens == 0
        out, _ = self.attention(x, x, x, key_padding_mask=padding, attn_mask=later)
        return out


def case() -> Case:
    return Case(Model(), calls=[(torch.randn(2, 5, 8), torch.tensor([[1, 2, 3, 4, 0], [1, 2, 3, 4, 5]]))])
