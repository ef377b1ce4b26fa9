/** The models that the site ships, in public/models/<id>, and what their caches look like. */
export const models = {
  harbour: '4 layers of 4 KV heads',
  skiff: '4 layers of 2 KV heads',
} as const;

export type ModelId = keyof typeof models;

/** The one that is meant where none is named, and that all of the site is measured on. */
export const modelId: ModelId = 'harbour';
