# Near misses, odd spellings and declined fixes: linted, never run.
import torch.utils.data


class DataLoader:
    def __init__(self, rows: list, batch_size: int) -> None:
        self.rows = rows


def train(rows: list, options: dict, whole: bool, size: int) -> None:
    DataLoader(rows, batch_size=4)
    torch.utils.data.DataLoader(rows)
    torch.utils.data.DataLoader(rows, 1)
    torch.utils.data.DataLoader(rows, 4, **options)
    torch.utils.data.DataLoader(rows, 4, drop_last=whole)
    torch.utils.data.DataLoader(rows, batch_sampler=[[0, 1]])
    torch.utils.data.DataLoader(rows, 4, batch_sampler=[[0, 1]])
    torch.utils.data.DataLoader(rows, size)  # expect: BC809
    torch.utils.data.DataLoader(rows, 4, drop_last=False)  # expect: BC809
    torch.utils.data.DataLoader(rows, 4, True)  # expect: BC809
