# Near misses, odd spellings and declined fixes: linted, never run.
import torch
from torch import nn


class Near(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.start = torch.ones(8, requires_grad=True)  # outside the traced region

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = x + torch.zeros(8, requires_grad=False)
        x = torch.nn.Parameter(x, requires_grad=True)  # another rule's
        return x * torch.tensor([1.0] * 8, requires_grad=True)  # expect: BC422


def start(size: int, requires_grad: bool = True) -> torch.Tensor:
    return torch.zeros(size, requires_grad=requires_grad)  # expect: BC422


def plain(size: int, requires_grad: bool = False) -> torch.Tensor:
    return torch.zeros(size, requires_grad=requires_grad)


class Started(nn.Module):
    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return x + start(8) + plain(8)


class Trained(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.learned = False

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = x + torch.zeros(8, requires_grad=self.learned)
        start = torch.zeros_like(x, requires_grad=self.training)  # expect: BC422
        if self.training:
            start.requires_grad_(True)  # it has a gradient already
        return x + start


CHOSEN = False


def refused(size: int, requires_grad: bool = True) -> torch.Tensor:
    return torch.zeros(size, requires_grad=requires_grad)


class Passed(nn.Module):
    def forward(self, x: torch.Tensor, learned: bool, options, chosen: bool = CHOSEN, *, kept: bool = True, turned: bool = True, lost: bool = False) -> torch.Tensor:
        y = torch.ones(8, requires_grad=x.requires_grad)  # expect: BC422
        y = y + torch.ones(8, requires_grad=learned) + torch.ones(8, requires_grad=lost)
        y = y + torch.ones(8, requires_grad=self.requires_grad) + torch.ones(8, requires_grad=options.training)
        y = y + torch.ones(8, requires_grad=x.is_cuda) + torch.ones(8, requires_grad=len(x.shape) > 1)
        turned = turned and x.shape[0] > 100
        y = y + torch.ones(8, requires_grad=turned)
        y = y + torch.ones(8, requires_grad=chosen) + refused(8, False)
        return x + y + torch.ones(8, requires_grad=kept)  # expect: BC422


class Names(nn.Module):
    """Further names of the rule; each line is run under Dynamo by benchmarks/names_under_dynamo.py."""

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        torch.arange(3.0, requires_grad=True)  # expect: BC422
        torch.empty(3, requires_grad=True)  # expect: BC422
        torch.eye(3, requires_grad=True)  # expect: BC422
        torch.full((3,), 1.0, requires_grad=True)  # expect: BC422
        torch.linspace(0, 1, 3, requires_grad=True)  # expect: BC422
        torch.normal(0.0, 1.0, (3,), requires_grad=True)  # expect: BC422
        torch.rand(3, requires_grad=True)  # expect: BC422
        torch.randn(3, requires_grad=True)  # expect: BC422
        torch.empty_like(x, requires_grad=True)  # expect: BC422
        torch.full_like(x, 1.0, requires_grad=True)  # expect: BC422
        torch.ones_like(x, requires_grad=True)  # expect: BC422
        torch.rand_like(x, requires_grad=True)  # expect: BC422
        torch.randn_like(x, requires_grad=True)  # expect: BC422
        return x
