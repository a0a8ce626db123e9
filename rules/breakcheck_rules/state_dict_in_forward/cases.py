# Near misses, odd spellings and declined fixes: linted, never run.
import torch
from torch import nn


class Near(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.linear = nn.Linear(8, 8)
        self.saved = self.linear.state_dict()  # outside the traced region
        self.optimizer = torch.optim.SGD(self.linear.parameters(), lr=0.1)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        self.optimizer.state_dict()
        if not torch.compiler.is_compiling():
            self.state_dict()
        for name, value in self.state_dict().items():  # expect: BC453
            x = x + value.sum() * len(name)
        return self.linear(x)
