# Near misses, odd spellings and declined fixes: linted, never run.
import torch
from torch import nn


class Near(nn.Module):
    def forward(self, x: torch.Tensor, numbers: list[float], names: list) -> torch.Tensor:
        y = torch.as_tensor(x) + torch.as_tensor(numbers) + torch.as_tensor(names) + torch.Tensor(x)
        y = y + torch.tensor([x.min(), x.max()]) + torch.stack([x, x]) + torch.as_tensor([])
        y = y + torch.LongTensor(2, 3) + torch.as_tensor([1.0, x.shape[0]]) + torch.as_tensor(data=numbers)
        y = y + torch.LongTensor(*[x.long()])
        y = y + torch.as_tensor([x.min(), 1.0])  # expect: BC466
        y = y + torch.as_tensor((x[0], x[1]), device=x.device)  # expect: BC466
        y = y + torch.as_tensor([[x.min()], [x.max()]])  # expect: BC466
        y = y + torch.as_tensor([row.sum() for row in x])  # expect: BC466
        return y + torch.asarray([1.0, x.max()])  # expect: BC466


class Names(nn.Module):
    """Further names of the rule; each line is run under Dynamo by benchmarks/names_under_dynamo.py."""

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        n = x.argmax()
        torch.asarray([x.sum()])  # expect: BC466
        x.new([x.sum()])  # expect: BC466
        torch.Tensor([x.sum()])  # expect: BC466
        torch.FloatTensor([x.sum()])  # expect: BC466
        torch.DoubleTensor([x.sum().double()])  # expect: BC466
        torch.HalfTensor([x.sum().half()])  # expect: BC466
        torch.BFloat16Tensor([x.sum().bfloat16()])  # expect: BC466
        torch.LongTensor([n])  # expect: BC466
        torch.IntTensor([n.int()])  # expect: BC466
        torch.ShortTensor([n.short()])  # expect: BC466
        torch.CharTensor([n.to(torch.int8)])  # expect: BC466
        torch.ByteTensor([n.byte()])  # expect: BC466
        torch.BoolTensor([n > 1])  # expect: BC466
        return x
