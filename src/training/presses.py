"""Lets kvpress choose from texts that a transformers model reads, and compares what it keeps with what the engine kept."""
import sys

import kvpress
import torch
from transformers import DynamicCache

# Scores further apart than this share of the larger one are no tie: both sides sum in float32, in another order.
TIE = 1e-5
# A key is known by its first numbers, which RoPE turns fastest.
CHANNELS = 8


def make(press):
    """@param press {name, settings?, inside?} as in presses.ts"""
    inside = dict(press=make(press["inside"])) if "inside" in press else {}
    return getattr(kvpress, press["name"])(**press.get("settings", {}), **inside)


def title(press):
    return f"{press['name']}({title(press['inside'])})" if "inside" in press else press["name"]


def kept_of(module, before, after):
    """What is left of a layer: booleans [kv_heads, seq]. @param before keys [1, kv_heads, seq, dim] @param after [1, kv_heads, kept, dim]"""
    masked = getattr(module, "masked_key_indices", None)
    if masked is not None:
        kept = torch.ones(before.shape[1:3], dtype=torch.bool)
        kept[masked[1], masked[2]] = False
        return kept
    same = (before[0, :, :, None, :CHANNELS] == after[0, :, None, :, :CHANNELS]).all(-1)
    if same.sum() != after.shape[1] * after.shape[2]:
        raise RuntimeError("Two keys of a head are the same, and which of them stayed cannot be told.")
    return same.any(-1)


class Witness:
    """Notes what a press scores and keeps of each layer [kv_heads, seq] while the model reads."""

    def __init__(self, press):
        self.scores, self.kept = [], []
        scorer = press if isinstance(press, kvpress.ScorerPress) else press.press
        score, compress = scorer.score, press.compress

        def scored(*inputs):
            scores = score(*inputs)
            # A budget may write into them afterwards.
            self.scores.append(scores[0].clone())
            return scores

        def compressed(module, hidden_states, keys, values, attentions, kwargs):
            left = compress(module, hidden_states, keys, values, attentions, kwargs)
            self.kept.append(kept_of(module, keys, left[0]))
            return left

        scorer.score, press.compress = scored, compressed


def tied(scores):
    """Whether the scores of entries that only one side keeps are equal, as far as float32 can tell."""
    return (scores.max() - scores.min()).item() <= TIE * scores.abs().max().item()


def judge(ours, theirs, scores, shared):
    """
    One word for each KV head. A head ties when the entries that differ do; where heads compete (shared), one entry's gain may also be another head's loss,
    and then all that differ must. @param ours, theirs booleans [kv_heads, seq]
    """
    other = ours != theirs
    words = []
    for head, differs in enumerate(other):
        alone = not shared or ours[head].sum() == theirs[head].sum()
        same = not differs.any()
        ties = not same and (alone and tied(scores[head, differs]) or shared and tied(scores[other]))
        words.append("equal" if same else "ties" if ties else "unequal")
    return words


def compare_press(model, entry, spec, keep, texts):
    """@param texts pairs of token ids [1, seq] and the engine's choices [budget][layer][kv_head][entries]"""
    counts = dict(equal=0, ties=0, unequal=0)
    model.set_attn_implementation("eager" if entry.get("eager") else "sdpa")
    for n, (ids, chosen) in enumerate(texts):
        for share, layers in zip(keep, chosen, strict=True):
            press = make(entry)
            press.compression_ratio = 1 - share
            witness = Witness(press)
            with press(model):
                model(ids, past_key_values=DynamicCache(), use_cache=True)
            for layer, heads in enumerate(layers):
                ours = torch.zeros(len(heads), ids.shape[1], dtype=torch.bool)
                for head, entries in enumerate(heads):
                    ours[head, entries] = True
                words = judge(ours, witness.kept[layer], witness.scores[layer], "inside" in entry)
                for head, word in enumerate(words):
                    counts[word] += 1
                    if word == "unequal":
                        print(f"{spec}: text {n}, keep {share}, layer {layer}, KV head {head} differ", file=sys.stderr)
    return dict(name=title(entry), spec=spec, sets=sum(counts.values()), **counts)


def compare_presses(model, pairs, keep, cases):
    """kvpress compresses all that it is given, so it is given the texts without their questions. @param pairs [{spec, press}] in the order of `kept`"""
    texts = [torch.tensor([case["tokens"][: case["text"]]]) for case in cases]
    results = []
    for n, pair in enumerate(pairs):
        chosen = [case["kept"][n] for case in cases]
        results.append(compare_press(model, pair["press"], pair["spec"], keep, list(zip(texts, chosen))))
    return results
