/**
 * The URL of an integration, as Intercom would use it, and whether it leads to the agent that runs here. That is known from
 * the agent's own counts: a ping with a wrong signature is refused and counted by it, and stored by nobody.
 */
import { randomBytes } from 'node:crypto';
import type { Clock } from '../clock.ts';
import type { Ledger } from '../control/operations.ts';
import { sampleNotification } from '../intercom/samples.ts';
import type { Finding } from '../telemetry/finding.ts';
import type { Knock, Knocked } from './knock.ts';
import { explainUrl, hiddenUrl, type Seen } from './url-explanation.ts';

/** Intercom prefers endpoints that answer within this time. */
const SLOW_MS = 500;

export interface Door {
  /** Name of the integration. */
  readonly integration: string;
  /** Where Intercom posts to; absent without `public_url`. */
  readonly publicUrl?: URL;
  /** The same on this machine; absent where it cannot be told. */
  readonly localUrl?: URL;
  /** Absent with `signature: none`. */
  readonly secret?: string;
}

export interface UrlCheck {
  readonly doors: readonly Door[];
  /** Of the agent that runs on the data directory; absent: none does. */
  readonly agent?: { ledger(): Promise<Pick<Ledger, 'accepted' | 'refused'>> };
  /** The data directory, for texts. */
  readonly directory: string;
  /** A signed ping may be posted: the agent stores and delivers it. */
  readonly send: boolean;
  readonly clock: Clock;
  /** Through the proxies of the environment. */
  readonly knock: Knock;
  /** At this machine itself. */
  readonly knockHere: Knock;
}

export type UrlFinding = Finding & { readonly integration: string };

/** One after the other: the counts of the agent tell whose request was whose. Rejects when the agent stops meanwhile. */
export async function* checkUrls(options: UrlCheck): AsyncGenerator<UrlFinding> {
  const { doors, agent, directory } = options;
  /** By origin: where there is no answer for one, there is none for the others, and each would take its time. */
  const silent = new Map<string, Finding>();
  for (const door of doors) {
    const { integration } = door;
    if (!agent) {
      const message = `not checked: no agent runs on ${directory}`;
      const advice = 'start it, then ask again; `--only backends,data` leaves the URLs out';
      yield { integration, severity: 'warning', message, advice };
      continue;
    }
    if (!door.publicUrl) yield { integration, ...noPublicUrl };
    for (const finding of await checkDoor(door, { ...options, agent, silent })) yield { integration, ...finding };
  }
}

const noPublicUrl: Finding = {
  severity: 'warning',
  message: '`public_url` is not set, so it is not known where Intercom reaches this door',
  advice: 'set it to the HTTPS address in front of the agent; `--only backends,data` leaves the URLs out',
};

interface DoorCheck extends Omit<UrlCheck, 'agent'> {
  readonly agent: NonNullable<UrlCheck['agent']>;
  readonly silent: Map<string, Finding>;
}

async function checkDoor(door: Door, options: DoorCheck): Promise<Finding[]> {
  const { agent, send, clock, knockHere, silent } = options;
  const url = door.publicUrl ?? door.localUrl;
  if (!url) return [];
  const known = silent.get(url.origin);
  if (known) return [known];
  const knock = door.publicUrl ? options.knock : knockHere;
  const see = async (request: Omit<Parameters<Knock>[0], 'url'>): Promise<Seen> => {
    const before = await agent.ledger();
    const knocked = await knock({ url, ...request });
    return { ...knocked, growth: growth(before, await agent.ledger()) };
  };
  const explain = async (seen: Seen, step: Parameters<typeof explainUrl>[1]['step']) => {
    const here = door.publicUrl && door.localUrl ? await knockHere({ url: door.localUrl, method: 'HEAD' }) : undefined;
    return explainUrl(seen, { step, url, isPublic: door.publicUrl !== undefined, ...(here && { here }) });
  };

  const head = await see({ method: 'HEAD' });
  if (head.status !== 200) {
    const trouble = await explain(head, 'head');
    if (head.status === undefined) silent.set(url.origin, trouble);
    return [trouble];
  }

  if (door.secret !== undefined) {
    const forged = await see({ method: 'POST', body: ping(clock), secret: randomBytes(16).toString('hex') });
    if (forged.status !== 401 || forged.growth.signature === 0) return [await explain(forged, 'forged')];
  }
  const place = hiddenUrl(url);
  if (!send) {
    return door.secret === undefined
      ? [{ severity: 'ok', message: `${place} answers; whether it leads to this agent only a ping would tell` }]
      : [{ severity: 'ok', message: `${place} leads to this agent, which checks signatures` }];
  }
  const body = ping(clock);
  const signed = await see({ method: 'POST', body, ...(door.secret !== undefined && { secret: door.secret }) });
  if (signed.status !== 200 || signed.growth.accepted === 0) {
    const { localUrl, publicUrl, secret } = door;
    const isRefused = signed.status === 401 && publicUrl && localUrl;
    const here: Knocked | undefined = isRefused
      ? await knockHere({ url: localUrl, method: 'POST', body, ...(secret !== undefined && { secret }) })
      : undefined;
    return [explainUrl(signed, { step: 'signed', url, isPublic: publicUrl !== undefined, ...(here && { here }) })];
  }
  const ms = Math.round(signed.ms);
  if (signed.ms <= SLOW_MS) {
    return [{ severity: 'ok', message: `${place} leads to this agent, which took a signed ping in ${ms} ms` }];
  }
  const message = `${place} leads to this agent, and took ${ms} ms for a signed ping`;
  const advice = `Intercom serves endpoints that answer within ${SLOW_MS} ms before others, and waits 5 s: look at the disk of the agent, and at what is in front of it`;
  return [{ severity: 'warning', message, advice }];
}

/** As Intercom sends it when an app's webhooks are tested; it has no id, so none is taken for a duplicate. */
function ping(clock: Clock): Buffer {
  const notification = sampleNotification('ping', { now: clock.now(), id: () => '' });
  const item = { type: 'ping', message: 'a test of `intercom-otel-agent doctor`' };
  return Buffer.from(JSON.stringify({ ...notification, data: { type: 'notification_event_data', item } }));
}

function growth(before: Pick<Ledger, 'accepted' | 'refused'>, after: typeof before): Seen['growth'] {
  const refused = (reason: string) => (after.refused?.[reason] ?? 0) - (before.refused?.[reason] ?? 0);
  return {
    accepted: (after.accepted ?? 0) - (before.accepted ?? 0),
    signature: refused('signature'),
    path: refused('path'),
    forbidden: refused('forbidden'),
    unauthorized: refused('unauthorized'),
  };
}
