# Near misses, odd spellings and declined fixes: linted, never run.
import torch_xla.distributed.spmd as xs
import torch_xla.distributed.spmd.xla_sharding as inner
from torch_xla.distributed.spmd import Mesh


class Plot:
    def Mesh(self) -> None:
        pass


def train() -> None:
    Plot().Mesh()
    data = Mesh(range(8), (8,), ("data",))
    both = xs.Mesh(range(8), (2, 4), ("data", "model"))  # expect: BC808
    other = xs.HybridMesh(ici_mesh_shape=(2, 4))  # expect: BC808
    third = inner.Mesh(range(8), (8,), ("data",))  # expect: BC808
    print(data, both, other, third)
