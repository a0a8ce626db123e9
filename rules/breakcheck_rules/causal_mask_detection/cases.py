# Near misses, odd spellings and declined fixes: linted, never run.
import torch
from torch import nn


class Near(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        layer = nn.TransformerEncoderLayer(8, 2, 16)
        self.layer = layer
        self.encoder = nn.TransformerEncoder(layer, 2)
        self.decoder = nn.TransformerDecoder(nn.TransformerDecoderLayer(8, 2, 16), 2)
        self.both = nn.Transformer(8, 2)

    def forward(self, x: torch.Tensor, y: torch.Tensor, given: torch.Tensor, causal: bool, **options) -> list[torch.Tensor]:
        mask = torch.full((5, 5), float("-inf")).triu(1)
        heads = torch.zeros(4, 5, 5)
        quiet = [
            self.encoder(x),
            self.encoder(x, None),
            self.encoder(x, heads),
            self.encoder(x, mask, None, causal),
            self.encoder(x, src_key_padding_mask=given),
            self.layer(x, mask),
            self.encoder(x, mask, **options),
            self.encoder(x, mask, *(None, False)),
            self.decoder(x, y, memory_mask=mask),
            self.decoder(x, y, mask, None, None, None, False),
            self.both(x, y, memory_mask=mask),
            self.both(x, y, src_mask=mask, src_is_causal=True),
            self.both(x, y, tgt_mask=mask, tgt_is_causal=True),
        ]
        return [
            *quiet,
            self.encoder(x, mask),  # expect: BC120
            self.encoder(x, mask=given),  # expect: BC120
            self.encoder(x, mask, is_causal=None),  # expect: BC120
            self.decoder(x, y, mask),  # expect: BC120
            self.both(x, y, mask),  # expect: BC120
            self.both(x, y, mask, mask, src_is_causal=False),  # expect: BC120
            self.both(x, y, mask, mask),  # expect: BC120
        ]
