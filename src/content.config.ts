import { defineCollection } from 'astro:content';
import { glob } from 'astro/loaders';
import { method } from './catalog/schema.ts';

export const collections = {
  methods: defineCollection({ loader: glob({ base: './content/methods', pattern: '*.md' }), schema: method }),
};
