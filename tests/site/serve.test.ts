import { expect, inject, test } from 'vitest';

const get = (path: string, headers = {}) => fetch(inject('address') + path, { redirect: 'manual', headers });

test('a folder without its slash leads to its page, with what was asked', async () => {
  const { status, headers } = await get('lab?v=1');
  expect({ status, location: headers.get('location') }).toEqual({
    status: 301,
    location: `${new URL(inject('address')).pathname}lab/?v=1`,
  });
});

test.for(['%2e%2e/package.json', '..%2fpackage.json', '%ff', 'lab/%00'])('%s is nothing', async (path) => {
  const { status, headers } = await get(path);
  expect({ status, type: headers.get('content-type') }).toEqual({ status: 404, type: 'text/html; charset=utf-8' });
});

test('a model is sent as bytes and a page as text', async () => {
  expect((await get('models/harbour/model.safetensors')).headers.get('content-type')).toBe('application/octet-stream');
  expect((await get('', { 'accept-encoding': 'br' })).headers.get('content-encoding')).toBe('br');
});
