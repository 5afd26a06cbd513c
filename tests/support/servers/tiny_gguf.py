"""Writes a llama of random weights, for llama.cpp: `python tiny_gguf.py tiny.gguf [--no-bos]` (needs `gguf`).

It says nothing sensible, but always the same, in printable text: its tokens are the printable characters and some
words. The single bytes are there, as the tokenizer wants them, but all but never said.
"""

from __future__ import annotations

import sys

import gguf
import numpy as np

LAYERS, WIDTH, HEADS, INNER, CONTEXT = 2, 64, 4, 128, 2048
SPREAD = 4.0  # standard deviation of the logits: far enough from even, far enough from certain
NEVER = np.array([-30.0, *[0.0] * (WIDTH - 1)], np.float32)
SPECIAL = ("<unk>", "<s>", "</s>", "<PRE>", "<SUF>", "<MID>")
WORDS = ("▁", "Yes", "No", "True", "False", "Positive", "Negative")
TEMPLATE = "{% for m in messages %}{{ m['role'] }}: {{ m['content'] }}\n{% endfor %}assistant:"


def vocabulary() -> list[tuple[str, float, int]]:
    """Gives (token, score, type); a word is merged from its beginnings, the longest with the best score."""
    kinds = gguf.TokenType
    bytes_ = [(f"<0x{byte:02X}>", 0.0, kinds.BYTE) for byte in range(256)]
    letters = dict.fromkeys([*map(chr, range(33, 127)), "▁"])
    beginnings = dict.fromkeys(word[:end] for word in WORDS for end in range(2, len(word) + 1))
    special = [(token, 0.0, kinds.UNKNOWN if token == "<unk>" else kinds.CONTROL) for token in SPECIAL]
    pieces = [(piece, float(len(piece)), kinds.NORMAL) for piece in (*letters, *beginnings)]
    return [*special, *bytes_, *pieces]


def main(path: str, bos: bool) -> None:
    """Writes the file; with `bos` every text begins with the token for it, as most models want."""
    random, words = np.random.default_rng(0), vocabulary()

    def drawn(*shape: int) -> np.ndarray:
        return (random.standard_normal(shape) / np.sqrt(shape[-1])).astype(np.float32)

    embedded, head = drawn(len(words), WIDTH) * 4, drawn(len(words), WIDTH) * np.float32(SPREAD)
    # The first dimension is nearly the same in every state, so that it can weigh against tokens.
    embedded[:, 0], head[:, 0] = 4, 0
    head[[kind not in (gguf.TokenType.NORMAL, gguf.TokenType.CONTROL) for _, _, kind in words]] = NEVER
    tensors = {
        "token_embd.weight": embedded,
        "output_norm.weight": np.ones(WIDTH, np.float32),
        "output.weight": head,
    }
    for layer in range(LAYERS):
        block = f"blk.{layer}."
        for name in ("attn_norm", "ffn_norm"):
            tensors[f"{block}{name}.weight"] = np.ones(WIDTH, np.float32)
        for name in ("attn_q", "attn_k", "attn_v", "attn_output"):
            tensors[f"{block}{name}.weight"] = drawn(WIDTH, WIDTH)
        tensors[f"{block}ffn_gate.weight"] = drawn(INNER, WIDTH)
        tensors[f"{block}ffn_up.weight"] = drawn(INNER, WIDTH)
        tensors[f"{block}ffn_down.weight"] = drawn(WIDTH, INNER)
        for name in ("attn_output", "ffn_down"):
            tensors[f"{block}{name}.weight"][0] = 0

    file = gguf.GGUFWriter(path, "llama")
    file.add_name("tiny")
    file.add_context_length(CONTEXT)
    file.add_embedding_length(WIDTH)
    file.add_block_count(LAYERS)
    file.add_feed_forward_length(INNER)
    file.add_head_count(HEADS)
    file.add_head_count_kv(HEADS)
    file.add_layer_norm_rms_eps(1e-5)
    file.add_rope_dimension_count(WIDTH // HEADS)
    file.add_vocab_size(len(words))
    file.add_tokenizer_model("llama")
    file.add_token_list([token for token, _, _ in words])
    file.add_token_scores([score for _, score, _ in words])
    file.add_token_types([kind for _, _, kind in words])
    file.add_unk_token_id(0)
    file.add_bos_token_id(1)
    file.add_eos_token_id(2)
    file.add_add_bos_token(bos)
    for name, token in (("prefix", 3), ("suffix", 4), ("middle", 5)):
        file.add_uint32(f"tokenizer.ggml.{name}_token_id", token)
    file.add_chat_template(TEMPLATE)
    for name, tensor in tensors.items():
        file.add_tensor(name, tensor)
    file.write_header_to_file()
    file.write_kv_data_to_file()
    file.write_tensors_to_file()
    file.close()


if __name__ == "__main__":
    main(sys.argv[1], bos="--no-bos" not in sys.argv[2:])
