# Near misses, odd spellings and declined fixes: linted, never run.
import os
from pathlib import Path
import torch
from torch import nn


class Near(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.w = torch.load("w.pt")

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        name = os.path.join("a", os.path.basename("b")) + os.environ.get("A", "") + str(Path("/tmp") / "a")
        torch.save(x, name)  # expect: BC311
        with open(name) as file:  # expect: BC311
            x = x + len(file.read())
        return x
