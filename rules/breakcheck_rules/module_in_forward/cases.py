# Near misses, odd spellings and declined fixes: linted, never run.
import torch
from torch import nn


class Near(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.proj = nn.Linear(8, 8)  # outside the traced region

    def forward(self, x: torch.Tensor, target: torch.Tensor, affine: bool) -> torch.Tensor:
        x = nn.ReLU()(nn.Softmax(dim=-1)(self.proj(x)))
        x = nn.LayerNorm(8, elementwise_affine=False)(x) + nn.Dropout(0.1)(x)
        x = nn.InstanceNorm1d(8)(x)
        x = torch.nn.Linear(8, 8)(x)  # expect: BC413
        x = nn.GroupNorm(2, 8)(x)  # expect: BC413
        x = nn.GroupNorm(2, 8, affine=affine)(x)
        make = lambda: nn.Linear(8, 8)  # not called
        x = called(lambda: nn.Linear(8, 8))(x)  # expect: BC413
        x = nn.GroupNorm(2, 8, affine=True)(x)  # expect: BC413
        return nn.CrossEntropyLoss()(x, target)


class Made(nn.Module):
    def __init__(self, wide: bool) -> None:
        super().__init__()
        if wide:
            self.first = nn.Linear(8, 8)  # expect: BC413
        self.act = nn.ReLU()
        self.second: nn.Sequential = nn.Sequential(
            nn.Linear(8, 8),  # expect: BC413
            nn.Linear(8, 8),
        )
        self.third: nn.Linear = nn.Linear(8, 8)
        self.fourth = nn.Linear(8, 8)
        if not wide:
            self.first = nn.Linear(8, 8)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.third(self.second(self.first(x)))


class Maker(nn.Module):
    def forward(self, x: torch.Tensor, wide: bool) -> torch.Tensor:
        return Made(wide)(x)


def called(make) -> nn.Module:
    return make()
