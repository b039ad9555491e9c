import assert from 'node:assert/strict';
import { test } from 'node:test';
import { z } from 'zod';
import { duration, secret, size } from '../../src/config/blocks/scalars.ts';
import { describeFields } from '../../src/config/field-rows.ts';
import { accepts, child, keys, placesOf, view } from '../../src/config/schema-walk.ts';
import { factories } from '../support/factories.ts';

const schema = z.strictObject({
  wait: duration('5s').describe('How long.'),
  limit: size('5MiB').optional(),
  key: secret().describe('A key.'),
  keys: z.union([secret(), z.array(secret())]).optional(),
  mode: z.enum(['fast', 'slow', '']).default('fast').describe('Which way.'),
  count: z.number().int().default(3),
  share: z.number().nullable().optional(),
  on: z.boolean().default(true),
  list: z.array(z.strictObject({ name: z.string().describe('Its name.') })).default([]),
  free: z.record(z.string(), z.strictObject({ a: z.literal('x').optional() })).default({}),
  block: z.strictObject({ deep: z.strictObject({ leaf: z.string().default('') }).prefault({}) }).prefault({}),
  any: z.unknown().optional(),
  lower: z
    .string()
    .transform((text) => text.toLowerCase())
    .pipe(z.enum(['a', 'b']))
    .optional(),
  before: z.preprocess((value) => value, z.string()).optional(),
});

test('every field of a block becomes a row with type, default and description', () => {
  const rows = describeFields(schema).map((row) => [row.path, row.type, row.default, row.required, row.description]);
  assert.deepEqual(rows, [
    ['wait', 'duration', '5s', false, 'How long.'],
    ['limit', 'size', '5MiB', false, ''],
    ['key', 'text', undefined, true, 'A key.'],
    ['keys', 'text or list of text', undefined, false, ''],
    ['mode', 'fast | slow', 'fast', false, 'Which way.'],
    ['count', 'whole number', '3', false, ''],
    ['share', 'number', undefined, false, ''],
    ['on', 'true or false', 'true', false, ''],
    ['list', 'list of map', '[]', false, ''],
    ['list[].name', 'text', undefined, true, 'Its name.'],
    ['free', 'map of map', undefined, false, ''],
    ['free.*.a', 'x', undefined, false, ''],
    ['block', 'map', undefined, false, ''],
    ['block.deep', 'map', undefined, false, ''],
    ['block.deep.leaf', 'text', "''", false, ''],
    ['any', 'anything', undefined, false, ''],
    ['lower', 'a | b', undefined, false, ''],
    ['before', 'text', undefined, false, ''],
  ]);
});

test('secrets are marked in rows, in views of them, and in what stands under them', () => {
  assert.deepEqual(
    describeFields(schema)
      .filter(({ secret: is }) => is)
      .map(({ path }) => path),
    ['key', 'keys'],
  );
  const keysView = child(view(schema), 'keys');
  assert.deepEqual(
    [keysView.secret, child(keysView, 0).secret, child(view(schema), 'mode').secret],
    [true, true, false],
  );
  const vault = factories.find(({ type }) => type === 'vault');
  const headers = child(view(vault?.config as z.ZodType), 'headers');
  assert.deepEqual([child(headers, 'authorization').secret, child(child(headers, 0), 'value').secret], [true, true]);
});

test('a view knows which kinds of value may stand at a place', () => {
  const root = view(schema);
  const kinds = (name: string) =>
    (['text', 'number', 'boolean', 'null', 'map', 'list'] as const).filter((kind) => accepts(child(root, name), kind));
  assert.deepEqual(kinds('wait'), ['text', 'number']);
  assert.deepEqual(kinds('share'), ['number', 'null']);
  assert.deepEqual(kinds('keys'), ['text', 'list']);
  assert.deepEqual(kinds('block'), ['map']);
  assert.deepEqual(kinds('before'), ['text']);
  assert.equal(kinds('any').length, 6);
  assert.deepEqual(kinds('toString'), []);
  assert.deepEqual(keys(child(root, 'block')), ['deep']);
});

test('the places of a key are found through blocks, lists and free keys', () => {
  const root = view(schema);
  assert.deepEqual(placesOf(root, 'leaf'), [['block', 'deep']]);
  assert.deepEqual(placesOf(root, 'name'), [['list', '[]']]);
  assert.deepEqual(placesOf(root, 'a'), [['free', '*']]);
  assert.deepEqual(placesOf(root, 'nowhere'), []);
});

test('a schema that contains itself ends', () => {
  type Tree = { children?: Tree[]; name?: string };
  const tree: z.ZodType<Tree> = z.lazy(() =>
    z.strictObject({ children: z.array(tree).optional(), name: z.string().optional() }),
  );
  assert.ok(describeFields(tree).length < 1000);
  assert.equal(placesOf(view(tree), 'nowhere').length, 0);
});
