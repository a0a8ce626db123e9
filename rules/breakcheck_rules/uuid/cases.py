# Near misses, odd spellings and declined fixes: linted, never run.
from uuid import uuid4
import torch
from torch import nn
import uuid


class Near(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.name = uuid4()

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        self.request = str(uuid4())  # expect: BC310
        return x


class Names(nn.Module):
    """Further names of the rule; each line is run under Dynamo by benchmarks/names_under_dynamo.py."""

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        uuid.uuid1()  # expect: BC310
        uuid.uuid3(uuid.NAMESPACE_DNS, 'a')  # expect: BC310
        uuid.uuid5(uuid.NAMESPACE_DNS, 'a')  # expect: BC310
        return x
