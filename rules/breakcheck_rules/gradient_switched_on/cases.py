# Near misses, odd spellings and declined fixes: linted, never run.
import torch
from torch import nn

OUTSIDE = torch.ones(8)


class Near(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.linear = nn.Linear(8, 8)
        self.start = torch.ones(8).requires_grad_()  # outside the traced region

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        self.linear.weight.requires_grad_(False)
        self.linear.requires_grad_(False)
        before = x + 1
        x.requires_grad_()  # expect: BC421
        before = before + OUTSIDE.requires_grad_()
        x = x + before
        y = x.detach().requires_grad_(False)
        z = x * 2
        z.requires_grad_(True)  # expect: BC421
        return self.linear(y + z)


class Zeroed(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.zeros(1))
        self.register_buffer("zero", torch.zeros(1))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        self.weight.requires_grad_()
        loss = self.zero
        if self.training:
            loss.requires_grad_()  # expect: BC421
        return x + loss


class Bound(nn.Module):
    def forward(self, x: torch.Tensor, options: dict, y: torch.Tensor) -> torch.Tensor:
        x = self.first(x)
        x.requires_grad_()
        options.requires_grad_()
        return x + y

    def first(self, z: torch.Tensor) -> torch.Tensor:
        return z


class Born(nn.Module):
    def forward(self, x: torch.Tensor) -> torch.Tensor:
        start = torch.zeros_like(x, requires_grad=True)  # expect: BC422
        start.requires_grad_(True)  # a leaf already
        self.kept = torch.zeros_like(x, requires_grad=True)  # expect: BC422
        later = torch.zeros_like(x)
        later.requires_grad_()  # expect: BC421
        twice = (x * 2).requires_grad_()  # expect: BC421
        return x + start + self.kept + later + twice
