import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { LetterDetails, LetterFilter } from '../../src/control/operations.ts';
import { parseReplayName, readReplayMemo } from '../../src/control/replay-request.ts';
import { JournalError } from '../../src/journal/journal.ts';
import { born, type Directory, entries, entry, inMemory, letterAt, NAME, onDisk } from './directory-harness.ts';

const refusal = (message: RegExp) => ({ name: 'OperationError', message });

async function collect<Item>(items: AsyncIterable<Item>): Promise<Item[]> {
  const all: Item[] = [];
  for await (const item of items) all.push(item);
  return all;
}

/** Ten entries, delivered but for three letters: 2 and 5, which were refused, and 8, which was too large. */
async function withLetters({ withJournal }: Directory): Promise<void> {
  await withJournal(async (journal) => {
    await born(journal, NAME, { cursor: 11, counts: { delivered: 7, dead_lettered: 3 } });
    await journal.append(entries(10));
    await journal.deadLetters.put([
      await letterAt(journal, 5, { sent: Buffer.from('{"resourceLogs":[]}') }),
      await letterAt(journal, 2),
      await letterAt(journal, 8, { cause: { kind: 'too_large', summary: 'over 1 MiB' } }),
    ]);
  });
}

describe('looking at a directory', () => {
  test('changes not a byte of it', async (t) => {
    const place = onDisk(t);
    await withLetters(place);
    const before = place.files();
    assert.ok(Object.keys(before).length > 4);
    const operations = place.operations();
    await operations.ledger();
    await operations.letters({});
    await collect(operations.letterDetails({}));
    await operations.replay({ exporter: 'coralogix', rate: 1, dry_run: true });
    await operations.erase('ada', { dry_run: true });
    assert.deepEqual(place.files(), before);
  });

  test('goes on while an agent runs there, and changes are refused in words', async (t) => {
    const place = onDisk(t);
    await withLetters(place);
    await place.withJournal(async () => {
      const operations = place.operations();
      assert.equal((await operations.letters({})).length, 3);
      const changes = [
        () => operations.retryLetters({}),
        () => operations.skipDelivery(NAME, { discard: true }),
        () => operations.erase('ada', { dry_run: false }),
      ];
      for (const change of changes) await assert.rejects(change, refusal(/in use by process \d+/));
    });
  });

  test('that has no journal is refused in words, and nothing is made there', async (t) => {
    const place = onDisk(t);
    await assert.rejects(place.operations().ledger(), refusal(/holds no journal/));
    await assert.rejects(place.operations().retryLetters({}), refusal(/holds no journal/));
    assert.deepEqual(place.files(), {});
  });

  test('`drain` and `tail` say that there is no agent', async (t) => {
    await assert.rejects(onDisk(t).operations().drain(), refusal(/No agent runs there/));
    assert.throws(() => onDisk(t).operations().tap(), refusal(/No agent runs there/));
  });
});

