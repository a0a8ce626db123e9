# Near misses, odd spellings and declined fixes: linted, never run.
import torch
from torch import nn


class Near(nn.Module):
    def forward(self, x: torch.Tensor, name: str) -> torch.Tensor:
        key = f"{name}_{x.shape[0]}_{x.dtype}" + str(x.device) + "%s" % x.dim() + "{}".format(x.size(0))
        if x.shape[0] > 8:
            raise ValueError(str(x) + key)
        self.text = f"mean {x.mean()}"
        rest = 7 % x + x % 2 + x * "a".count("a")
        both = "a" + str(x.dim()) + str() + chr(x.dim()) + name % x.dim()
        self.pair = "%s %s" % (x.dim(), x.mean())  # expect: BC113
        self.more = "%s" % x.mean()  # expect: BC113
        self.last = repr(x)  # expect: BC113
        return x
