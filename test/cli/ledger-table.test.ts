import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { ledgerText } from '../../src/cli/ledger-table.ts';
import { delivery, ledgerOf } from '../control/fixtures.ts';

const PLAIN = { colour: false };
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const CONTROLS = /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202e]/;

describe('the ledger for people', () => {
  test('shows what is wrong first, then each delivery, then the stores', () => {
    const reason = 'the backend answered 401: is the key right?';
    const ledger = ledgerOf(
      [
        delivery({ delivered: 1_204_356, accepted: 1_204_358, pending: 1, dead_lettered: 1 }),
        delivery({
          exporter: 'otlp_http/grafana',
          state: 'held',
          reason,
          accepted: 30,
          delivered: 0,
          dead_lettered: 0,
          filtered: 10,
          pending: 20,
          oldest_pending_seconds: 7500,
          last_rejection: 'too many fields',
        }),
      ],
      {
        accepted: 30,
        duplicates: 1,
        refused: { signature: 2 },
        degraded: ['the journal has filled 81 % of its room'],
        journal: {
          bytes: 8.1 * 1024 ** 3,
          max_bytes: 10 * 1024 ** 3,
          full: false,
          hours_left: 30.5,
          slowest: 'logs otlp_http/grafana',
          notes: ['The volume is hollow.'],
        },
        dead_letters: { letters: 1, bytes: 2048, max_bytes: 1024 ** 3, full: false, expired: 4 },
        replays: [
          {
            ...delivery({ pending: 5, oldest_pending_seconds: 0 }),
            id: 'x7k2m9',
            request: 'from 2026-01-01T00:00:00Z',
          },
        ],
      },
    );
    assert.equal(
      ledgerText(ledger, PLAIN),
      `1 thing to look at
  the journal has filled 81 % of its room

Deliveries
  PIPELINE  EXPORTER           STATE    PENDING     OLDEST  DELIVERED  FILTERED  DEAD   ACCEPTED
  logs      coralogix          running        1      2.5 s  1,204,356         0     1  1,204,358
  logs      otlp_http/grafana  held          20  2 h 5 min          0        10     0         30
      the backend answered 401: is the key right?
      the backend last rejected records with: too many fields

Replays
  REPLAY  PIPELINE  EXPORTER   ASKED FOR                  STATE    PENDING  OLDEST  DELIVERED  DEAD  ACCEPTED
  x7k2m9  logs      coralogix  from 2026-01-01T00:00:00Z  running        5       -         10     1        12

Received since the start  30 records, 1 duplicate, refused: 2 signature
Journal                   8.1 GiB of 10.0 GiB (81 %), full in 1 d 6 h at the present rate; the oldest entry waits for logs otlp_http/grafana
Dead letters              1 letter, 2.0 KiB of 1.0 GiB (0 %), 4 deleted for their age
Note                      The volume is hollow.
`,
    );
  });

  test('of a directory without an agent says so once, and nothing of a process, and that a store is full', () => {
    const { journal } = ledgerOf([]);
    const text = ledgerText(
      ledgerOf([], { accepted: null, duplicates: null, refused: null, journal: { ...journal, full: true } }),
      PLAIN,
    );
    assert.match(
      text,
      /^No agent runs: this is what its directory says\.\n\nDeliveries\n {2}none\n\nJournal .*, FULL\n/,
    );
    assert.doesNotMatch(text, /Received/);
  });

  test('has colours only where they are wanted, and only for the state', () => {
    const ledger = ledgerOf([delivery({ pipeline: 'logs/held', exporter: 'held', state: 'held', reason: 'x' })]);
    assert.doesNotMatch(ledgerText(ledger, PLAIN), CONTROLS);
    const coloured = ledgerText(ledger, { colour: true });
    assert.ok(coloured.includes('logs/held  held      \u001b[31mheld\u001b[0m'), JSON.stringify(coloured));
    // biome-ignore lint/suspicious/noControlCharactersInRegex: that nothing else is added is the point
    assert.equal(coloured.replace(/\u001b\[\d+m/g, ''), ledgerText(ledger, PLAIN));
  });

  test('shows what backends wrote as text and nothing that a terminal would obey', () => {
    const hostile = '\u001b]0;owned\u0007\u009b2J\u202etxt';
    const text = ledgerText(
      ledgerOf([delivery({ state: 'held', reason: hostile, last_rejection: hostile })], {
        degraded: [hostile],
        refused: { [hostile]: 1 },
      }),
      PLAIN,
    );
    assert.doesNotMatch(text, CONTROLS);
    assert.ok(text.includes('\\u001b]0;owned\\u0007\\u009b2J\\u202etxt'));
  });
});
