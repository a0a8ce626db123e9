# Near misses, odd spellings and declined fixes: linted, never run.
import torch
from torch import nn


class Near(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.last = torch.zeros(1, 4)
        self.layers = [torch.zeros(1, 4)]

    def forward(self, x: torch.Tensor, parts: list[torch.Tensor]) -> torch.Tensor:
        self.length = 3
        self.other = torch.zeros(1)
        self.flag = bool()
        self.most = torch.stack((self.most, x))
        x = torch.cat((x, x))
        self.most = torch.cat(parts)
        joined = torch.cat((self.last, x))
        self.last = torch.cat((x, x))
        self.last = torch.cat([x, self.last], dim=0)  # expect: BC802
        self.layers[0] = torch.cat((self.layers[0], x))  # expect: BC802
        return joined
