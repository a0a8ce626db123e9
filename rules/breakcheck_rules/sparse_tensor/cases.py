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
        dense = index * 2.0
        x = x + torch.spmm(dense, x) + torch.spmm(mat2=x, mat1=x)
        x = x + torch.spmm(index, x)  # expect: BC440
        y = torch.sparse_coo_tensor(index, x)  # expect: BC440
        return y + x.to_sparse_csr()  # expect: BC440


class Names(nn.Module):
    """Further names of the rule; each line is run under Dynamo by benchmarks/names_under_dynamo.py."""

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        i = torch.arange(4)
        rows = torch.tensor([0, 2, 4])
        columns = torch.tensor([0, 1, 0, 1])
        square = x.reshape(2, 2)
        blocks = x.reshape(1, 2, 2)
        one = torch.tensor([0, 1])
        zero = torch.tensor([0])
        x.to_sparse_coo()  # expect: BC440
        square.to_sparse_csc()  # expect: BC440
        square.to_sparse_bsr((1, 1))  # expect: BC440
        square.to_sparse_bsc((1, 1))  # expect: BC440
        torch.sparse_csr_tensor(rows, columns, x)  # expect: BC440
        torch.sparse_csc_tensor(rows, columns, x)  # expect: BC440
        torch.sparse_bsr_tensor(one, zero, blocks)  # expect: BC440
        torch.sparse_bsc_tensor(one, zero, blocks)  # expect: BC440
        torch.sparse_compressed_tensor(rows, columns, x, layout=torch.sparse_csr)  # expect: BC440
        torch.sparse.FloatTensor(2, 2)  # expect: BC440
        torch.sparse.LongTensor(2, 2)  # expect: BC440
        torch.sparse.DoubleTensor(2, 2)  # expect: BC440
        return x
