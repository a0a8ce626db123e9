# Near misses, odd spellings and declined fixes: linted, never run.
import torch
from torch import nn
from torch.nn.utils import rnn


class Near(nn.Module):
    def forward(self, x: torch.Tensor, lengths: torch.Tensor) -> torch.Tensor:
        x = rnn.pad_sequence([x, x])
        packed = rnn.pack_padded_sequence(x, lengths)  # expect: BC411
        padded, _ = rnn.pad_packed_sequence(packed)  # expect: BC411
        return padded


class Names(nn.Module):
    """Further names of the rule; each line is run under Dynamo by benchmarks/names_under_dynamo.py."""

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        nn.utils.rnn.pack_sequence([x, x])  # expect: BC411
        return x
