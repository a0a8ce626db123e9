# Near misses, odd spellings and declined fixes: linted, never run.
import scipy.special
import torch
from torch import nn
import cv2
import librosa
import numba
import pandas
import PIL.Image
import skimage.filters
import sklearn.preprocessing
import soundfile
import numpy as np


class Near(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.table = scipy.special.factorial(3)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return x


class Names(nn.Module):
    """Further names of the rule; each line is run under Dynamo by benchmarks/names_under_dynamo.py."""

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        a = x.numpy()
        cv2.blur(a, (2, 2))  # expect: BC322
        PIL.Image.new('L', (2, 2))  # expect: BC322
        sklearn.preprocessing.scale(a)  # expect: BC322
        skimage.filters.gaussian(a)  # expect: BC322
        pandas.Series(a)  # expect: BC322
        librosa.stft(a)  # expect: BC322
        soundfile.write('/tmp/names.wav', a, 8000)  # expect: BC322
        numba.njit(np.sum)  # expect: BC322
        return x
