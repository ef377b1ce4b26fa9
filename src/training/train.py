"""Trains the harbour model: a small LlamaForCausalLM, in plain PyTorch, on one CPU core or one GPU.

    python3 src/training/train.py --corpus runs/corpus.bin --heldout runs/heldout.bin --out runs/harbour --steps 9000

Stops after --minutes, and goes on from --out/state.pt when it is started again. Writes --out/model.safetensors
(float16, Hugging Face names) and --out/log.jsonl whenever it evaluates. On a CPU start one process a core, each with
WORLD_SIZE, RANK, MASTER_ADDR and MASTER_PORT set (src/cli/train.ts does); their gradients are averaged.
"""
import argparse
import json
import lzma
import math
import os
import struct
import time
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from torch import nn

CONFIG = dict(hidden=128, layers=4, heads=8, kv_heads=4, head_dim=32, inner=384, theta=10000.0, eps=1e-5)
ID_BITS, ANSWER = 0x3FF, 0x8000
POINTING_LAYER = 2
# Answers by kind (code, place, liking, list, rule, conversation): an overwritten place and a list are the hardest to learn.
KIND_WEIGHT = [1.0, 3.0, 1.0, 3.0, 1.0, 1.0, 0.0, 0.0]
LONGEST = 1184


class Norm(nn.Module):
    def __init__(self, size):
        super().__init__()
        self.weight = nn.Parameter(torch.ones(size))

    def forward(self, x):
        x = x.float()
        return x * torch.rsqrt(x.pow(2).mean(-1, keepdim=True) + CONFIG["eps"]) * self.weight


def rotate(x, cos, sin):
    """Half-split RoPE: x [batch, heads, seq, head_dim], cos and sin [batch, 1, seq, head_dim / 2]."""
    a, b = x.chunk(2, -1)
    return torch.cat((a * cos - b * sin, b * cos + a * sin), -1)


class Causal(torch.autograd.Function):
    """Causal softmax attention for a CPU: the queries of a group share one product with their KV head, and the mask is
    added inside it. q [batch, kv_heads, group, seq, head_dim]; k, v [batch, kv_heads, seq, head_dim]."""

    @staticmethod
    def forward(ctx, q, k, v, mask):
        b, n, g, t, d = q.shape
        q, k, v = q.reshape(b * n, g * t, d), k.reshape(b * n, t, d), v.reshape(b * n, t, d)
        p = torch.baddbmm(mask.repeat(g, 1), q, k.transpose(1, 2), alpha=d ** -0.5)
        p = torch.softmax(p, -1)
        ctx.save_for_backward(q, k, v, p)
        return (p @ v).view(b, n, g, t, d)

    @staticmethod
    def backward(ctx, grad):
        q, k, v, p = ctx.saved_tensors
        b, n, g, t, d = grad.shape
        grad = grad.reshape(b * n, g * t, d)
        dp = torch._softmax_backward_data(grad @ v.transpose(1, 2), p, -1, p.dtype).mul_(d ** -0.5)
        return ((dp @ k).view(b, n, g, t, d), (dp.transpose(1, 2) @ q).view(b, n, t, d),
                (p.transpose(1, 2) @ grad).view(b, n, t, d), None)


class Attention(nn.Module):
    def __init__(self):
        super().__init__()
        c = CONFIG
        self.q_proj = nn.Linear(c["hidden"], c["heads"] * c["head_dim"], bias=False)
        self.k_proj = nn.Linear(c["hidden"], c["kv_heads"] * c["head_dim"], bias=False)
        self.v_proj = nn.Linear(c["hidden"], c["kv_heads"] * c["head_dim"], bias=False)
        self.o_proj = nn.Linear(c["heads"] * c["head_dim"], c["hidden"], bias=False)

    def forward(self, x, cos, sin, mask, pointed=None):
        b, t, _ = x.shape
        split = lambda y: y.view(b, t, -1, CONFIG["head_dim"]).transpose(1, 2)
        q, k, v = rotate(split(self.q_proj(x)), cos, sin), rotate(split(self.k_proj(x)), cos, sin), split(self.v_proj(x))
        if pointed is not None:
            pointed.append((q[:, 0] @ k[:, 0].transpose(1, 2)) * CONFIG["head_dim"] ** -0.5 + mask)
        if x.is_cuda:
            group = CONFIG["heads"] // CONFIG["kv_heads"]
            y = F.scaled_dot_product_attention(q, k.repeat_interleave(group, 1), v.repeat_interleave(group, 1), is_causal=True)
        else:
            y = Causal.apply(q.view(b, CONFIG["kv_heads"], -1, t, CONFIG["head_dim"]), k, v, mask).flatten(1, 2)
        return self.o_proj(y.transpose(1, 2).reshape(b, t, -1))


