# Near misses, odd spellings and declined fixes: linted, never run.
import torch
from torch import nn


class Near(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.window = torch.fft.fft(torch.ones(8)).real  # outside the traced region

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = x + torch.fft.fftfreq(8) + self.window
        y = torch.stft(x, 4, return_complex=True)  # expect: BC702
        return y.abs()


class Names(nn.Module):
    """Further names of the rule; each line is run under Dynamo by benchmarks/names_under_dynamo.py."""

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        torch.istft(x, 4)  # expect: BC702
        x.stft(4)  # expect: BC702
        x.istft(4)  # expect: BC702
        return x
