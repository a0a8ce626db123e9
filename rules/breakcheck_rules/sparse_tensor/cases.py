# Near misses, odd spellings and declined fixes: linted, never run.
import torch
from torch import nn


class Near(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.table = nn.Embedding(4, 8, sparse=True)
        self.count = torch.eye(3).to_sparse().sum().item()  # outside the traced region

    def forward(self, x: torch.Tensor, index: torch.Tensor) -> torch.Tensor:
        x = torch.sparse.mm(x, x) + self.table(index) + x.to_dense() + self.count
        y = torch.sparse_coo_tensor(index, x)  # expect: BC440
        return y + x.to_sparse_csr()  # expect: BC440