class MLP(nn.Module):
    def __init__(self):
        super().__init__()
        self.gate_proj = nn.Linear(CONFIG["hidden"], CONFIG["inner"], bias=False)
        self.up_proj = nn.Linear(CONFIG["hidden"], CONFIG["inner"], bias=False)
        self.down_proj = nn.Linear(CONFIG["inner"], CONFIG["hidden"], bias=False)

    def forward(self, x):
        return self.down_proj(F.silu(self.gate_proj(x)) * self.up_proj(x))


class Layer(nn.Module):
    def __init__(self):
        super().__init__()
        self.input_layernorm = Norm(CONFIG["hidden"])
        self.self_attn = Attention()
        self.post_attention_layernorm = Norm(CONFIG["hidden"])
        self.mlp = MLP()

    def forward(self, x, *where):
        x = x + self.self_attn(self.input_layernorm(x), *where)
        return x + self.mlp(self.post_attention_layernorm(x))


class Llama(nn.Module):
    """Parameter names under `model.` are those of LlamaForCausalLM; the embedding is also the output matrix."""

    def __init__(self, vocabulary):
        super().__init__()
        self.model = nn.ModuleDict(dict(
            embed_tokens=nn.Embedding(vocabulary, CONFIG["hidden"]),
            layers=nn.ModuleList(Layer() for _ in range(CONFIG["layers"])),
            norm=Norm(CONFIG["hidden"]),
        ))
        for name, p in self.named_parameters():
            if p.dim() == 2:
                scale = 1 / math.sqrt(2 * CONFIG["layers"]) if name.endswith(("o_proj.weight", "down_proj.weight")) else 1
                nn.init.normal_(p, std=0.05 * scale)

    def forward(self, ids, positions=None, pointed=None):
        """positions [batch, seq] if they are not 0, 1, ...; `pointed` receives the logits of one head (see `pointing_loss`)."""
        half, seq = CONFIG["head_dim"] // 2, ids.shape[1]
        inv_freq = CONFIG["theta"] ** (-torch.arange(half, device=ids.device).float() / half)
        positions = torch.arange(seq, device=ids.device)[None] if positions is None else positions
        angle = positions[:, None, :, None].float() * inv_freq
        mask = torch.full((seq, seq), -1e9, device=ids.device).triu(1)
        x = self.model["embed_tokens"](ids)
        for i, layer in enumerate(self.model["layers"]):
            x = layer(x, angle.cos(), angle.sin(), mask, pointed if i == POINTING_LAYER else None)
        return self.model["norm"](x) @ self.model["embed_tokens"].weight.T


