# Near misses, odd spellings and declined fixes: linted, never run.
import torch
import torchvision
from torch import nn


class Near(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.head = nn.AdaptiveLogSoftmaxWithLoss(8, 20, [5])

    def forward(self, x: torch.Tensor, at: torch.Tensor, labels: torch.Tensor, options: dict) -> torch.Tensor:
        first, _ = torch.tensor_split(x, 2)
        second, *_ = x.tensor_split([1, 2], dim=1)
        third = torch.tensor_split(x, at)[0]  # expect: BC215
        loss = self.head(x, labels).loss  # expect: BC215
        loss = loss + torch.linalg.lstsq(x, B=x).solution.sum()  # expect: BC215
        hidden, *_ = torch.tensor_split(x, **options)
        kept = torch.ops.torchvision.nms(x, labels, 0.5)  # expect: BC215
        kept = kept + torchvision.ops.nms(x, labels, 0.5)  # expect: BC215
        kept = kept + torchvision.ops.batched_nms(x, labels, at, 0.5)  # expect: BC215
        return first.sum() + second.sum() + third.sum() + loss + hidden + kept


class Names(nn.Module):
    """Further names of the rule; each line is run under Dynamo by benchmarks/names_under_dynamo.py."""

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        torch.tensor_split(x, (x[:2] > 0).long().cumsum(0))  # expect: BC215
        x.tensor_split((x[:2] > 0).long().cumsum(0))  # expect: BC215
        return x