describe('dead letters', () => {
  test('are listed in order of time, and by every condition of the filter', async (t) => {
    const place = onDisk(t);
    await withLetters(place);
    const operations = place.operations();
    const all = await operations.letters({});
    assert.deepEqual(
      all.map(({ position }) => position),
      [2, 5, 8],
    );
    const [first] = all;
    assert.match(first?.id ?? '', /^[0-9a-f]{10}-2$/);
    assert.ok((first?.bytes ?? 0) > 0);
    assert.deepEqual(
      { ...first, id: '', bytes: 0 },
      {
        id: '',
        pipeline: 'logs',
        exporter: 'coralogix',
        position: 2,
        kind: 'rejected',
        reason: 'the backend answered 400',
        status: 400,
        at: '2026-01-02T00:00:02.000Z',
        received_at: '2026-01-01T00:00:02.000Z',
        attempts: 2,
        records: 1,
        bytes: 0,
        topic: 'ticket.created',
        retrying: false,
      },
    );
    const cases: [LetterFilter, number[]][] = [
      [{ ids: [all[0]?.id as string, all[2]?.id as string] }, [2, 8]],
      [{ delivery: 'coralogix' }, [2, 5, 8]],
      [{ delivery: NAME }, [2, 5, 8]],
      [{ delivery: 'logs/eu coralogix' }, []],
      [{ delivery: 'logs' }, []],
      [{ kind: 'too_large' }, [8]],
      [{ topic: 'ticket.*' }, [2, 8]],
      [{ topic: 'ticket.*', kind: 'rejected' }, [2]],
      [{ since: '2026-01-02T00:00:05Z' }, [5, 8]],
      [{ until: '2026-01-02T00:00:05Z' }, [2]],
      [{ since: '2026-01-02T01:00:05+01:00', until: '2026-01-02T00:00:08Z' }, [5]],
    ];
    for (const [filter, positions] of cases) {
      const found = await operations.letters(filter);
      assert.deepEqual(
        found.map(({ position }) => position),
        positions,
        JSON.stringify(filter),
      );
    }
    await assert.rejects(operations.letters({ ids: ['0123456789-2'] }), refusal(/no dead letter 0123456789-2\./));
    await assert.rejects(operations.letters({ since: 'yesterday' }), refusal(/since: expected a time/));
  });

  test('are shown whole, bytes that are no text in base64', async (t) => {
    const place = onDisk(t);
    await withLetters(place);
    const body = Buffer.from([0xff, 0x00, 0x7b]);
    await place.withJournal(async (journal) => {
      const letter = await letterAt(journal, 9);
      await journal.deadLetters.put([{ ...letter, entry: { ...letter.entry, body } }]);
    });
    const [two, five, , nine] = (await collect(place.operations().letterDetails({}))) as LetterDetails[];
    assert.deepEqual(
      [two?.source, two?.metadata.number, two?.answer, two?.record, two?.body, two?.body_encoding],
      ['intercom', '2', 'no such field', null, '{"number":2}', 'utf8'],
    );
    assert.deepEqual(five?.record, { resourceLogs: [] });
    assert.deepEqual([nine?.body, nine?.body_encoding], [body.toString('base64'), 'base64']);
  });

  test('that are to be sent again are pending, and stay so for the next start', async (t) => {
    const place = onDisk(t);
    await withLetters(place);
    const operations = place.operations();
    assert.deepEqual(await operations.retryLetters({ kind: 'rejected' }), { letters: 2, left: 0 });
    const marked = await operations.letters({});
    assert.deepEqual(
      marked.map(({ position, retrying }) => [position, retrying]),
      [
        [2, true],
        [5, true],
        [8, false],
      ],
    );
    const [status] = (await operations.ledger()).deliveries;
    assert.deepEqual([status?.pending, status?.dead_lettered, status?.accepted], [2, 1, 10]);
    const kept = await place.withJournal(async (journal) => journal.deadLetters.list());
    assert.deepEqual(
      kept.filter(({ retrying }) => retrying).map(({ position }) => position),
      [2, 5],
    );
  });

  test('of a delivery that is no more stay as they are', async (t) => {
    const place = onDisk(t);
    await withLetters(place);
    await place.withJournal(async (journal) => {
      await journal.deadLetters.put([await letterAt(journal, 3, { delivery: 'logs gone' })]);
    });
    const operations = place.operations();
    await assert.rejects(operations.retryLetters({ delivery: 'gone' }), refusal(/Nobody would send.*\(logs gone\)/));
    assert.deepEqual(await operations.retryLetters({}), { letters: 3, left: 1 });
    const again = (await operations.letters({})).filter(({ retrying }) => retrying);
    assert.deepEqual(
      again.map(({ exporter }) => exporter),
      ['coralogix', 'coralogix', 'coralogix'],
    );
  });

  test('that are discarded are gone, and still counted', async (t) => {
    const place = onDisk(t);
    await withLetters(place);
    const operations = place.operations();
    await operations.retryLetters({ topic: 'ticket.*' });
    assert.deepEqual(await operations.discardLetters({ topic: 'ticket.*' }), { letters: 2 });
    assert.deepEqual(
      (await operations.letters({})).map(({ position }) => position),
      [5],
    );
    const [status] = (await operations.ledger()).deliveries;
    assert.deepEqual([status?.dead_lettered, status?.pending, status?.accepted], [3, 0, 10]);
  });
});

