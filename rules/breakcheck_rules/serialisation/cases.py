# Near misses, odd spellings and declined fixes: linted, never run.
import hashlib
import json
import torch
from torch import nn
import base64
import gzip
import pickle
import zlib


class Near(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.name = json.dumps({"a": 1})

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        key = hashlib.md5(self.name.encode()).hexdigest()  # expect: BC312
        return x + len(key) + self.json.dumps(x)


class Names(nn.Module):
    """Further names of the rule; each line is run under Dynamo by benchmarks/names_under_dynamo.py."""

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        pickle.dumps([1])  # expect: BC312
        base64.b64encode(b'a')  # expect: BC312
        zlib.crc32(b'a')  # expect: BC312
        gzip.compress(b'a')  # expect: BC312
        return x
