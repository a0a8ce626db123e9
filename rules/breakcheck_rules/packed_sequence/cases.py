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
