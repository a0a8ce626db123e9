# Near misses, odd spellings and declined fixes: linted, never run.
import torch
from torch import nn
from torch._dynamo import graph_break


class Near(nn.Module):
    def graph_break(self) -> None:
        self.broken = True

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        self.graph_break()
        graph_break()  # expect: BC435
        return x
