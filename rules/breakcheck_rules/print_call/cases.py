# Near misses, odd spellings and declined fixes: linted, never run.
import torch
from torch import nn


class Near(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.layers = nn.ModuleList()
        self.printer = None

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        if not torch.compiler.is_compiling():
            print("eager")
        for layer in self.layers:
            print(layer)  # expect: BC301
        y = print(x) or x  # expect: BC301
        print(x.add_(1))  # expect: BC301
        self.printer.print(x)
        return y
