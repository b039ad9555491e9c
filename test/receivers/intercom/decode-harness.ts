import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Entry } from '../../../src/journal/journal.ts';
import { createDecoder } from '../../../src/receivers/intercom/decode.ts';
import type { LogRecord } from '../../../src/record/log-record.ts';
import { shared, sharedMissing } from '../../support/shared.ts';

/** 2026-11-22T12:00:00.123Z */
export const RECEIVED_AT = 1795348800123;

export const decode = createDecoder({ version: '1.2.3' });

export function entry(body: unknown, more: Partial<Entry> = {}): Entry {
  const bytes = body instanceof Uint8Array ? body : Buffer.from(typeof body === 'string' ? body : JSON.stringify(body));
  return {
    position: 1,
    source: 'intercom',
    receivedAt: RECEIVED_AT,
    records: 1,
    metadata: { integration: 'support', application_name: 'acme', subsystem_name: 'helpdesk', kind: 'notification' },
    body: bytes,
    ...more,
  };
}

export function decoded(body: unknown, more?: Partial<Entry>): LogRecord {
  const [record, ...others] = decode(entry(body, more));
  if (!record || others.length > 0) throw new Error('BUG: one record per entry');
  return record;
}

export interface Payload {
  readonly name: string;
  readonly bytes: Buffer;
}

/** Captured notifications, read in place. Empty where they are not. */
export const payloads: readonly Payload[] = sharedMissing
  ? []
  : readdirSync(join(shared, 'intercom/payloads'))
      .map((name) => ({ name, bytes: readFileSync(join(shared, 'intercom/payloads', name)) }))
      .concat({ name: 'example-log.json', bytes: Buffer.from(JSON.stringify(exampleLog().intercom)) });

export function exampleLog(): { source_system: string; intercom: unknown } {
  return JSON.parse(readFileSync(join(shared, 'intercom/example-log.json'), 'utf8'));
}

export function payload(name: string): Buffer {
  const found = payloads.find((each) => each.name.includes(name));
  if (!found) throw new Error(`BUG: no payload ${name}`);
  return found.bytes;
}