describe('skipping what is pending', () => {
  const pending = async ({ withJournal }: Directory) =>
    withJournal(async (journal) => {
      await born(journal, NAME, {
        cursor: 3,
        settled: [
          [5, 6],
          [9, 9],
        ],
        counts: { delivered: 4, dead_lettered: 1 },
        inFlight: [[3, 4]],
      });
      await born(journal, 'logs other');
      await journal.append([
        ...entries(11),
        entry(12, { source: 'other' }),
        entry(13, { metadata: { person: 'ada' } }),
      ]);
      await journal.deadLetters.put([await letterAt(journal, 1)]);
      await journal.deadLetters.retry([{ delivery: NAME, position: 1 }]);
      await journal.erase(({ metadata }) => metadata.person === 'ada');
      await journal.openCursor('logs other');
      await journal.orphans();
    });

  test('makes dead letters of it, and of those that were to be sent again', async (t) => {
    const place = onDisk(t);
    await pending(place);
    const operations = place.operations();
    const before = (await operations.ledger()).deliveries;
    // 3, 4, 7, 8, 10, 11, the erased 13, and the letter.
    assert.deepEqual([before[0]?.pending, before[0]?.accepted, before[0]?.state], [8, 12, 'orphaned']);
    assert.deepEqual(await operations.skipDelivery(NAME, { discard: false }), { records: 8 });
    const { deliveries } = await operations.ledger();
    const [skipped, other] = deliveries;
    assert.deepEqual(
      [skipped?.pending, skipped?.dead_lettered, skipped?.filtered, skipped?.delivered, skipped?.accepted],
      [0, 7, 1, 4, 12],
    );
    assert.deepEqual([skipped?.state, skipped?.reason], [before[0]?.state, before[0]?.reason]);
    assert.deepEqual(other, before[1]);
    const letters = await operations.letters({});
    assert.deepEqual(
      letters
        .map(({ position, kind, retrying }) => [position, kind, retrying])
        .sort((a, b) => Number(a[0]) - Number(b[0])),
      [[1, 'rejected', false], ...[3, 4, 7, 8, 10, 11].map((position) => [position, 'skipped', false])],
    );
    assert.deepEqual(await operations.skipDelivery(NAME, { discard: false }), { records: 0 });
  });

  test('or gives it up for good', async (t) => {
    const place = onDisk(t);
    await pending(place);
    const operations = place.operations();
    assert.deepEqual(await operations.skipDelivery(NAME, { discard: true }), { records: 8 });
    const [skipped] = (await operations.ledger()).deliveries;
    assert.deepEqual(
      [skipped?.pending, skipped?.expired, skipped?.filtered, skipped?.dead_lettered, skipped?.accepted],
      [0, 7, 1, 0, 12],
    );
    assert.deepEqual(await operations.letters({}), []);
    const { redeemed } = await place.withJournal(async (journal) => journal.cursors()[0]?.state ?? { redeemed: [9] });
    assert.deepEqual(redeemed ?? [], []);
  });

  test('that is interrupted has counted what was done, and can be asked for again', async () => {
    const { journal, operations } = await inMemory();
    await born(journal);
    await journal.append(entries(500));
    const put = journal.deadLetters.put.bind(journal.deadLetters);
    let calls = 0;
    Object.assign(journal.deadLetters, {
      put: (letters: Parameters<typeof put>[0]) =>
        ++calls === 2 ? Promise.reject(new JournalError('full', 'no room for dead letters')) : put(letters),
    });
    await assert.rejects(operations().skipDelivery(NAME, { discard: false }), refusal(/no room for dead letters/));
    const [half] = (await operations().ledger()).deliveries;
    assert.deepEqual([half?.accepted, half?.dead_lettered], [500, journal.deadLetters.list().length]);
    assert.ok((half?.dead_lettered ?? 0) > 0 && (half?.pending ?? 0) > 0);
    assert.deepEqual(await operations().skipDelivery(NAME, { discard: false }), { records: half?.pending });
    const [whole] = (await operations().ledger()).deliveries;
    assert.deepEqual([whole?.pending, whole?.dead_lettered], [0, 500]);
  });
});

