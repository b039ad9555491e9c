/** Which of several files a record goes to. */
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import type { LogRecord } from '../../record/log-record.ts';
import type { FileConfig } from './config.ts';

/** Stands for the `*` of records without the attribute, which the Collector drops. */
const MISSING = 'missing';
/** Bytes of one name in a path. File systems take 255; a rotation adds a time, and the path an ending. */
const MAX_NAME = 180;

export interface Group {
  readonly path: string;
  readonly records: readonly LogRecord[];
}

/** The records by file, in their order. One file where `group_by` is off. */
export function groupsOf(records: readonly LogRecord[], { path, group_by: groups }: FileConfig): Group[] {
  if (!groups.enabled) return [{ path, records }];
  const byPath = new Map<string, LogRecord[]>();
  for (const record of records) {
    const value = record.resource.attributes[groups.resource_attribute];
    const place = pathFor(path, typeof value === 'string' ? value : MISSING);
    const group = byPath.get(place);
    if (group) group.push(record);
    else byPath.set(place, [record]);
  }
  return [...byPath].map(([place, members]) => ({ path: place, records: members }));
}

/**
 * `pattern` with the value at its `*`. A slash in the value makes a directory; nothing in it leads out of the directory of the
 * pattern, or makes a name that no file can have.
 */
export function pathFor(pattern: string, value: string): string {
  const [before = '', after = ''] = pattern.split('*');
  const names = value.split('/').map(nameOf).filter(Boolean);
  return join(before + (names.join('/') || MISSING) + after);
}

function nameOf(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what must not be in a name
  const name = text.replace(/[\u0000-\u001f\u007f\\:]/g, '_');
  if (name === '.' || name === '..') return '';
  if (Buffer.byteLength(name) <= MAX_NAME) return name;
  const digest = createHash('sha256').update(text).digest('hex').slice(0, 16);
  return `${Buffer.from(name)
    .subarray(0, MAX_NAME - 20)
    .toString('utf8')
    .replace(/\ufffd+$/, '')}-${digest}`;
}
