# Near misses, odd spellings and declined fixes: linted, never run.
import torch
from torch import as_tensor, nn


class Near(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.depth = 3
        self.start = torch.as_tensor(3)  # outside the traced region

    def forward(self, x: torch.Tensor, n: int, given: list[float], scale: float) -> torch.Tensor:
        x = x + torch.as_tensor(x) + torch.as_tensor(self.depth) + torch.tensor(n) + torch.as_tensor(2.5)
        x = x + torch.as_tensor(scale)
        for step in range(3):
            x = x + torch.as_tensor(step)  # unrolled: a constant each
        x = x + torch.asarray(n)  # expect: BC605
        x = x + torch.as_tensor([x.shape[0], 3]).sum()  # expect: BC605
        return x + as_tensor(n) + torch.as_tensor(given)  # expect: BC605
