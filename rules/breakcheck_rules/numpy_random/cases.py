# Near misses, odd spellings and declined fixes: linted, never run.
import numpy as np
import torch
from torch import nn


class Near(nn.Module):
    def forward(self, x: torch.Tensor) -> torch.Tensor:
        noise = torch.from_numpy(np.random.rand(6)) + torch.from_numpy(np.random.uniform(0, 1, size=6))
        noise = noise + torch.from_numpy(np.random.randint(0, 4, (6,)))
        np.random.seed(0)
        if self.training and np.random.rand() < 0.5:  # expect: BC309
            x = x + 1
        order = np.random.permutation(4)  # expect: BC309
        rng = np.random.default_rng(0)  # expect: BC309
        return x[order] + rng.random() + noise  # expect: BC309