class Corpus:
    """The file of corpus.ts (.xz allowed), with names permuted anew within their class each time a document is drawn."""

    def __init__(self, path, device, longest=LONGEST):
        raw = lzma.open(path).read() if str(path).endswith(".xz") else Path(path).read_bytes()
        size = struct.unpack("<I", raw[:4])[0]
        self.header = json.loads(raw[4:4 + size])
        at, self.buckets = 4 + size, []
        for bucket in self.header["buckets"]:
            count = 2 * bucket["length"] * bucket["count"]
            if bucket["length"] <= longest:
                rows = np.frombuffer(raw, np.uint16, count, at).reshape(bucket["count"], 2, bucket["length"])
                self.buckets.append(torch.from_numpy(rows.astype(np.int32)).to(device))
            at += 2 * count
        tokens = torch.tensor([b.numel() for b in self.buckets], dtype=torch.float64)
        self.share = (tokens / tokens.sum()).tolist()
        self.device = device

    def permutations(self, rows):
        table = torch.arange(self.header["vocabulary"], device=self.device).repeat(rows, 1)
        for first, end in self.header["classes"].values():
            table[:, first:end] = torch.rand(rows, end - first, device=self.device).argsort(1) + first
        return table

    def batch(self, rng, tokens):
        bucket = self.buckets[rng.choice(len(self.buckets), p=self.share)]
        drawn = torch.from_numpy(rng.integers(0, len(bucket), max(1, tokens // bucket.shape[2]))).to(self.device)
        rows, sources = bucket[drawn].long().unbind(1)
        return self.permutations(len(rows)).gather(1, rows & ID_BITS), rows, sources

    def positions(self, rows, stop):
        """Positions that jump at some full stops, as if filler had been cut out there, up to LONGEST: distances of a long
        text at the price of a short one (the idea of PoSE, arXiv 2309.10400)."""
        stops = (rows & ID_BITS) == stop
        share = torch.rand(rows.shape, device=rows.device).pow(8) * stops
        share = share / share.sum(1, keepdim=True).clamp(min=1e-9)
        extra = torch.rand(len(rows), 1, device=rows.device) * (LONGEST - rows.shape[1])
        jumps = (share * extra).floor().long().cumsum(1)
        return torch.arange(rows.shape[1], device=rows.device)[None] + F.pad(jumps, (1, 0))[:, :-1]


def loss_of(model, ids, rows, sources, positions, filler_weight, pointing_weight):
    pointed = [] if pointing_weight > 0 else None
    logits = model(ids[:, :-1], positions[:, :-1], pointed).float()
    losses = F.cross_entropy(logits.flatten(0, 1), ids[:, 1:].flatten(), reduction="none")
    target = rows[:, 1:].flatten()
    weight = torch.where(target & ANSWER > 0, 1.0, filler_weight) * (target & ID_BITS > 0)
    weight = weight * torch.where(target & ANSWER > 0, torch.tensor(KIND_WEIGHT, device=ids.device)[(target >> 10) & 7], 1.0)
    loss = (losses * weight).sum() / weight.sum()
    return loss if pointed is None else loss + pointing_weight * pointing_loss(pointed[0], sources[:, 1:])


def pointing_loss(logits, sources):
    """Query head 0 of one layer is told where an answer's token stands in the text. logits [batch, seq, seq]."""
    known = sources > 0
    return F.cross_entropy(logits[known].float(), sources[known] - 1)


class Muon(torch.optim.Optimizer):
    """Momentum whose matrices are orthogonalised by Newton-Schulz steps (K. Jordan, 2024)."""

    def __init__(self, parameters, lr, momentum=0.95):
        super().__init__(parameters, dict(lr=lr, momentum=momentum))

    @torch.no_grad()
    def step(self):
        for group in self.param_groups:
            for p in group["params"]:
                state = self.state[p]
                m = state.setdefault("momentum", torch.zeros_like(p))
                m.lerp_(p.grad, 1 - group["momentum"])
                x = p.grad.lerp(m, group["momentum"])
                tall = x.shape[0] > x.shape[1]
                x = x.T if tall else x
                x = x / (x.norm() + 1e-7)
                for _ in range(5):
                    gram = x @ x.T
                    x = 3.4445 * x + (-4.7750 * gram + 2.0315 * gram @ gram) @ x
                x = x.T if tall else x
                p.mul_(1 - group["lr"] * 0.01).add_(x, alpha=-group["lr"] * max(1, p.shape[0] / p.shape[1]) ** 0.5)


@torch.no_grad()
def evaluate(model, corpus, autocast, limit):
    """Share of answers that are right to the last token, by kind of question and by sequence length."""
    result = {}
    for bucket in corpus.buckets:
        for rows in bucket[:max(1, limit // bucket.shape[2]), 0].split(8):
            rows = rows.long()
            ids, target = rows & ID_BITS, rows[:, 1:]
            with autocast():
                right = model(ids[:, :-1]).argmax(-1) == ids[:, 1:]
            answer = target & ANSWER > 0
            start = answer & ~F.pad(answer, (1, 0))[:, :-1]
            run = start.flatten().cumsum(0) * answer.flatten()
            wrong = torch.zeros(int(run.max()) + 1, device=rows.device).index_add_(0, run, (~right & answer).flatten().float())
            kind = ((target >> 10) & 7).flatten()[start.flatten()].tolist()
            for k, bad in zip(kind, wrong[1:].tolist()):
                key = f"{corpus.header['kinds'][k]}@{bucket.shape[2]}"
                good, n = result.get(key, (0, 0))
                result[key] = (good + (bad == 0), n + 1)
    return {key: round(good / n, 4) for key, (good, n) in sorted(result.items())}


def export(model, path):
    header, blobs, at = {}, [], 0
    for name, p in model.named_parameters():
        blob = p.detach().cpu().half().numpy().tobytes()
        header[name] = {"dtype": "F16", "shape": list(p.shape), "data_offsets": [at, at + len(blob)]}
        blobs.append(blob)
        at += len(blob)
    text = json.dumps({"__metadata__": {"format": "pt"}, **header}).encode()
    text += b" " * (-len(text) % 8)
    path.write_bytes(struct.pack("<Q", len(text)) + text + b"".join(blobs))


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--corpus", required=True)
    parser.add_argument("--heldout", required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--resume", type=Path, help="state.pt to go on from, when it is not --out/state.pt")
    parser.add_argument("--steps", type=int, default=60000)
    parser.add_argument("--until", type=int, help="stop at this step, in the middle of the schedule that --steps describes")
    parser.add_argument("--decay", type=float, default=0.4, help="share of the steps in which the rate falls to 0")
    parser.add_argument("--tokens", type=int, default=4096, help="tokens per step and process")
    parser.add_argument("--longest", type=int, default=LONGEST, help="leave out longer sequences")
    parser.add_argument("--rate", type=float, default=2e-3, help="AdamW: embedding and norms")
    parser.add_argument("--muon-rate", type=float, default=2e-2, help="Muon: the other matrices")
    parser.add_argument("--pointing", type=float, default=0.3, help="weight of the pointing loss at the start")
    parser.add_argument("--pointing-until", type=float, default=0.6, help="share of the steps after which it is 0")
    parser.add_argument("--filler-weight", type=float, default=0.2)
    parser.add_argument("--minutes", type=float, default=1e9)
    parser.add_argument("--evaluate-every", type=int, default=2000)
    parser.add_argument("--evaluate-tokens", type=int, default=60000, help="per sequence length")
    parser.add_argument("--seed", type=int, default=1)
    a = parser.parse_args()

    began = time.time()
    rank, world = int(os.environ.get("RANK", 0)), int(os.environ.get("WORLD_SIZE", 1))
    if world > 1:
        torch.distributed.init_process_group("gloo")
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    if device.type == "cpu":
        torch.set_num_threads(1)
    autocast = lambda: torch.autocast(device.type, torch.bfloat16, enabled=device.type == "cuda")
    torch.backends.cuda.matmul.allow_tf32 = True
    torch.manual_seed(a.seed)

    corpus, heldout = Corpus(a.corpus, device, a.longest), Corpus(a.heldout, device)
    stop = corpus.header["stop"]
    model = Llama(corpus.header["vocabulary"]).to(device)
    matrices = [p for name, p in model.named_parameters() if p.dim() == 2 and "embed" not in name]
    others = [p for name, p in model.named_parameters() if p.dim() == 1 or "embed" in name]
    optimizers = [Muon(matrices, a.muon_rate), torch.optim.AdamW(others, a.rate, betas=(0.9, 0.98), weight_decay=0.0)]
    rates = [a.muon_rate, a.rate]
    a.out.mkdir(parents=True, exist_ok=True)
    state_file, step, seconds = a.out / "state.pt", 0, 0.0
    resume = state_file if state_file.exists() else a.resume
    if resume:
        state = torch.load(resume, map_location=device)
        model.load_state_dict(state["model"])
        for optimizer, saved in zip(optimizers, state["optimizers"]):
            optimizer.load_state_dict(saved)
        step, seconds = state["step"], state["seconds"]
    torch.manual_seed(a.seed + 1000 * rank + step)
    rng = np.random.default_rng([a.seed, rank, step])

    def save():
        torch.save(dict(model=model.state_dict(), optimizers=[o.state_dict() for o in optimizers], step=step,
                        seconds=seconds + time.time() - began), state_file)
        export(model, a.out / "model.safetensors")

    total = torch.zeros((), device=device)
    while step < min(a.steps, a.until or a.steps) and time.time() - began < 60 * a.minutes:
        slow = min(1, (step + 1) / 200, (a.steps - step) / (a.steps * a.decay))
        for optimizer, rate in zip(optimizers, rates):
            optimizer.param_groups[0]["lr"] = rate * slow
        ids, rows, sources = corpus.batch(rng, a.tokens)
        positions = corpus.positions(rows, stop)
        pointing = a.pointing * max(0.0, 1 - step / (a.steps * a.pointing_until))
        with autocast():
            loss = loss_of(model, ids, rows, sources, positions, a.filler_weight, pointing)
        model.zero_grad(set_to_none=True)
        loss.backward()
        if world > 1:
            for p in model.parameters():
                torch.distributed.all_reduce(p.grad)
                p.grad /= world
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        for optimizer in optimizers:
            optimizer.step()
        total += loss.detach()
        step += 1
        if rank == 0 and (step % a.evaluate_every == 0 or step == a.steps):
            row = dict(step=step, minutes=round((seconds + time.time() - began) / 60, 2), slow=round(slow, 4),
                       loss=round(total.item() / a.evaluate_every, 4), right=evaluate(model, heldout, autocast, a.evaluate_tokens))
            total.zero_()
            print(json.dumps(row), flush=True)
            with open(a.out / "log.jsonl", "a") as log:
                log.write(json.dumps(row) + "\n")
            save()
    if rank == 0:
        save()


if __name__ == "__main__":
    main()
