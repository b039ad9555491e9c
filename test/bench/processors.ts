/** What processors cost for each record of a notification of the usual size. */
import { factories } from '../../src/registry.ts';
import { notification } from '../support/notifications.ts';
import { chainCost } from './chain.ts';
import type { Row } from './rows.ts';
import { CHAIN } from './scenarios.ts';

/** Those that this build does not have are left out. */
const CHAINS: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {
  'five OTTL statements': { transform: CHAIN.transform },
  redaction: { redaction: CHAIN.redaction },
  'redaction and five OTTL statements': CHAIN,
  'attributes: one upsert, one hash': {
    attributes: {
      actions: [
        { key: 'team', value: 'support', action: 'upsert' },
        { key: 'user.id', action: 'hash' },
      ],
    },
  },
  intercom_privacy: { intercom_privacy: null },
};

export async function benchProcessors(seconds: number): Promise<Row[]> {
  const body = notification(1);
  const bare = await chainCost({}, seconds, body);
  const rows: Row[] = [{ name: `decoding a notification of ${body.length} bytes`, value: bare, unit: 'µs' }];
  const known = new Set<string>(factories.filter(({ kind }) => kind === 'processor').map(({ type }) => type));
  for (const [name, chain] of Object.entries(CHAINS)) {
    if (!Object.keys(chain).every((type) => known.has(type))) continue;
    rows.push({ name, value: (await chainCost(chain, seconds, body)) - bare, unit: 'µs' });
  }
  return rows;
}
