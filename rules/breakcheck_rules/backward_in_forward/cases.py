# Near misses, odd spellings and declined fixes: linted, never run.
import torch
from torch import nn


class Loss:
    def backward(self, scale: float) -> None:
        self.scale = scale


class Near(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.loss = Loss()

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        self.loss.backward(2.0)
        (x * x).mean().backward(retain_graph=True)  # expect: BC424
        torch.autograd.backward([x.sum()])  # expect: BC424
        return x
