# Near misses, odd spellings and declined fixes: linted, never run.
import numpy as np
import torch
from numpy import interp
from torch import nn


class Near(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.table = np.interp(np.arange(4), np.arange(4), np.arange(4))  # outside the traced region

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = x + torch.from_numpy(np.cumsum(x.numpy()))
        x = x + torch.from_numpy(np.sqrt(x.numpy()))
        y = interp(x.numpy(), self.table, self.table)  # expect: BC447
        for index, _ in np.ndenumerate(x.numpy()):  # expect: BC447
            x = x + index[0]
        return x + torch.from_numpy(y)


class Names(nn.Module):
    """Further names of the rule; each line is run under Dynamo by benchmarks/names_under_dynamo.py."""

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        a = x.numpy()
        i = a.astype(int)
        m = np.reshape(a, (2, 2))
        np.apply_along_axis(np.sum, 0, a)  # expect: BC447
        np.apply_over_axes(np.sum, m, [0])  # expect: BC447
        np.argpartition(a, 1)  # expect: BC447
        np.array2string(a)  # expect: BC447
        np.array_repr(a)  # expect: BC447
        np.array_str(a)  # expect: BC447
        np.asanyarray(a)  # expect: BC447
        np.asarray_chkfinite(a)  # expect: BC447
        np.asfortranarray(m)  # expect: BC447
        np.asmatrix(m)  # expect: BC447
        np.astype(a, np.int32)  # expect: BC447
        np.base_repr(5)  # expect: BC447
        np.binary_repr(5)  # expect: BC447
        np.bitwise_count(i)  # expect: BC447
        np.block([a, a])  # expect: BC447
        np.bmat([[m, m]])  # expect: BC447
        np.compress([True, False], a)  # expect: BC447
        np.cumulative_prod(a)  # expect: BC447
        np.cumulative_sum(a)  # expect: BC447
        np.delete(a, 0)  # expect: BC447
        np.digitize(a, a)  # expect: BC447
        np.ediff1d(a)  # expect: BC447
        np.einsum_path("ij,jk->ik", m, m)  # expect: BC447
        np.extract(a > 1, a)  # expect: BC447
        np.frombuffer(b"abcdefgh")  # expect: BC447
        np.fromfunction(np.add, (2, 2))  # expect: BC447
        np.fromiter([1.0], float)  # expect: BC447
        np.frompyfunc(abs, 1, 1)  # expect: BC447
        np.fromstring("1 2", sep=" ")  # expect: BC447
        np.histogram_bin_edges(a)  # expect: BC447
        np.insert(a, 0, 1)  # expect: BC447
        np.intersect1d(a, a)  # expect: BC447
        np.isin(a, a)  # expect: BC447
        np.ix_([0], [1])  # expect: BC447
        np.lexsort((a, a))  # expect: BC447
        np.mask_indices(2, np.triu)  # expect: BC447
        np.matrix_transpose(m)  # expect: BC447
        np.matvec(m, a[:2])  # expect: BC447
        np.nanargmax(a)  # expect: BC447
        np.nanargmin(a)  # expect: BC447
        np.nancumprod(a)  # expect: BC447
        np.nancumsum(a)  # expect: BC447
        np.nanmax(a)  # expect: BC447
        np.nanmean(a)  # expect: BC447
        np.nanmedian(a)  # expect: BC447
        np.nanmin(a)  # expect: BC447
        np.nanpercentile(a, 50)  # expect: BC447
        np.nanprod(a)  # expect: BC447
        np.nanquantile(a, 0.5)  # expect: BC447
        np.nanstd(a)  # expect: BC447
        np.nansum(a)  # expect: BC447
        np.nanvar(a)  # expect: BC447
        np.ndindex(2, 2)  # expect: BC447
        np.packbits(i > 1)  # expect: BC447
        np.partition(a, 1)  # expect: BC447
        np.piecewise(a, [a > 1], [1.0])  # expect: BC447
        np.place(a, a > 9, [1.0])  # expect: BC447
        np.poly(a)  # expect: BC447
        np.polyadd(a, a)  # expect: BC447
        np.polyder(a)  # expect: BC447
        np.polydiv(a, a)  # expect: BC447
        np.polyfit(a, a, 1)  # expect: BC447
        np.polyint(a)  # expect: BC447
        np.polymul(a, a)  # expect: BC447
        np.polysub(a, a)  # expect: BC447
        np.polyval(a, 2.0)  # expect: BC447
        np.putmask(a, a > 9, 1.0)  # expect: BC447
        np.ravel_multi_index(([1], [1]), (2, 2))  # expect: BC447
        np.require(a)  # expect: BC447
        np.roots(a)  # expect: BC447
        np.select([a > 1], [a])  # expect: BC447
        np.setdiff1d(a, a)  # expect: BC447
        np.setxor1d(a, a)  # expect: BC447
        np.sort_complex(a)  # expect: BC447
        np.spacing(a)  # expect: BC447
        np.trapezoid(a)  # expect: BC447
        np.trim_zeros(a)  # expect: BC447
        np.union1d(a, a)  # expect: BC447
        np.unique_all(a)  # expect: BC447
        np.unique_counts(a)  # expect: BC447
        np.unique_inverse(a)  # expect: BC447
        np.unique_values(a)  # expect: BC447
        np.unpackbits(np.array([1], dtype=np.uint8))  # expect: BC447
        np.unravel_index(1, (2, 2))  # expect: BC447
        np.unstack(m)  # expect: BC447
        np.unwrap(a)  # expect: BC447
        np.vecdot(a, a)  # expect: BC447
        np.vecmat(a[:2], m)  # expect: BC447
        np.vectorize(abs)  # expect: BC447
        return x
