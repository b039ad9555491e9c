/**
 * Which deliveries there are, and the position from which each is responsible. A birth is durable as a control frame in the
 * log before its delivery reads anything, so that a lost state file costs repeats and no entries. Such a frame holds the
 * whole list, as JSON `[[name, position], ...]`: the last one counts. Every segment begins with one, so deleting old
 * segments forgets no birth.
 */
import type { Position } from '../journal.ts';

export type Births = ReadonlyMap<string, Position>;

export function encodeBirths(births: Births): Buffer {
  return Buffer.from(JSON.stringify([...births]));
}

export function decodeBirths(body: Buffer): Births {
  return new Map(JSON.parse(body.toString()) as [string, Position][]);
}
