import torch
from torch import nn

from breakcheck import Case


class Restored(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.linear = nn.Linear(8, 8)
        self.saved = {name: value.clone() for name, value in self.linear.state_dict().items()}

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        self.linear.load_state_dict(self.saved)  # expect: BC438
        return self.linear(x)


def case() -> Case:
    return Case(Restored(), calls=[(torch.randn(4, 8),)])
