import torch
from torch import nn

from breakcheck import Case


class Scores(nn.Module):
    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return x.log_softmax(-1)


def case() -> Case:
    scores = Scores()
    scores.compile(backend="eager")  # the model is compiled, the loss is not

    def step(
        x: torch.Tensor, targets: torch.Tensor, lengths: torch.Tensor, sizes: torch.Tensor
    ) -> torch.Tensor:
        return nn.functional.ctc_loss(scores(x), targets, lengths, sizes) * 2

    calls = [(torch.arange(24.0).view(4, 1, 6), torch.tensor([[1, 2]]), torch.tensor([4]), torch.tensor([2]))]
    return Case(step, calls=calls, compile=False)
