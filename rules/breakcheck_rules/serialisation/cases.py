# Near misses, odd spellings and declined fixes: linted, never run.
import hashlib
import json
import torch
from torch import nn


class Near(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.name = json.dumps({"a": 1})

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        key = hashlib.md5(self.name.encode()).hexdigest()  # expect: BC312
        return x + len(key) + self.json.dumps(x)
