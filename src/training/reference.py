"""Computes in PyTorch, in float32, the logits that the engine is tested against. Started by reference.ts:

    python3 src/training/reference.py --weights model.safetensors --out logits.safetensors < prompts.json

The prompts are a JSON list of lists of token ids. Writes for each of them tokens.N [length] and logits.N [4, vocabulary], those of its
last four positions, all as float32, with the SHA-256 of the weights' file in the metadata.
"""
import argparse
import hashlib
import json
import struct
import sys
from pathlib import Path

import numpy as np
import torch

from train import Llama, read_weights

ROWS = 4


def write(path, tensors, metadata):
    header, at = {"__metadata__": metadata}, 0
    for name, array in tensors.items():
        header[name] = dict(dtype="F32", shape=list(array.shape), data_offsets=[at, at + array.nbytes])
        at += array.nbytes
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(struct.pack("<Q", len(text)) + text + b"".join(array.tobytes() for array in tensors.values()))


@torch.no_grad()
def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--weights", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    a = parser.parse_args()
    raw = a.weights.read_bytes()
    weights = read_weights(a.weights)
    model = Llama(len(weights["model.embed_tokens.weight"]))
    model.load_state_dict(weights)
    tensors = {}
    for n, tokens in enumerate(json.load(sys.stdin)):
        tensors[f"tokens.{n}"] = np.array(tokens, np.float32)
        tensors[f"logits.{n}"] = model(torch.tensor([tokens]))[0, -ROWS:].numpy()
    write(a.out, tensors, dict(weights_sha256=hashlib.sha256(raw).hexdigest(), torch=torch.__version__))
    print(f"{len(tensors) // 2} prompts -> {a.out}")


if __name__ == "__main__":
    main()
