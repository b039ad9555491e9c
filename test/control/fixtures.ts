/** Operations that remember how they were called, and figures of our invention. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import type { Ledger, LetterDetails, Operations } from '../../src/control/operations.ts';
import type { Log, LogFields } from '../../src/telemetry/log.ts';
import type { DeliveryStatus } from '../../src/telemetry/status.ts';

export function temporary(t: TestContext): string {
  const directory = mkdtempSync(join(tmpdir(), 'control-'));
  t.after(() => rmSync(directory, { recursive: true, force: true }));
  return directory;
}

export interface Line {
  readonly level: string;
  readonly message: string;
  readonly fields: LogFields;
}

export function recordingLog(): { log: Log; lines: Line[] } {
  const lines: Line[] = [];
  const at =
    (level: string) =>
    (message: string, fields: LogFields = {}) =>
      void lines.push({ level, message, fields });
  const log: Log = { debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error'), with: () => log };
  return { log, lines };
}

export function delivery(more: Partial<DeliveryStatus> = {}): DeliveryStatus {
  return {
    pipeline: 'logs',
    exporter: 'coralogix',
    state: 'running',
    reason: null,
    accepted: 12,
    delivered: 10,
    rejected_by_backend: 0,
    filtered: 0,
    dead_lettered: 1,
    lost: 0,
    expired: 0,
    pending: 1,
    ambiguous: 0,
    oldest_pending_seconds: 2.5,
    last_rejection: null,
    in_flight: 0,
    send_failed: 0,
    ...more,
  };
}

export function ledgerOf(deliveries: readonly DeliveryStatus[], more: Partial<Ledger> = {}): Ledger {
  return {
    accepted: 12,
    duplicates: 0,
    refused: {},
    deliveries,
    replays: [],
    dead_letters: { letters: 0, bytes: 0, max_bytes: 1024 ** 3, full: false, expired: 0 },
    journal: { bytes: 4096, max_bytes: 10 * 1024 ** 3, full: false, hours_left: null, slowest: null, notes: [] },
    degraded: [],
    ...more,
  };
}

export function letter(number: number, more: Partial<LetterDetails> = {}): LetterDetails {
  return {
    id: `0123456789-${number}`,
    pipeline: 'logs',
    exporter: 'coralogix',
    position: number,
    kind: 'rejected',
    reason: 'the backend answered 400',
    status: 400,
    at: '2026-01-02T03:04:05.000Z',
    received_at: '2026-01-02T03:04:00.000Z',
    attempts: 3,
    records: 1,
    bytes: 2048,
    topic: 'conversation.user.replied',
    retrying: false,
    source: 'intercom',
    metadata: { integration: 'support' },
    answer: 'no such field',
    record: { resourceLogs: [] },
    body: '{"id":"1"}',
    body_encoding: 'utf8',
    ...more,
  };
}

/** Each call is remembered as its name and arguments; `answers` replaces what it does. */
export function fakeOperations(answers: Partial<Operations> = {}): { operations: Operations; calls: unknown[][] } {
  const calls: unknown[][] = [];
  const standard: Operations = {
    ledger: async () => ledgerOf([delivery()]),
    letters: async () => [],
    letterDetails: async function* () {},
    retryLetters: async () => ({ letters: 0 }),
    discardLetters: async () => ({ letters: 0 }),
    replay: async () => [],
    cancelReplay: async () => {},
    renameDelivery: async () => {},
    forgetDelivery: async () => ({ undelivered: 0 }),
    skipDelivery: async () => ({ records: 0 }),
    erase: async () => ({ entries: 0, letters: 0 }),
    tap: async function* () {},
    drain: async () => ({ pending: 0 }),
  };
  const names = Object.keys(standard) as (keyof Operations)[];
  const operations = Object.fromEntries(
    names.map((name) => [
      name,
      (...given: unknown[]) => {
        calls.push([name, ...given]);
        return ((answers[name] ?? standard[name]) as (...given: unknown[]) => unknown)(...given);
      },
    ]),
  ) as unknown as Operations;
  return { operations, calls };
}
