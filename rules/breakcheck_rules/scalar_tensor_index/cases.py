# Near misses, odd spellings and declined fixes: linted, never run.
import torch
from torch import nn


class Near(nn.Module):
    def forward(self, x: torch.Tensor, ids: torch.LongTensor, n: int) -> torch.Tensor:
        a = x[x[0, 0].long() if n else 0] + x[x.sum() > 0] + [x, x][ids.max()] + x[(x > 0).max()]
        a = x[ids] + x[ids, 0] + x[torch.arange(x.shape[0]), x.argmax(-1)] + x[n] + x[x.argmax(dim=1)]
        a = a + x[n] + x[None]
        return a + x[0, ids.max()]  # expect: BC211


class Ranked(nn.Module):
    def forward(self, x: torch.Tensor, ids: torch.LongTensor, n: int) -> torch.Tensor:
        _, wide = torch.topk(x.view(-1, 8), 2, dim=1)
        _, order = torch.topk(x.view(-1, 8).mean(dim=(0, 1)).unsqueeze(0)[None], 2)
        a = x[:, wide[0]] + x[wide[n]] + x[ids[n]] + x[order[0]] + x[tuple(x.nonzero().t())]
        _, line = torch.topk(x.view(-1, 8).mean(dim=0), 2)
        for step in range(2):
            a = a + x[:, line[step]]  # expect: BC211
        a = a + x[torch.abs(line)] + x[tuple()]
        for place in line:
            a = a + x[place]  # expect: BC211
        first, second = line
        spot = (x == x.max()).nonzero()[0]  # expect: BC201
        a = a + x[first]  # expect: BC211
        return a + second + x[tuple(spot)]  # expect: BC211


class Both(nn.Module):
    def forward(self, x: torch.Tensor, count: int) -> torch.Tensor:
        scores = torch.mean(x.view(2, -1, 4, 8), dim=(1, -1))
        if self.training:
            _, order = torch.topk(torch.mean(scores, dim=0), count)
            picked = torch.stack([scores[:, order[i]] for i in range(count)], dim=-1)  # expect: BC211
        else:
            picked, order = torch.topk(scores, count, dim=1)
            picked = picked + scores[0][order[0]]
        return picked + scores[0][order[0]]


class Unpacked(nn.Module):
    def forward(self, x: torch.Tensor, y: torch.Tensor, z: torch.Tensor) -> list[torch.Tensor]:
        rows, cols = x.shape
        (batch,) = y.size()
        first, *rest = z.shape
        order = x[:, 0].argsort()
        best = y.argmax(0)
        found = [x[order], x[order[1:]], x[z[0].argmax(0)], x[y.long()]]
        found.append(x[order[0]])  # expect: BC211
        found.append(x[best])  # expect: BC211
        y = torch.stack([y, y])
        found.append(x[y.argmax(0)])
        for _ in range(cols):
            rows, cols = z.shape
            found.append(x[z.argmax(0).argmax(0)])  # expect: BC211
        for _ in range(cols):
            rows, cols = x.shape
            found.append(x[x.argmax(0).argmax(0)])
            x = x[None]
        if batch:
            rows, cols = x.shape
        else:
            found.append(x[x.argmax(0).argmax(0)])
        return found
