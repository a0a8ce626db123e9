"""Serving without recompiles: lengths and batches in buckets, all compiled before the first request.

Shape suffixes: B batch, L prompt tokens padded to a bucket.

Rows of a batch stand at positions of their own, so requests of any length share a batch, and a row that takes no part
in a prefill writes its keys where no token ever looks: requests come and go while the decode step stays one graph.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

import torch
from torch import Tensor

from breakcheck_models.llama.generate import Decoder, Generation


def buckets_up_to(largest: int, smallest: int) -> tuple[int, ...]:
    """Doubling sizes from `smallest`, the last one `largest`."""
    sizes = []
    while smallest < largest:
        sizes.append(smallest)
        smallest *= 2
    return (*sizes, largest)


@dataclass
class Server:
    """Requests of any length and number up to the largest buckets, on a decoder whose cache holds them.

    lengths, batch_sizes: ascending; every combination is compiled by `warm_up`, nothing afterwards.
    """

    decoder: Decoder
    lengths: Sequence[int]
    batch_sizes: Sequence[int] = (1, 2, 4, 8)
    device: torch.device | str = "cpu"
    _warm: bool = field(default=False, init=False)

    @torch.inference_mode()
    def warm_up(self) -> int:
        """Run every bucket once; return how many there are. Dynamo's limit is raised to that number meanwhile."""
        combinations = [(b, n) for b in self.batch_sizes for n in self.lengths]
        config = torch._dynamo.config
        with config.patch(recompile_limit=max(config.recompile_limit, len(combinations) + 1)):
            for batch_size, length in combinations:
                tokens = torch.zeros(batch_size, length, dtype=torch.long, device=self.device)
                lengths = torch.ones(batch_size, dtype=torch.long, device=self.device)
                self.decoder.generate(tokens, lengths, min(2, self.decoder.model.num_slots - length))
        self._warm = True
        return len(combinations)

    @torch.inference_mode()  # as warm_up: tensors made outside it fail the guards of programs compiled inside
    def answer(self, prompts: Sequence[Sequence[int]], max_new_tokens: int) -> list[list[int]]:
        """The continuation of each prompt, all in one batch; raises `ValueError` when no bucket holds them."""
        tokens_BL, lengths_B = self._padded(prompts)
        run: Generation = self.decoder.generate(tokens_BL, lengths_B, max_new_tokens)
        return [row.tolist() for row in run.tokens_BT[: len(prompts)].cpu()]

    @torch.inference_mode()
    def stream(
        self, requests: Iterable[Sequence[int]], max_new_tokens: int
    ) -> Iterator[tuple[int, list[int]]]:
        """`(index, continuation)` of each request as it ends, a new one taking its row at once.

        A request ends after `max_new_tokens`, or at the decoder's end token, which is looked for every
        `eos_interval` steps.
        """
        decoder, rows = self.decoder, self.batch_sizes[-1]
        idle_slot = decoder.model.num_slots - 1
        waiting = deque(enumerate(requests))
        taken: dict[int, tuple[int, int]] = {}  # row to (request, step at which it began)
        token_B1 = torch.zeros(rows, 1, dtype=torch.long, device=self.device)
        positions_B1 = torch.full_like(token_B1, idle_slot)
        history: list[Tensor] = []
        while waiting or taken:
            free = [row for row in range(rows) if row not in taken]
            joining = {row: waiting.popleft() for row in free if waiting}
            if joining:
                first_B1 = self._join(joining, idle_slot, rows)
                at = torch.tensor(list(joining), device=self.device)
                ends = torch.tensor([[len(prompt)] for _, prompt in joining.values()], device=self.device)
                token_B1, positions_B1 = token_B1.clone(), positions_B1.clone()
                token_B1[at], positions_B1[at] = first_B1[at], ends
                taken |= {row: (request, len(history)) for row, (request, _) in joining.items()}
                history.append(token_B1)
            for _ in range(decoder.eos_interval):
                torch.compiler.cudagraph_mark_step_begin()
                token_B1, positions_B1 = decoder.decode(
                    decoder.model, token_B1, positions_B1, decoder.sampling
                )
                # A row that has ended, or is idle, stays in the slot that nobody looks at.
                token_B1, positions_B1 = token_B1.clone(), positions_B1.clamp(max=idle_slot)
                history.append(token_B1)
            done = torch.cat(history, dim=1).cpu()  # the one transfer of the interval
            for row, (request, begin) in list(taken.items()):
                text = done[row, begin:].tolist()[:max_new_tokens]
                if decoder.eos_token in text:
                    text = text[: text.index(decoder.eos_token) + 1]
                elif len(text) < max_new_tokens:
                    continue
                del taken[row]
                positions_B1[row] = idle_slot
                yield request, text

    def _join(self, joining: dict[int, tuple[int, Sequence[int]]], idle_slot: int, rows: int) -> Tensor:
        prompts = {row: prompt for row, (_, prompt) in joining.items()}
        length = self._bucket(max(map(len, prompts.values())), self.lengths, "tokens")
        tokens_BL = torch.zeros(rows, length, dtype=torch.long)
        positions_BL = torch.full((rows, length), idle_slot)
        last_B = torch.zeros(rows, dtype=torch.long)
        for row, prompt in prompts.items():
            tokens_BL[row, : len(prompt)] = torch.tensor(prompt)
            positions_BL[row] = torch.arange(length)
            last_B[row] = len(prompt) - 1
        given = (each.to(self.device) for each in (tokens_BL, positions_BL, last_B))
        decoder = self.decoder
        return decoder.prefill(decoder.model, *given, decoder.sampling).clone()

    def _padded(self, prompts: Sequence[Sequence[int]]) -> tuple[Tensor, Tensor]:
        batch_size = self._bucket(len(prompts), self.batch_sizes, "requests")
        length = self._bucket(max(map(len, prompts)), self.lengths, "tokens")
        tokens_BL = torch.zeros(batch_size, length, dtype=torch.long)
        lengths_B = torch.ones(batch_size, dtype=torch.long)
        for row, prompt in enumerate(prompts):
            tokens_BL[row, : len(prompt)] = torch.tensor(prompt)
            lengths_B[row] = len(prompt)
        return tokens_BL.to(self.device), lengths_B.to(self.device)

    @staticmethod
    def _bucket(size: int, buckets: Sequence[int], what: str) -> int:
        for bucket in buckets:
            if size <= bucket:
                return bucket
        raise ValueError(f"{size} {what} are more than the largest bucket, {buckets[-1]}")
