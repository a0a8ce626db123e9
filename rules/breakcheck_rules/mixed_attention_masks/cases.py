# Near misses, odd spellings and declined fixes: linted, never run.
import torch
import torch.nn.functional as F
from torch import nn


class Near(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.attention = nn.MultiheadAttention(8, 2)
        self.layer = nn.TransformerEncoderLayer(8, 2, 16)
        self.encoder = nn.TransformerEncoder(self.layer, 2)
        self.decoder_layer = nn.TransformerDecoderLayer(8, 2, 16)
        self.decoder = nn.TransformerDecoder(self.decoder_layer, 2)
        self.both = nn.Transformer(8, 2)

    def forward(self, x: torch.Tensor, tokens: torch.Tensor, given: torch.Tensor, **options) -> list[torch.Tensor]:
        pad = tokens == 0
        mask = torch.full((5, 5), float("-inf")).triu(1)
        two = torch.ones(5, 5, dtype=torch.bool).triu(1)
        quiet = [
            self.attention(x, x, x, pad),
            self.attention(x, x, x, pad, attn_mask=two)[0],
            self.attention(x, x, x, given, attn_mask=mask)[0],
            self.attention(x, x, x, attn_mask=mask, **options)[0],
            self.layer(x, mask),
            self.layer(x, two, pad),
            self.layer(x, None, pad),
            self.decoder_layer(x, x, tgt_mask=mask, memory_key_padding_mask=pad),
            self.both(x, x, memory_mask=mask, src_key_padding_mask=pad),
        ]
        return [
            *quiet,
            self.attention(x, x, x, pad, True, mask)[0],  # expect: BC463
            self.attention(x, x, x, mask, attn_mask=two)[0],  # expect: BC463
            self.layer(x, mask, pad),  # expect: BC463
            self.encoder(x, mask, pad, is_causal=True),  # expect: BC463
            self.decoder_layer(x, x, mask, None, pad),  # expect: BC463
            self.decoder(x, x, memory_mask=mask, memory_key_padding_mask=pad),  # expect: BC463
            self.both(x, x, mask, src_key_padding_mask=pad, src_is_causal=True),  # expect: BC463
            self.both(x, x, memory_mask=mask, memory_key_padding_mask=pad),  # expect: BC463
            F.multi_head_attention_forward(  # expect: BC463
                x, x, x, 8, 2, None, None, None, None, False, 0.0, x, None, True, pad, True, mask
            )[0],
        ]
