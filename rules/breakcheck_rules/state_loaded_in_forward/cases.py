# Near misses, odd spellings and declined fixes: linted, never run.
import torch
from torch import nn


class Near(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.linear = nn.Linear(8, 8)
        self.load_state_dict(self.state_dict())  # outside the traced region

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        for name, parameter in self.linear.named_parameters():
            x = x + parameter.sum() * len(name)
        self.load_state_dict({}, strict=False)  # expect: BC438
        return x
