import torch
from torch import nn
from torch.utils.data import DataLoader

from breakcheck import Case


class Mean(nn.Module):
    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return (x * 2).mean()


def case() -> Case:
    rows = torch.arange(40.0).reshape(10, 4)
    loader = DataLoader(rows, batch_size=4)  # expect: BC809
    return Case(Mean(), calls=[(batch,) for batch in loader])