describe('a delivery that left the configuration', () => {
  test('is handed to another exporter with its backlog, counts and dead letters', async (t) => {
    const place = onDisk(t);
    await withLetters(place);
    await place.withJournal((journal) => journal.append([entry(11)]));
    const operations = place.operations();
    await operations.renameDelivery(NAME, 'logs otlp_http/new');
    const { deliveries } = await operations.ledger();
    const [renamed] = deliveries;
    assert.deepEqual(
      [deliveries.length, renamed?.exporter, renamed?.delivered, renamed?.dead_lettered, renamed?.pending],
      [1, 'otlp_http/new', 7, 3, 1],
    );
    assert.deepEqual(
      (await operations.letters({ delivery: 'otlp_http/new' })).map(({ position }) => position),
      [2, 5, 8],
    );
    await assert.rejects(
      operations.renameDelivery(NAME, 'logs x'),
      refusal(/no delivery "logs coralogix".*"logs otlp_http\/new"/),
    );
    await assert.rejects(
      operations.renameDelivery('logs otlp_http/new', 'coralogix'),
      refusal(/no name of a delivery/),
    );
    await place.withJournal((journal) => born(journal, 'logs there'));
    await assert.rejects(
      operations.renameDelivery('logs otlp_http/new', 'logs there'),
      refusal(/There is a delivery "logs there" already/),
    );
  });

  test('is forgotten, with the number of records that nobody will deliver', async (t) => {
    const place = onDisk(t);
    await withLetters(place);
    await place.withJournal((journal) => journal.append([entry(11), entry(12, { records: 3 })]));
    const configured = new Set([NAME]);
    await assert.rejects(place.operations({ configured }).forgetDelivery(NAME), refusal(/is in the configuration/));
    assert.deepEqual(await place.operations().forgetDelivery(NAME), { undelivered: 4 });
    assert.deepEqual((await place.operations().ledger()).deliveries, []);
    await assert.rejects(place.operations().forgetDelivery(NAME), refusal(/no delivery "logs coralogix".*none at all/));
  });
});

