# Near misses, odd spellings and declined fixes: linted, never run.
import os
import subprocess
import torch
from torch import nn


class Near(nn.Module):
    def forward(self, x: torch.Tensor) -> torch.Tensor:
        if os.getenv("A") == "1" or os.environ.get("B"):
            x = x + 1
        subprocess.run(["true"], check=True)  # expect: BC313
        return x
