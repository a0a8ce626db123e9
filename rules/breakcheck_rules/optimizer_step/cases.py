# Near misses, odd spellings and declined fixes: linted, never run.
import torch
from torch import nn


class Counter:
    def step(self) -> int:
        return 1


class Near(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.linear = nn.Linear(8, 8)
        self.counter = Counter()
        self.optimizer = torch.optim.AdamW(self.linear.parameters())
        self.optimizer.zero_grad()  # outside the traced region

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        self.linear.zero_grad()
        x = x + self.counter.step() + self.optimizer.param_groups[0]["lr"]
        self.optimizer.state_dict()
        self.optimizer.step()  # expect: BC425
        return self.linear(x)
