# Near misses, odd spellings and declined fixes: linted, never run.
import statistics

import torch
from torch import nn
from torch.nn import functional as F


class Near(nn.Module):
    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = x + statistics.median([1, 2, 3])
        x = x + torch.cumsum(x, 0) + torch.erf(x)
        first = x.nanmedian()  # expect: BC805
        second = torch.fft.rfft(x)  # expect: BC805
        return x + first + second.abs().sum()


class Names(nn.Module):
    """Further names of the rule; each line is run under Dynamo by benchmarks/names_under_dynamo.py."""

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        i = torch.arange(4)
        m = x.reshape(2, 2)
        torch.bucketize(x, x)  # expect: BC805
        torch.copysign(x, x)  # expect: BC805
        x.copysign(x)  # expect: BC805
        torch.cummin(x, 0)  # expect: BC805
        x.cummin(0)  # expect: BC805
        torch.digamma(x)  # expect: BC805
        x.digamma()  # expect: BC805
        torch.frexp(x)  # expect: BC805
        x.frexp()  # expect: BC805
        torch.gcd(i, i)  # expect: BC805
        i.gcd(i)  # expect: BC805
        torch.heaviside(x, x)  # expect: BC805
        x.heaviside(x)  # expect: BC805
        torch.histc(x)  # expect: BC805
        x.histc()  # expect: BC805
        torch.hypot(x, x)  # expect: BC805
        x.hypot(x)  # expect: BC805
        torch.i0(x)  # expect: BC805
        x.i0()  # expect: BC805
        torch.igamma(x, x)  # expect: BC805
        x.igamma(x)  # expect: BC805
        torch.igammac(x, x)  # expect: BC805
        x.igammac(x)  # expect: BC805
        torch.lcm(i, i)  # expect: BC805
        i.lcm(i)  # expect: BC805
        torch.lgamma(x)  # expect: BC805
        x.lgamma()  # expect: BC805
        torch.logcumsumexp(x, 0)  # expect: BC805
        x.logcumsumexp(0)  # expect: BC805
        x.median()  # expect: BC805
        torch.mode(x)  # expect: BC805
        x.mode()  # expect: BC805
        torch.nanmedian(x)  # expect: BC805
        torch.nextafter(x, x)  # expect: BC805
        x.nextafter(x)  # expect: BC805
        torch.polygamma(1, x)  # expect: BC805
        x.polygamma(1)  # expect: BC805
        torch.renorm(m, 2, 0, 1.0)  # expect: BC805
        m.renorm(2, 0, 1.0)  # expect: BC805
        torch.poisson(x)  # expect: BC805
        torch.searchsorted(x, x)  # expect: BC805
        torch.fft.fft(x)  # expect: BC805
        torch.linalg.cholesky(m)  # expect: BC805
        torch.linalg.det(m)  # expect: BC805
        torch.linalg.qr(m)  # expect: BC805
        torch.linalg.solve(m, m)  # expect: BC805
        F.embedding_bag(i.reshape(2, 2), m)  # expect: BC805
        F.fractional_max_pool2d(x.reshape(1, 2, 2), 1, output_size=1)  # expect: BC805
        F.grid_sample(x.reshape(1, 1, 2, 2), torch.zeros(1, 2, 2, 2))  # expect: BC805
        torch.special.bessel_j0(x)  # expect: BC805
        torch.special.erfcx(x)  # expect: BC805
        torch.special.i0e(x)  # expect: BC805
        torch.special.i1(x)  # expect: BC805
        torch.special.log_ndtr(x)  # expect: BC805
        torch.special.ndtri(x)  # expect: BC805
        torch.special.zeta(x, x)  # expect: BC805
        return x