describe('a replay', () => {
  const prepared = async ({ withJournal, clock }: Directory) =>
    withJournal(async (journal) => {
      const settled = { cursor: 9, counts: { delivered: 8 } };
      await born(journal, NAME, settled);
      await born(journal, 'logs/eu coralogix', { ...settled, cursor: 5 });
      await born(journal, 'logs other');
      for (const one of entries(10)) {
        clock.jump(one.receivedAt - clock.now());
        await journal.append([one]);
      }
    });
  const request = { exporter: 'coralogix', rate: 50, dry_run: false };

  test('waits in the journal for the agent, one for each pipeline of the exporter', async (t) => {
    const place = onDisk(t);
    await prepared(place);
    const operations = place.operations();
    const answers = await operations.replay({ ...request, topic: 'ticket.*' });
    assert.deepEqual(
      answers.map(({ pipeline, exporter, records }) => [pipeline, exporter, records]),
      [
        ['logs', 'coralogix', 4],
        ['logs/eu', 'coralogix', 2],
      ],
    );
    const cursors = await place.withJournal(async (journal) => journal.cursors());
    const replays = cursors.flatMap(({ name, birth, state }) => {
      const parsed = parseReplayName(name);
      return parsed ? [{ ...parsed, birth, state }] : [];
    });
    assert.deepEqual(
      new Map(replays.map(({ id, pipeline }) => [id, pipeline])),
      new Map(answers.map(({ id, pipeline }) => [id, pipeline])),
    );
    const first = replays.find(({ pipeline }) => pipeline === 'logs');
    assert.deepEqual([first?.birth, first?.state.cursor], [1, 1]);
    assert.deepEqual(first?.state.sources, [{ source: 'intercom', since: 1 }]);
    assert.deepEqual(first && readReplayMemo(first.state), {
      to: 9,
      from: null,
      until: null,
      topic: 'ticket.*',
      rate: 50,
      asked: 'topic ticket.*',
    });
    const ledger = await operations.ledger();
    assert.deepEqual(
      new Map(ledger.replays.map(({ pipeline, pending }) => [pipeline, pending])),
      new Map([
        ['logs', 4],
        ['logs/eu', 2],
      ]),
    );
    assert.equal(ledger.deliveries.length, 3);

    await operations.cancelReplay(answers[0]?.id as string);
    assert.deepEqual(
      (await operations.ledger()).replays.map(({ id }) => id),
      [answers[1]?.id],
    );
    await assert.rejects(operations.cancelReplay('nosuch'), refusal(/no replay "nosuch"/));
  });

  test('takes what was received in the time that was asked for, and begins where that can be', async (t) => {
    const place = onDisk(t);
    await prepared(place);
    const at = (second: number) => new Date(Date.UTC(2026, 0, 1, 0, 0, second)).toISOString();
    const timed = { ...request, exporter: NAME, from: at(3), to: at(6) };
    const dry = await place.operations().replay({ ...timed, dry_run: true });
    assert.deepEqual(dry, [{ id: null, pipeline: 'logs', exporter: 'coralogix', records: 3 }]);
    const [answer] = await place.operations().replay(timed);
    assert.equal(answer?.records, 3);
    const cursor = await place.withJournal(async (journal) =>
      journal.cursors().find(({ name }) => parseReplayName(name)?.id === answer?.id),
    );
    assert.ok(cursor && cursor.birth <= 3);
    const plan = readReplayMemo(cursor.state);
    assert.deepEqual([plan?.from, plan?.until], [Date.parse(at(3)), Date.parse(at(6))]);
    assert.equal(plan?.asked, `from ${at(3)}, to ${at(6)}`);
  });

  test('of a delivery that came later begins with what it answers for', async (t) => {
    const place = onDisk(t);
    await prepared(place);
    await place.withJournal((journal) =>
      born(journal, 'logs late', { cursor: 9, sources: [{ source: 'intercom', since: 6 }] }),
    );
    const [answer] = await place.operations().replay({ ...request, exporter: 'late' });
    assert.equal(answer?.records, 3);
    const cursors = await place.withJournal(async (journal) => journal.cursors());
    assert.equal(cursors.find(({ name }) => parseReplayName(name)?.exporter === 'late')?.birth, 6);
  });

  test('of what is not settled, or not there, is refused and leaves nothing behind', async (t) => {
    const place = onDisk(t);
    await prepared(place);
    const operations = place.operations();
    const late = { ...request, exporter: NAME, from: '2026-01-01T00:00:09Z', to: '2026-01-02' };
    await assert.rejects(operations.replay(late), refusal(/Nothing to replay/));
    await assert.rejects(operations.replay({ ...request, topic: 'nosuch' }), refusal(/Nothing to replay/));
    await assert.rejects(operations.replay({ ...request, exporter: 'nosuch' }), refusal(/no delivery "nosuch"/));
    await assert.rejects(operations.replay({ ...request, from: 'yesterday' }), refusal(/from: expected a time/));
    const ledger = await operations.ledger();
    assert.deepEqual([ledger.replays, ledger.deliveries.length], [[], 3]);
    assert.deepEqual(await operations.replay({ ...late, dry_run: true }), [
      { id: null, pipeline: 'logs', exporter: 'coralogix', records: 0 },
    ]);
  });
});

test('a person is erased from entries and letters; a dry run finds the same', async (t) => {
  const place = onDisk(t);
  await place.withJournal(async (journal) => {
    await born(journal);
    const ada = { metadata: { person: 'ada', topic: 'ping' } };
    await journal.append([entry(1, ada), entry(2), entry(3, ada)]);
    await journal.deadLetters.put([await letterAt(journal, 1), await letterAt(journal, 2)]);
  });
  const operations = place.operations();
  const found = { entries: 2, letters: 1 };
  assert.deepEqual(await operations.erase('ada', { dry_run: true }), found);
  assert.deepEqual(await operations.erase('ada', { dry_run: false }), found);
  for (const dry_run of [true, false]) {
    assert.deepEqual(await operations.erase('ada', { dry_run }), { entries: 0, letters: 0 });
  }
  assert.deepEqual(
    (await operations.letters({})).map(({ position }) => position),
    [2],
  );
  assert.equal((await operations.ledger()).deliveries[0]?.pending, 3);
});
