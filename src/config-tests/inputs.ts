/** From what a test says comes in to records, as if a receiver had taken it. */
import { type RehearsalOptions, type Rehearsed, rehearsedBody } from '../agent/rehearsal.ts';
import { Float } from '../config/tree.ts';
import { sampleNotification } from '../intercom/samples.ts';
import { parseJson } from '../record/json.ts';
import { readLogsData } from '../record/otlp/json-reader.ts';
import { isMap, type Value } from '../record/value.ts';
import type { InputSettings } from './schema.ts';

export interface InputSurroundings {
  readonly config: RehearsalOptions['config'];
  readonly version: string;
  /** Milliseconds since the epoch. */
  readonly now: number;
  /** Of the pipeline: used where the input names none. */
  readonly receiver: string;
  /** By its place among the inputs of a test: a sample's id is made of it. */
  readonly index: number;
  /** Of the test file's folder. Rejects as node:fs does. */
  readFile(path: string): Promise<Uint8Array>;
}

/** What is wrong with an input, at one of its keys. */
export class InputError extends Error {
  readonly key: string;
  constructor(key: string, message: string) {
    super(message);
    this.key = key;
  }
}

/** @throws {InputError} */
export async function recordsOf(settings: InputSettings, surroundings: InputSurroundings): Promise<Rehearsed> {
  const { config, version, now } = surroundings;
  const receiver = settings.receiver ?? surroundings.receiver;
  if (settings.otlp !== undefined) return otlp('otlp', plainData(settings.otlp), receiver);
  if (settings.otlp_file !== undefined) {
    const parsed = parseJson(await read('otlp_file', settings.otlp_file, surroundings));
    if (!parsed.ok) throw new InputError('otlp_file', 'it holds no JSON');
    return otlp('otlp_file', parsed.value, receiver);
  }
  const body = await bodyOf(settings, surroundings);
  const { integration } = settings;
  try {
    return rehearsedBody({ config, version }, body, { receiver, receivedAt: now, ...(integration && { integration }) });
  } catch (error) {
    if (error instanceof RangeError) throw new InputError(integration ? 'integration' : 'receiver', error.message);
    throw error;
  }
}

async function bodyOf(settings: InputSettings, surroundings: InputSurroundings): Promise<Uint8Array> {
  const { sample, seed, generation, notification, file } = settings;
  if (file !== undefined) return read('file', file, surroundings);
  if (sample === undefined) return Buffer.from(typeof notification === 'string' ? notification : json(notification));
  const id = () => `00000000-0000-4000-8000-${String(surroundings.index + 1).padStart(12, '0')}`;
  const made = sampleNotification(sample, { now: surroundings.now, id, seed, generation });
  return Buffer.from(json(over(made, settings.with ?? {})));
}

/** Maps are joined, all else is replaced. */
function over(base: unknown, by: unknown): unknown {
  if (!isMap(base) || !isMap(by) || by instanceof Float) return by;
  const joined: Record<string, unknown> = { ...base };
  for (const [key, value] of Object.entries(by))
    joined[key] = Object.hasOwn(base, key) ? over(base[key], value) : value;
  return joined;
}

/** Integers of any size, and doubles with their point. */
function json(value: unknown): string {
  if (value instanceof Float) return Number.isSafeInteger(value.value) ? value.value.toFixed(1) : String(value.value);
  if (typeof value === 'bigint') return String(value);
  if (Array.isArray(value)) return `[${value.map(json).join(',')}]`;
  if (value === null || typeof value !== 'object') return JSON.stringify(value) ?? 'null';
  return `{${Object.entries(value)
    .map(([key, inner]) => `${JSON.stringify(key)}:${json(inner)}`)
    .join(',')}}`;
}

/** As a JSON parser would give it. */
function plainData(value: unknown): unknown {
  if (value instanceof Float) return value.value;
  if (Array.isArray(value)) return value.map(plainData);
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, plainData(inner)]));
}

function otlp(key: string, data: unknown, receiver: string): Rehearsed {
  if (readLogsData(data).length === 0)
    throw new InputError(
      key,
      'there are no records in it: expected {resourceLogs: [{scopeLogs: [{logRecords: [...]}]}]}',
    );
  return { source: receiver, records: () => readLogsData(data) };
}

async function read(key: string, path: string, { readFile }: InputSurroundings): Promise<Uint8Array> {
  try {
    return await readFile(path);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    const reason = code === 'ENOENT' ? 'no such file' : (code ?? 'it cannot be read');
    throw new InputError(key, `unable to read it: ${reason}`);
  }
}

/** Texts of a value: keys, texts, numbers, and bytes as text, with where they stand. */
export function* textsIn(value: Value, path: readonly (string | number)[] = []): Generator<[typeof path, string]> {
  if (Array.isArray(value)) for (const [index, item] of value.entries()) yield* textsIn(item, [...path, index]);
  else if (isMap(value)) {
    for (const [key, inner] of Object.entries(value)) {
      yield [[...path, key], key];
      yield* textsIn(inner, [...path, key]);
    }
  } else if (value instanceof Uint8Array) yield [path, Buffer.from(value).toString('utf8')];
  else if (value !== null && value !== undefined) yield [path, String(value)];
}
