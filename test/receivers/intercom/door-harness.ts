/** A door on a free port with a journal that is only a list, and clients that speak to it as they please. */
import { createHmac } from 'node:crypto';
import type { TestContext } from 'node:test';
import type { Clock } from '../../../src/clock.ts';
import type { AppendResult, NewEntry } from '../../../src/journal/journal.ts';
import { type Authenticators, noAuthenticators } from '../../../src/net/auth.ts';
import { config as schema } from '../../../src/receivers/intercom/config.ts';
import { IntercomReceiver } from '../../../src/receivers/intercom/intercom.ts';
import type { Log, LogFields } from '../../../src/telemetry/log.ts';
import type { RefusalReason } from '../../../src/telemetry/status.ts';
import { FakeClock } from '../../support/fake-clock.ts';

export const SECRET = 'a-client-secret-of-the-tests';
export const PATH = '/hooks/support';

export interface LogLine {
  level: 'debug' | 'info' | 'warn' | 'error';
  message: string;
  fields: LogFields;
}

export function recordingLog(lines: LogLine[], base: LogFields = {}): Log {
  const write = (level: LogLine['level']) => (message: string, fields?: LogFields) => {
    lines.push({ level, message, fields: { ...base, ...fields } });
  };
  return {
    debug: write('debug'),
    info: write('info'),
    warn: write('warn'),
    error: write('error'),
    with: (fields) => recordingLog(lines, { ...base, ...fields }),
  };
}

export interface Door {
  readonly receiver: IntercomReceiver;
  readonly port: number;
  readonly accepted: NewEntry[];
  readonly refused: RefusalReason[];
  readonly lines: LogLine[];
  readonly clock: FakeClock;
  /** What `accept` does; replaced by tests. */
  accept: (entries: readonly NewEntry[]) => Promise<AppendResult[]>;
}

/** Opens a door with one integration at `PATH`, signed with `SECRET`, unless told otherwise; closed after the test. */
export async function openDoor(
  t: Pick<TestContext, 'after'>,
  settings: Record<string, unknown> = {},
  options: { clock?: Clock; dataDirectory?: string; authenticators?: Authenticators } = {},
): Promise<Door> {
  const config = schema.parse({
    endpoint: 'localhost:0',
    integrations: [{ name: 'support', client_secret: SECRET, application_name: 'acme', path: PATH }],
    ...settings,
  });
  const clock = new FakeClock();
  const lines: LogLine[] = [];
  const accepted: NewEntry[] = [];
  const refused: RefusalReason[] = [];
  const receiver = new IntercomReceiver(config, {
    id: 'intercom',
    log: recordingLog(lines),
    clock: options.clock ?? clock,
    random: () => 0.5,
    authenticators: options.authenticators ?? noAuthenticators,
    version: '0.0.0',
    dataDirectory: options.dataDirectory ?? '/nonexistent',
    accept: (entries) => door.accept(entries),
    refused: (reason) => refused.push(reason),
  });
  const door: { -readonly [K in keyof Door]: Door[K] } = {
    receiver,
    port: 0,
    accepted,
    refused,
    lines,
    clock,
    accept: async (entries) =>
      entries.map((entry) => ({
        kind: 'stored',
        position: accepted.push({ ...entry, body: Buffer.from(entry.body) }),
      })),
  };
  t.after(() => receiver.shutdown(AbortSignal.abort()));
  await receiver.start();
  door.port = receiver.address?.port ?? 0;
  return door;
}

export function sign(body: string | Uint8Array, secret = SECRET): string {
  return `sha1=${createHmac('sha1', secret).update(body).digest('hex')}`;
}

export function bodySign(body: string | Uint8Array, secret = SECRET): string {
  return createHmac('sha256', secret).update(body).digest('hex');
}

/** The bytes of a request. Headers given as undefined are left out. */
export function request(
  options: {
    method?: string;
    path?: string;
    headers?: Record<string, string | undefined>;
    body?: string | Uint8Array;
  } = {},
): Buffer {
  const { method = 'POST', path = PATH, body = '' } = options;
  const bytes = Buffer.from(body);
  const headers: Record<string, string | undefined> = {
    Host: 'door.example',
    'X-Hub-Signature': method === 'POST' ? sign(bytes) : undefined,
    'Content-Type': 'application/json',
    'Content-Length': method === 'POST' ? String(bytes.length) : undefined,
    ...options.headers,
  };
  const lines = Object.entries(headers).filter(([, value]) => value !== undefined);
  const head = [`${method} ${path} HTTP/1.1`, ...lines.map(([name, value]) => `${name}: ${value}`)].join('\r\n');
  return Buffer.concat([Buffer.from(`${head}\r\n\r\n`, 'latin1'), bytes]);
}

export function notification(fields: Record<string, unknown> = {}): string {
  return JSON.stringify({
    type: 'notification_event',
    id: 'notif_0001',
    app_id: 'wsp00001',
    topic: 'conversation.user.replied',
    created_at: 1_767_225_600,
    data: { type: 'notification_event_data', item: { type: 'conversation', id: '7' } },
    ...fields,
  });
}
