# Near misses, odd spellings and declined fixes: linted, never run.
import torch
from torch import nn
from torch.nn import Module


class Outside(nn.Module):
    def __init__(self) -> None:
        nn.Module.__init__(self)  # made before anything is traced

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return x


class Named(Module):
    def __init__(self) -> None:
        super(Named, self).__init__()

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return x


class Short(Module):
    def __init__(self) -> None:
        Module.__init__(self)  # expect: BC455

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return x


class Net(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.outside = Outside()

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.outside(Named()(Short()(x)))
