"""Computes with transformers and kvpress what the engine computed, and compares. Started by src/cli/crosscheck.ts with JSON on stdin:

    {folder, longest, free, keep: [shares], presses: [{spec, press}], cases: [{tokens, text, written, named, answer, logits, kept}]}

`tokens` are the ids of text and question, the first `text` of them the text's; `answer` and `logits` [answer, vocabulary] are the engine's, which says
at most `longest` tokens; `free` are the ids that stand for unknown words.
Prints JSON {versions, logits, greedy, tokenizer, presses}.
"""
import json
import sys
from importlib.metadata import version

import torch
from transformers import AutoTokenizer, LlamaForCausalLM, PreTrainedTokenizerFast
from transformers.utils.logging import disable_progress_bar

from presses import compare_presses

LIMIT = 1e-3


def compare_logits(model, cases):
    """The rows that chose each token of the answer. The engine read the question and then token by token; here all is one pass."""
    worst = 0.0
    for case in cases:
        ids = torch.tensor([case["tokens"] + case["answer"][:-1]])
        theirs = model(ids).logits[0, -len(case["answer"]) :]
        worst = max(worst, (theirs - torch.tensor(case["logits"])).abs().max().item())
    tokens = sum(len(case["answer"]) for case in cases)
    return dict(prompts=len(cases), tokens=tokens, worst=float(f"{worst:.2g}"), limit=LIMIT)


def compare_greedy(model, cases, longest):
    equal = 0
    for case in cases:
        ids = torch.tensor([case["tokens"]])
        said = model.generate(ids, attention_mask=torch.ones_like(ids), max_new_tokens=longest, do_sample=False)
        equal += said[0, ids.shape[1] :].tolist() == case["answer"]
    return dict(prompts=len(cases), equal=equal)


def compare_tokens(tokenizers, free, cases):
    """How many prompts become the same tokens under every tokenizer.

    encoded: as printed, with capitals and no spaces before full stops, unknown words by the names of their tokens (<w0>)
    decoded: tokens to text and back
    unknown: as printed, where an unknown word cannot be told from another and is <unk>; only prompts that have some
    """
    encoded = decoded = unknown = some = 0
    for case in cases:
        tokens = case["tokens"]
        blurred = [tokenizers[0].unk_token_id if token in free else token for token in tokens]
        some += blurred != tokens
        encoded += all(encode(case["named"]).input_ids == tokens for encode in tokenizers)
        decoded += all(it(it.decode(tokens), add_special_tokens=False).input_ids == tokens for it in tokenizers)
        unknown += blurred != tokens and all(encode(case["written"]).input_ids == blurred for encode in tokenizers)
    return dict(prompts=len(cases), encoded=encoded, decoded=decoded, unknown=dict(prompts=some, equal=unknown))


@torch.no_grad()
def main():
    asked = json.load(sys.stdin)
    folder, cases = asked["folder"], asked["cases"]
    disable_progress_bar()
    # The folder holds 16-bit floats, and the engine computes with 32.
    model = LlamaForCausalLM.from_pretrained(folder, dtype=torch.float32)
    tokenizers = [kind.from_pretrained(folder) for kind in (AutoTokenizer, PreTrainedTokenizerFast)]
    report = dict(
        versions={name: version(name) for name in ("torch", "transformers", "kvpress")},
        logits=compare_logits(model, cases),
        greedy=compare_greedy(model, cases, asked["longest"]),
        tokenizer=compare_tokens(tokenizers, set(asked["free"]), cases),
        presses=compare_presses(model, asked["presses"], asked["keep"], cases),
    )
    print(json.dumps(report))


if __name__ == "__main__":
    main()
