# Near misses, odd spellings and declined fixes: linted, never run.
import torch
from torch import nn


class Near(nn.Module):
    def forward(self, x: torch.Tensor, name: str) -> torch.Tensor:
        key = f"{name}_{x.shape[0]}_{x.dtype}" + str(x.device) + "%s" % x.dim() + "{}".format(x.size(0))
        if x.shape[0] > 8:
            raise ValueError(f"{x} is too long for {key}")
        self.text = f"mean {x.mean()}"  # expect: BC113
        self.more = "%s" % x.mean()  # expect: BC113
        self.last = "{}".format(x.mean())  # expect: BC113
        return x
