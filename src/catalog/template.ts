import {
  attentions,
  budgets,
  companions,
  entryKinds,
  levers,
  marks,
  phases,
  serverKeys,
  trainings,
  unserved,
  unsigned,
  uses,
} from './values.ts';

/** The headings of every entry, in their order. */
export const headings = [
  'The problem',
  'The idea',
  'Step by step',
  'What it costs',
  'What was claimed',
  'What we measured here',
  'Where it fails',
] as const;

const hints: Readonly<Record<(typeof headings)[number], string>> = {
  'The problem': 'what goes wrong without it',
  'The idea': 'in one picture',
  'Step by step': 'with its formula, in $...$ or $$...$$',
  'What it costs': 'in memory, time and training',
  'What was claimed': 'by whom, in which setting',
  'What we measured here': 'or that nothing runs yet, and what it would need',
  'Where it fails': 'as its authors and others say',
};

export const slugOf = (name: string): string =>
  name
    .normalize('NFKD')
    .replace(/\p{Mark}/gu, '')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-|-$/g, '');

/** A text in double quotes, as YAML reads it. */
const quoted = (text: string) => JSON.stringify(text);

/** A new entry with every field. Each TODO is refused by the schema or by a test until something true stands in its place. */
export const template = (name: string, added: string): string => `---
name: ${quoted(name)}
aliases: []
# What it does, in one sentence of at most 170 characters that stands alone in a list.
idea: TODO
# In the order of the work, as names are said. If there are none, say why: ${unsigned.join(', ')}. Otherwise delete "unsigned".
authors: []
unsigned: TODO
organisation: TODO
# A year, a month (2026-06) or a day. Leave it out if it is not known.
date: TODO
# A journal or conference with its year, or preprint, or not looked up.
venue: not looked up
# ${entryKinds.join(', ')}
kind: TODO
# ${levers.join(', ')}; [] if it pulls none
levers: [TODO]
# ${phases.join(', ')}
phases: [TODO]
# attention: ${attentions.join(', ')}. training: ${trainings.join(', ')}. queries, secondModel: a mark.
needs: { attention: TODO, queries: TODO, training: TODO, secondModel: TODO }
# mark: ${marks.join(', ')}; and why, in a sentence. Add "derived: true" where no source says it and it follows from the mechanism.
# "not stated" means that you looked and found nothing, and "sources" says where; "not looked up" means that nobody looked.
worksWith:
${companions.map((companion) => `  ${companion}: { mark: TODO, why: TODO }`).join('\n')}
# A list of { server, how, source }, with server one of ${serverKeys.join(', ')}; or ${unserved.join(', ')}
servedBy: not looked up
# ${uses.join(', ')}
madeFor: []
# ${budgets.join(', ')}
budget: TODO
lossless: TODO
reversible: TODO
# what is kept, dropped or moved as one piece
granularity: ""
# No number without its setting; what is open is "not stated" or "not looked up". [] if no number is known.
claims:
  - { number: "", metric: TODO, model: TODO, benchmark: TODO, budget: TODO, baseline: TODO, date: TODO, source: TODO }
# kind: paper, code, post, docs; "official: true" for the code of the authors. Only addresses that you opened.
links:
  - { kind: TODO, title: TODO, url: TODO }
sources:
  - { fact: TODO, source: TODO }
# { lane: "a lane spec" }, { figure: "its id" } for what is no lane, or { notYet: "the reason in a sentence" }
runs: TODO
buildsOn: []
comparedWith: []
confusedWith: []
added: ${quoted(added)}
---
${headings.map((heading) => `\n## ${heading}\n\nTODO: ${hints[heading]}.\n`).join('')}`;
