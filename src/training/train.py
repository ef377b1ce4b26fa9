"""Trains the harbour model: a small LlamaForCausalLM, in plain PyTorch, on one CPU core or one GPU.

    python3 src/training/train.py --corpus runs/corpus.bin --heldout runs/heldout.bin --out runs/harbour --steps 9000

Stops after --minutes, and goes on from --out/state.pt when it is started again. Writes --out/model.safetensors
(float16, Hugging Face names) and --out/log.jsonl whenever it evaluates. Several processes (WORLD_SIZE, RANK, MASTER_ADDR and MASTER_PORT)
average their gradients. What is taught about attention beside the next token is in `Lesson`.
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
# The tokens of an answer that one row of a question may look for at once.
SPREAD = 12
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


class Attention(nn.Module):
    def __init__(self):
        super().__init__()
        c = CONFIG
        self.q_proj = nn.Linear(c["hidden"], c["heads"] * c["head_dim"], bias=False)
        self.k_proj = nn.Linear(c["hidden"], c["kv_heads"] * c["head_dim"], bias=False)
        self.v_proj = nn.Linear(c["hidden"], c["kv_heads"] * c["head_dim"], bias=False)
        self.o_proj = nn.Linear(c["heads"] * c["head_dim"], c["hidden"], bias=False)

    def forward(self, x, cos, sin, lesson=None):
        """lesson: what this layer is taught beside the next token, see `Lesson`"""
        b, t, _ = x.shape
        group = CONFIG["heads"] // CONFIG["kv_heads"]
        split = lambda y: y.view(b, t, -1, CONFIG["head_dim"]).transpose(1, 2)
        q, k, v = rotate(split(self.q_proj(x)), cos, sin), rotate(split(self.k_proj(x)), cos, sin), split(self.v_proj(x))
        y = F.scaled_dot_product_attention(q, k.repeat_interleave(group, 1), v.repeat_interleave(group, 1), is_causal=True)
        if lesson is not None:
            y = lesson.drop(y)
            lesson.look(q, k)
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

    def forward(self, ids, positions=None, lessons=None):
        """positions [batch, seq] if they are not 0, 1, ...; lessons: one `Lesson` or None for each layer"""
        half, seq = CONFIG["head_dim"] // 2, ids.shape[1]
        inv_freq = CONFIG["theta"] ** (-torch.arange(half, device=ids.device).float() / half)
        positions = torch.arange(seq, device=ids.device)[None] if positions is None else positions
        angle = positions[:, None, :, None].float() * inv_freq
        x = self.model["embed_tokens"](ids)
        for i, layer in enumerate(self.model["layers"]):
            x = layer(x, angle.cos(), angle.sin(), lessons[i] if lessons else None)
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


class Rows:
    """What each row of a batch is for, all [batch, seq]: rows that predict a word which the text tells (`known`, told at `source`), the row
    before the first of them, at the question's last word (`early`), rows that ask nothing (`ordinary`), and stretches from one answer to the next."""

    def __init__(self, rows, sources, early):
        target = rows[:, 1:]
        after = lambda x: F.pad(x, (1, 0))[:, :-1]
        before = lambda x: F.pad(x, (0, 1))[:, 1:]
        self.answer = target & ANSWER > 0
        self.padded = target & ID_BITS == 0
        self.known = sources[:, 1:] > 0
        self.start = self.known & self.answer & ~after(self.answer)
        self.early = before(self.start) & early
        self.source = (sources[:, 1:] + self.early * before(sources[:, 1:]) - 1).clamp(min=0)
        self.whole = self.answers(sources[:, 1:] * self.known)
        self.ordinary = ~(self.answer | self.padded | self.early)
        self.ordinary[:, 0] = False
        self.stretch = (~self.answer & after(self.answer)).cumsum(1)
        begins = self.answer & ~after(self.answer)
        self.asking = self.answer | (F.max_pool1d(F.pad(begins.float(), (0, 8))[:, None], 9, 1)[:, 0] > 0)
        # The attention of a part of the rows is looked at: all that point while they fit, and some that ask nothing.
        wish = torch.rand(target.shape, device=rows.device) * ~self.padded + 2 * (self.known | self.early)
        self.looked = wish.topk(max(8, target.shape[1] // 8), 1).indices.sort(1).values

    def answers(self, told):
        """[batch, seq, SPREAD]: for the rows that ask (`early`, `start`) where each token of the answer is told, -1 elsewhere; told: 1-based, 0 for none"""
        ahead = F.pad(told, (0, SPREAD + 1)).unfold(1, SPREAD + 1, 1)[:, :told.shape[1]]
        here, next = ahead[..., :-1], ahead[..., 1:]
        of = torch.where(self.start[..., None], here, next)
        return torch.where((of > 0).cumprod(-1).bool() & (self.start | self.early)[..., None], of, 0) - 1


class Lesson:
    """What one layer is taught about its attention. A sink: rows that ask nothing rest on <bos>. Pointing: the first query head of every KV
    head looks at the word that answers, and the second, while the question is asked, at all words of the answer. All are hinges, so that no head must be certain. Evenness: keys of all words are about as long, so that
    length alone says nothing. And redundancy: in the rows of questions and answers each KV head falls silent now and then, for a whole question,
    so that no single one may decide; and each reading layer as a whole, so that the other must be able to answer alone."""

    def __init__(self, rows, losses, sink, sink_share, point, point_share, drop, even, silent):
        """silent [batch, stretch]: questions in which the whole layer is silent"""
        self.rows, self.losses, self.drop_chance, self.even, self.silent = rows, losses, drop, even, silent
        self.sink, self.sink_floor, self.point, self.point_floor = sink, math.log(sink_share), point, math.log(point_share)

    def drop(self, y):
        """y [batch, heads, seq, head_dim]"""
        if self.drop_chance == 0:
            return y
        kv_heads, rows = CONFIG["kv_heads"], self.rows
        b, heads, t, _ = y.shape
        silent = torch.rand(b, kv_heads, int(rows.stretch.max()) + 1, device=y.device) < self.drop_chance
        silent = silent | self.silent[:, None]
        silent = silent.gather(2, rows.stretch[:, None].expand(b, kv_heads, t)) & rows.asking[:, None]
        return y * ~silent.repeat_interleave(heads // kv_heads, 1)[..., None]

    def look(self, q, k):
        b, heads, t, d = q.shape
        n, at = CONFIG["kv_heads"], self.rows.looked
        if self.even > 0:
            self.losses.append(self.even * self.unevenness(k))
        pick = lambda x: x.gather(1, at)
        some = q.gather(2, at[:, None, :, None].expand(b, heads, at.shape[1], d)).view(b, n, -1, d)
        logits = (some @ k.transpose(2, 3)).view(b, n, heads // n, at.shape[1], t) * d ** -0.5
        logits = logits.masked_fill(torch.arange(t, device=q.device) > at[:, None, None, :, None], -1e9)
        chance = logits.float().log_softmax(-1)
        if self.sink > 0:
            ordinary = pick(self.rows.ordinary).float()
            short = F.relu(self.sink_floor - chance[..., 0]) * ordinary[:, None, None]
            self.losses.append(self.sink * short.sum() / heads / ordinary.sum().clamp(min=1))
        if self.point > 0:
            pointing = pick(self.rows.known | self.rows.early).float()
            there = pick(self.rows.source)[:, None, :, None].expand(b, n, at.shape[1], 1)
            short = F.relu(self.point_floor - chance[:, :, 0].gather(-1, there)[..., 0]) * pointing[:, None]
            self.losses.append(self.point * short.sum() / n / pointing.sum().clamp(min=1))
            self.losses.append(self.point * self.narrowness(chance[:, :, 1], pick))

    def narrowness(self, chance, pick):
        """How far the second query heads fall short of an even look at all words of the answer; chance [batch, kv_heads, looked, seq], logarithms"""
        whole = self.rows.whole.gather(1, self.rows.looked[..., None].expand(-1, -1, SPREAD))
        told = whole >= 0
        floor = self.point_floor - math.log(1.5) - told.sum(-1, keepdim=True).clamp(min=1).log()
        there = whole.clamp(min=0)[:, None].expand(-1, chance.shape[1], -1, -1)
        short = F.relu(floor[:, None] - chance.gather(-1, there)) * told[:, None]
        return short.sum() / chance.shape[1] / told.sum().clamp(min=1)

    def unevenness(self, k):
        """How far the lengths of keys [batch, kv_heads, seq, head_dim] stray from their mean within a text, <bos> left out: variance of their logarithms."""
        words = ~self.rows.padded[:, None, 1:]
        length = k[:, :, 1:].float().norm(dim=-1).clamp(min=1e-6).log()
        mean = (length * words).sum(-1, keepdim=True) / words.sum(-1, keepdim=True).clamp(min=1)
        return ((length - mean).square() * words).sum() / (words.sum() * k.shape[1])


def loss_of(model, ids, rows, sources, positions, a, pointing):
    """@returns the loss to descend, and the part of it that is about the next token"""
    asked, lessons_losses = Rows(rows, sources, a.early), []
    # At most one reading layer is silent in a question.
    chance = torch.rand(len(ids), int(asked.stretch.max()) + 1, device=ids.device)
    silent = [(chance >= i * a.drop_layer) & (chance < (i + 1) * a.drop_layer) for i in range(len(a.reading))]
    never = torch.zeros_like(chance, dtype=torch.bool)
    lessons = [None] + [
        Lesson(asked, lessons_losses, a.sink, a.sink_share, pointing if layer in a.reading else 0, a.point_share,
               a.drop if layer in a.reading else 0, a.even, silent[a.reading.index(layer)] if layer in a.reading else never)
        for layer in range(1, CONFIG["layers"])]
    logits = model(ids[:, :-1], positions[:, :-1], lessons).float()
    losses = F.cross_entropy(logits.flatten(0, 1), ids[:, 1:].flatten(), reduction="none")
    target = rows[:, 1:].flatten()
    weight = torch.where(target & ANSWER > 0, 1.0, a.filler_weight) * (target & ID_BITS > 0)
    weight = weight * torch.where(target & ANSWER > 0, torch.tensor(KIND_WEIGHT, device=ids.device)[(target >> 10) & 7], 1.0)
    loss = (losses * weight).sum() / weight.sum()
    return loss + sum(lessons_losses), loss.detach()


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


def read_weights(path):
    """The tensors of a safetensors file of float16."""
    raw = path.read_bytes()
    size = struct.unpack("<Q", raw[:8])[0]
    header = json.loads(raw[8:8 + size])
    assert all(e["dtype"] == "F16" for name, e in header.items() if name != "__metadata__"), "the weights are float16"
    numbers = lambda e: np.frombuffer(raw[8 + size:][slice(*e["data_offsets"])], np.float16).astype(np.float32)
    return {name: torch.from_numpy(numbers(e)).view(e["shape"]) for name, e in header.items() if name != "__metadata__"}


def narrowed(weights):
    """Weights of a wider model cut to CONFIG: of each layer the first KV heads with as many query heads as CONFIG gives each, and the MLP units that weigh most."""
    c, cut = CONFIG, {}
    for name, w in weights.items():
        if name.endswith(("q_proj.weight", "k_proj.weight", "v_proj.weight", "o_proj.weight")):
            size = c["head_dim"] * (c["heads"] if name.endswith(("q_proj.weight", "o_proj.weight")) else c["kv_heads"])
            cut[name] = w[:, :size] if name.endswith("o_proj.weight") else w[:size]
        elif ".mlp." in name:
            mlp = name[:name.index(".mlp.") + 5]
            weigh = weights[f"{mlp}up_proj.weight"].norm(dim=1) * weights[f"{mlp}down_proj.weight"].norm(dim=0)
            units = weigh.topk(c["inner"]).indices.sort().values
            cut[name] = w[:, units] if name.endswith("down_proj.weight") else w[units]
        else:
            cut[name] = w
    return cut


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--corpus", required=True)
    parser.add_argument("--heldout", required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--shape", type=json.loads, default={}, help='sizes that differ from CONFIG, such as {"layers": 3}')
    parser.add_argument("--resume", type=Path, help="state.pt to go on from, when it is not --out/state.pt")
    parser.add_argument("--steps", type=int, default=60000)
    parser.add_argument("--until", type=int, help="stop at this step, in the middle of the schedule that --steps describes")
    parser.add_argument("--decay", type=float, default=0.4, help="share of the steps in which the rate falls to 0")
    parser.add_argument("--tokens", type=int, default=4096, help="tokens per step and process")
    parser.add_argument("--longest", type=int, default=LONGEST, help="leave out longer sequences")
    parser.add_argument("--rate", type=float, default=2e-3, help="AdamW: embedding and norms")
    parser.add_argument("--muon-rate", type=float, default=2e-2, help="Muon: the other matrices")
    parser.add_argument("--pointing", type=float, default=0.6, help="weight of pointing at the start")
    parser.add_argument("--pointing-end", type=float, default=0.1, help="its weight from --pointing-until on")
    parser.add_argument("--pointing-until", type=float, default=0.6, help="share of the steps in which it falls")
    parser.add_argument("--point-share", type=float, default=0.7, help="attention on the answering word that is enough")
    parser.add_argument("--early", action=argparse.BooleanOptionalAction, default=True, help="the question's last word points too")
    parser.add_argument("--sink", type=float, default=0.1, help="weight of the sink loss")
    parser.add_argument("--sink-share", type=float, default=0.5, help="attention on <bos> that is enough")
    parser.add_argument("--drop", type=float, default=0.15, help="chance that a KV head of a reading layer is silent in a question")
    parser.add_argument("--drop-layer", type=float, default=0, help="chance for each reading layer that all of it is silent in a question")
    parser.add_argument("--reading", type=int, nargs="+", default=[2, 3], help="layers whose heads point, and fall silent")
    parser.add_argument("--even", type=float, default=0, help="weight of the evenness of key lengths")
    parser.add_argument("--from-weights", type=Path, help="safetensors to begin from, of this shape or a wider one with as many query heads to a KV head")
    parser.add_argument("--filler-weight", type=float, default=0.2)
    parser.add_argument("--minutes", type=float, default=1e9)
    parser.add_argument("--evaluate-every", type=int, default=2000)
    parser.add_argument("--evaluate-tokens", type=int, default=60000, help="per sequence length")
    parser.add_argument("--seed", type=int, default=1)
    a = parser.parse_args()
    assert a.shape.keys() <= CONFIG.keys(), f"--shape has {', '.join(CONFIG)}"
    CONFIG.update(a.shape)

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
    if a.from_weights:
        model.load_state_dict(narrowed(read_weights(a.from_weights)))
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

    total = torch.zeros(2, device=device)
    while step < min(a.steps, a.until or a.steps) and time.time() - began < 60 * a.minutes:
        slow = min(1, (step + 1) / 200, (a.steps - step) / (a.steps * a.decay))
        for optimizer, rate in zip(optimizers, rates):
            optimizer.param_groups[0]["lr"] = rate * slow
        ids, rows, sources = corpus.batch(rng, a.tokens)
        positions = corpus.positions(rows, stop)
        fallen = min(1.0, step / (a.steps * a.pointing_until))
        pointing = a.pointing + (a.pointing_end - a.pointing) * fallen
        with autocast():
            loss, next_token = loss_of(model, ids, rows, sources, positions, a, pointing)
        model.zero_grad(set_to_none=True)
        loss.backward()
        if world > 1:
            for p in model.parameters():
                torch.distributed.all_reduce(p.grad)
                p.grad /= world
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        for optimizer in optimizers:
            optimizer.step()
        total += torch.stack([next_token, loss.detach()])
        step += 1
        if rank == 0 and (step % a.evaluate_every == 0 or step == a.steps):
            row = dict(step=step, minutes=round((seconds + time.time() - began) / 60, 2), slow=round(slow, 4),
                       loss=[round(x / a.evaluate_every, 4) for x in total.tolist()],
                       right=evaluate(model, heldout, autocast, a.evaluate_tokens))
            total.zero_()
            print(json.dumps(row), flush=True)
            with open(a.out / "log.jsonl", "a") as log:
                log.write(json.dumps(row) + "\n")
            save()
    if rank == 0:
        save()


if __name__ == "__main__":
    main()
