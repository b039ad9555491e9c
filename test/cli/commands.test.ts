import assert from 'node:assert/strict';
import { existsSync, lstatSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, type TestContext, test } from 'node:test';
import { systemClock } from '../../src/clock.ts';
import { AuditLog } from '../../src/control/audit.ts';
import { OperationError, type Operations } from '../../src/control/operations.ts';
import { ControlServer } from '../../src/control/server.ts';
import { silentLog } from '../../src/telemetry/log.ts';
import { born, entries, letterAt, NAME, onDisk } from '../control/directory-harness.ts';
import { delivery, fakeOperations, ledgerOf, letter, temporary } from '../control/fixtures.ts';
import { run, start } from '../support/run.ts';

/** The socket of an agent that answers as told. */
async function agent(t: TestContext, answers: Partial<Operations> = {}) {
  const directory = temporary(t);
  const { operations, calls } = fakeOperations(answers);
  const log = silentLog;
  const audit = new AuditLog({ directory, clock: systemClock, log });
  const server = new ControlServer({ operations, directory, audit, version: '1.2.3', log, clock: systemClock });
  await server.start();
  t.after(() => server.shutdown(AbortSignal.abort()));
  return { directory, calls, run: (...args: string[]) => run([...args, '--data', directory]) };
}

const HOSTILE = '\u001b]0;owned\u0007\u202e';

describe('commands to a running agent', () => {
  test('`ledger` prints a table, or the ledger as JSON, and again and again with --watch', async (t) => {
    const ledger = ledgerOf([delivery({ state: 'held', reason: `401 ${HOSTILE}` })]);
    const { run, directory } = await agent(t, { ledger: async () => ledger });
    const [table, json, bad] = await Promise.all([
      run('ledger'),
      run('ledger', '--json'),
      run('ledger', '--watch', 'often'),
    ]);
    assert.deepEqual([table.code, table.stderr], [0, '']);
    assert.match(table.stdout, /logs {6}coralogix {2}held/);
    assert.ok(!table.stdout.includes('\u001b'));
    assert.deepEqual([json.code, json.stderr], [0, '']);
    assert.deepEqual(JSON.parse(json.stdout), ledger);
    assert.ok(!json.stdout.includes('\u202e'));
    assert.deepEqual([bad.code, bad.stdout], [2, '']);

    const watching = start(['ledger', '--json', '--watch', '0.1', '--data', directory]);
    t.after(() => watching.stop());
    await watching.printed(/\n.*\n.*\n/);
    watching.stop();
    const { stdout } = await watching.ended;
    for (const line of stdout.split('\n').slice(0, 3)) {
      const { time, ...rest } = JSON.parse(line);
      assert.ok(!Number.isNaN(Date.parse(time)));
      assert.deepEqual(rest, ledger);
    }
  });

  test('`tail` passes on what is asked for, and prints no text that a terminal obeys', async (t) => {
    const attributes = [{ key: HOSTILE, value: { stringValue: HOSTILE } }];
    const data = [
      { resourceLogs: [{ scopeLogs: [{ logRecords: [{ attributes, body: { stringValue: HOSTILE } }] }] }] },
    ];
    const sighting = {
      ...{ pipeline: 'logs', at: 'redaction', position: 1, topic: HOSTILE, received_at: '2026-01-02T03:04:05.000Z' },
      ...{ before: [{ resourceLogs: [{ scopeLogs: [{ logRecords: [{}] }] }] }], after: data },
      ...{ dropped: false, error: null },
    };
    const { run, calls } = await agent(t, {
      tap: async function* (request) {
        yield { kind: 'begun', pipelines: ['logs', HOSTILE], joins_over_ms: 0 };
        yield { kind: 'seen', sighting: request.at === undefined ? { ...sighting, at: null, before: null } : sighting };
        yield { kind: 'passed', skipped: 1, lost: 2, elsewhere: 3000 };
        yield { kind: 'seen', sighting: { ...sighting, after: [], error: { where: 'at', message: HOSTILE } } };
        yield { kind: 'reloaded', pipelines: [HOSTILE] };
        yield { kind: 'ended', reason: HOSTILE };
      },
    });
    const [text, json, whole, limited] = await Promise.all([
      run(
        'tail',
        '--at',
        'redaction',
        '--topic',
        'ticket.*',
        '--pipeline',
        'logs',
        '--from',
        '2026-01-01',
        '--rate',
        '0.5',
      ),
      run('tap', '--at', 'redaction', '--json'),
      run('tail'),
      run('tail', '--limit', '1'),
    ]);
    for (const { code, stdout, stderr } of [text, json, whole, limited]) {
      assert.equal(code, 0, stderr);
      for (const printed of [stdout, stderr])
        assert.ok(!printed.includes('\u001b') && !printed.includes('\u202e'), printed);
    }
    const asked = { topic: 'ticket.*', pipeline: 'logs', from: '2026-01-01T00:00:00.000Z', rate: 0.5 };
    const requests = calls.map(([, request]) => request);
    assert.deepEqual(requests, [
      { at: 'redaction', ...asked },
      { at: 'redaction', rate: 50 },
      { rate: 50 },
      { rate: 50 },
    ]);
    assert.match(text.stdout, /#1 {2}logs {2}2 differences\n {2}\+ attributes\[.*\n {2}\+ body {2}"/);
    assert.match(text.stderr, /\n\.\.\. 1 entry skipped to keep up\n/);
    assert.match(
      text.stderr,
      /2 records shown, 1 entry skipped to keep up, 3,000 entries did not reach redaction, 2 entries damaged or gone\n$/,
    );
    assert.deepEqual(JSON.parse(json.stdout.split('\n')[0] ?? ''), sighting);
    assert.match(limited.stderr, /\n1 record shown\n$/);
    const wrong = [
      ['--rate', 'x'],
      ['--rate', '0'],
      ['--rate', '1001'],
      ['--limit', '1.5'],
      ['--limit', ''],
      ['--from', 'noon'],
    ];
    for (const args of wrong) assert.equal((await run('tail', ...args)).code, 2, args.join(' '));
  });

  test('`dead-letters list`, `show` and `export` pass the filter on and print no text that a terminal obeys', async (t) => {
    const one = letter(7, { answer: `no\n${HOSTILE}`, reason: HOSTILE, body: `{"text":"${HOSTILE}"}`, topic: HOSTILE });
    const { run, calls, directory } = await agent(t, {
      letters: async () => [one],
      letterDetails: async function* () {
        yield one;
        yield letter(8);
      },
    });
    const filters = ['--exporter', 'otlphttp/x', '--kind', 'too_large', '--topic', 'ticket.*', '--since', '2026-01-01'];
    const file = join(directory, 'letters.ndjson');
    const [list, json, show, exported, filed] = await Promise.all([
      run('dead-letters', 'list', ...filters, '--until', '2026-01-02T00:00:00+01:00'),
      run('dead-letters', 'list', '--json'),
      run('dead-letters', 'show', one.id, '--id', 'abc-9'),
      run('dead-letters', 'export'),
      run('dead-letters', 'export', '--output', file),
    ]);
    for (const { code, stdout, stderr } of [list, json, show, exported, filed]) {
      assert.equal(code, 0, stderr);
      for (const text of [stdout, stderr]) assert.ok(!text.includes('\u001b') && !text.includes('\u202e'), text);
    }
    assert.match(
      list.stdout,
      /^ID +DEAD SINCE +DELIVERY +KIND +TOPIC +REASON\n0123456789-7 +2026-01-02T03:04:05Z +logs coralogix/,
    );
    assert.deepEqual(JSON.parse(json.stdout), [one]);
    assert.match(show.stdout, /The backend wrote:\n {2}no\n {2}\\u001b\]0;owned/);
    assert.match(show.stdout, /\nLetter 0123456789-8\n/);
    const lines = exported.stdout.trimEnd().split('\n');
    assert.deepEqual(
      lines.map((line) => JSON.parse(line)),
      [one, letter(8)],
    );
    assert.deepEqual([exported.stderr, filed.stdout], ['', '']);
    assert.equal(readFileSync(file, 'utf8'), exported.stdout);
    assert.equal(lstatSync(file).mode & 0o777, 0o600);
    const wanted = {
      delivery: 'otlp_http/x',
      kind: 'too_large',
      topic: 'ticket.*',
      since: '2026-01-01T00:00:00.000Z',
      until: '2026-01-01T23:00:00.000Z',
    };
    const called = calls.map((call) => JSON.stringify(call));
    assert.ok(called.includes(JSON.stringify(['letters', wanted])), called.join('\n'));
    assert.ok(called.includes(JSON.stringify(['letterDetails', { ids: [one.id, 'abc-9'] }])), called.join('\n'));

    const again = await run('dead-letters', 'export', '--output', file);
    assert.equal(again.code, 2);
    assert.match(again.stderr, /exists already/);
  });

  test('`dead-letters retry` and `discard` want to know which, and `discard` wants to be told twice', async (t) => {
    const { run, calls } = await agent(t, {
      letters: async () => [letter(1), letter(2)],
      retryLetters: async () => ({ letters: 1, left: 2 }),
      discardLetters: async () => ({ letters: 2 }),
    });
    const wrong = await Promise.all([
      run('dead-letters', 'retry'),
      run('dead-letters', 'discard', '--yes'),
      run('dead-letters', 'retry', '--all', '--exporter', 'coralogix'),
      run('dead-letters', 'retry', '--kind', 'nosuch'),
      run('dead-letters', 'retry', '--since', 'yesterday'),
      run('dead-letters', 'retry', '../x'),
      run('dead-letters', 'show'),
      run('dead-letters'),
    ]);
    for (const { code, stdout, stderr } of wrong) assert.deepEqual([code, stdout, stderr === ''], [2, '', false]);
    assert.deepEqual(calls, []);

    const retried = await run('dead-letters', 'retry', '--all');
    assert.deepEqual([retried.code, retried.stdout], [0, '']);
    assert.match(retried.stderr, /^1 letter to be sent again now\..*\n2 letters stayed/);
    const asked = await run('dead-letters', 'discard', '--exporter', 'coralogix');
    assert.equal(asked.code, 0);
    assert.match(asked.stdout, /0123456789-1[\s\S]*0123456789-2/);
    assert.match(asked.stderr, /2 letters would be discarded for ever\. Add --yes/);
    assert.deepEqual(calls, [
      ['retryLetters', {}],
      ['letters', { delivery: 'coralogix' }],
    ]);
    const done = await run('dead-letters', 'discard', '--exporter', 'coralogix', '--yes', '--json');
    assert.deepEqual([done.code, JSON.parse(done.stdout), done.stderr], [0, { letters: 2 }, '']);
  });

  test('`replay` asks, lists and cancels', async (t) => {
    const answer = { id: 'x7k2m9', pipeline: 'logs', exporter: 'coralogix', records: 3 };
    const replay = { ...delivery({ pending: 3 }), id: 'x7k2m9', request: 'topic ticket.*' };
    const { run, calls } = await agent(t, {
      ledger: async () => ledgerOf([], { replays: [replay] }),
      replay: async ({ dry_run }) => [{ ...answer, id: dry_run ? null : answer.id }],
      cancelReplay: (id) =>
        id === 'x7k2m9' ? Promise.resolve() : Promise.reject(new OperationError('No such replay.')),
    });
    const wrong = await Promise.all([
      run('replay'),
      run('replay', '--exporter', 'coralogix', '--rate', '0'),
      run('replay', '--exporter', 'coralogix', '--from', '1h', '--to', '2h'),
      run('replay', 'nosuch'),
    ]);
    for (const { code, stdout } of wrong) assert.deepEqual([code, stdout], [2, '']);
    assert.deepEqual(calls, []);

    const asked = await run(
      'replay',
      '--exporter',
      'logs coralogix',
      '--from',
      '2026-01-01',
      '--topic',
      'ticket.*',
      '--rate',
      '5',
    );
    assert.deepEqual([asked.code, asked.stdout], [0, '']);
    assert.match(asked.stderr, /Replay x7k2m9 begins now: 3 records to coralogix in logs/);
    const counted = await run('replay', '--exporter', 'coralogix', '--dry-run', '--json');
    assert.deepEqual(JSON.parse(counted.stdout), [{ ...answer, id: null }]);
    assert.deepEqual(calls, [
      [
        'replay',
        { exporter: 'logs coralogix', from: '2026-01-01T00:00:00.000Z', topic: 'ticket.*', rate: 5, dry_run: false },
      ],
      ['replay', { exporter: 'coralogix', rate: 100, dry_run: true }],
    ]);
    const [list, json, cancelled, unknown] = await Promise.all([
      run('replay', 'list'),
      run('replay', 'list', '--json'),
      run('replay', 'cancel', 'x7k2m9'),
      run('replay', 'cancel', 'other'),
    ]);
    assert.match(list.stdout, /\nx7k2m9 {2}logs coralogix {2}running +3 +10 {2}topic ticket\.\*\n/);
    assert.deepEqual(JSON.parse(json.stdout), [replay]);
    assert.deepEqual([cancelled.code, unknown.code], [0, 1]);
    assert.equal(unknown.stderr, 'intercom-otel-agent: No such replay.\n');
  });

  test('`deliveries` takes a whole name, or an exporter that is in one pipeline', async (t) => {
    const { run, calls } = await agent(t, {
      ledger: async () =>
        ledgerOf([
          delivery({ exporter: 'coralogix' }),
          delivery({ pipeline: 'logs/eu', exporter: 'coralogix' }),
          delivery({ exporter: 'otlp_http/old', state: 'orphaned', reason: 'it left' }),
        ]),
      skipDelivery: async () => ({ records: 1 }),
      forgetDelivery: async () => ({ undelivered: 2 }),
    });
    const [list, json, ambiguous, unknown] = await Promise.all([
      run('deliveries', 'list'),
      run('deliveries', 'list', '--json'),
      run('deliveries', 'skip', 'coralogix'),
      run('deliveries', 'forget', 'nosuch'),
    ]);
    assert.match(list.stdout, /"logs otlp_http\/old" {2}orphaned +1 {2}it left\n/);
    assert.deepEqual(
      JSON.parse(json.stdout).map(({ name }: { name: string }) => name),
      ['logs coralogix', 'logs/eu coralogix', 'logs otlp_http/old'],
    );
    assert.equal(ambiguous.code, 2);
    assert.match(ambiguous.stderr, /in several pipelines; which one: "logs coralogix", "logs\/eu coralogix"/);
    assert.equal(unknown.code, 2);
    assert.match(unknown.stderr, /there are: "logs coralogix"/);
    calls.length = 0;

    const skipped = await run('deliveries', 'skip', 'logs/eu coralogix', '--discard');
    assert.match(skipped.stderr, /1 record of "logs\/eu coralogix" was given up/);
    const renamed = await run('deliveries', 'rename', 'otlphttp/old', 'otlphttp/new');
    assert.match(renamed.stderr, /"logs otlp_http\/old" is "logs otlp_http\/new" now, with 1 record pending/);
    const forgotten = await run('deliveries', 'forget', 'otlp_http/old', '--json');
    assert.deepEqual(JSON.parse(forgotten.stdout), { undelivered: 2 });
    assert.deepEqual(
      calls.filter(([name]) => name !== 'ledger'),
      [
        ['skipDelivery', 'logs/eu coralogix', { discard: true }],
        ['renameDelivery', 'logs otlp_http/old', 'logs otlp_http/new'],
        ['forgetDelivery', 'logs otlp_http/old'],
      ],
    );
  });

  test('`drain` waits until nothing is pending but orphans, and says what is left when the time is over', async (t) => {
    let looks = 0;
    const { run } = await agent(t, {
      ledger: async () =>
        ledgerOf([
          delivery({ pending: looks++ < 2 ? 5 : 0 }),
          delivery({ state: 'orphaned', reason: 'x', pending: 9 }),
        ]),
    });
    const drained = await run('drain', '--json');
    assert.equal(drained.code, 0, drained.stderr);
    assert.deepEqual(JSON.parse(drained.stdout), { drained: true, pending: 0, deliveries: [] });
    assert.ok(looks >= 3);

    const stuck = await agent(t, {
      ledger: async () =>
        ledgerOf([
          delivery({ pending: 5, state: 'held', reason: 'the backend answered 401' }),
          delivery({ pending: 0 }),
        ]),
    });
    const [late, wrong] = await Promise.all([
      stuck.run('drain', '--timeout', '300ms'),
      stuck.run('drain', '--timeout', '5'),
    ]);
    assert.deepEqual([late.code, late.stdout, wrong.code], [1, '', 2]);
    assert.match(
      late.stderr,
      /5 records still pending after 0\.3 s: 5 records of "logs coralogix", held: the backend answered 401/,
    );
  });

  test('`erase` overwrites, or only counts', async (t) => {
    const { run, calls } = await agent(t, { erase: async () => ({ entries: 1, letters: 2 }) });
    const [done, counted, nobody] = await Promise.all([
      run('erase', '--contact', 'ada@acme.example'),
      run('erase', '--contact', 'ada@acme.example', '--dry-run', '--json'),
      run('erase', '--contact', ' '),
    ]);
    assert.match(done.stderr, /Overwrote 1 journal entry and 2 dead letters/);
    assert.deepEqual(JSON.parse(counted.stdout), { entries: 1, letters: 2 });
    assert.equal(nobody.code, 2);
    assert.deepEqual(
      new Set(calls.map((call) => JSON.stringify(call))),
      new Set(['["erase","ada@acme.example",{"dry_run":false}]', '["erase","ada@acme.example",{"dry_run":true}]']),
    );
  });
});

describe('commands on the directory of an agent that does not run', () => {
  const stopped = async (t: TestContext) => {
    const place = onDisk(t);
    await place.withJournal(async (journal) => {
      await born(journal, NAME, { cursor: 4, counts: { delivered: 2, dead_lettered: 1 } });
      await journal.append(entries(5));
      await journal.deadLetters.put([await letterAt(journal, 2)]);
    });
    return { place, run: (...args: string[]) => run([...args, '--data', place.directory]) };
  };

  test('say that none runs, and answer from the directory without changing it', async (t) => {
    const { place, run } = await stopped(t);
    const before = place.files();
    const [table, json, list, counted] = await Promise.all([
      run('ledger'),
      run('ledger', '--json'),
      run('dead-letters', 'list', '--json'),
      run('replay', '--exporter', 'coralogix', '--dry-run', '--json'),
    ]);
    for (const { code, stderr } of [table, json, list, counted]) {
      assert.equal(code, 0, stderr);
      assert.match(stderr, /^No agent runs in \S+; this is what the directory says\.\n/);
    }
    assert.match(table.stdout, /logs {6}coralogix {2}stopped +2 /);
    assert.equal(JSON.parse(json.stdout).accepted, null);
    assert.equal(JSON.parse(list.stdout)[0].position, 2);
    assert.equal(JSON.parse(counted.stdout)[0].records, 3);
    const drain = await run('drain');
    assert.equal(drain.code, 1);
    assert.match(drain.stderr, /No agent runs there/);
    assert.deepEqual(place.files(), before);
  });

  test('change it, and leave a line about it', async (t) => {
    const { place, run } = await stopped(t);
    const [{ id }] = JSON.parse((await run('dead-letters', 'list', '--json')).stdout);
    const retried = await run('dead-letters', 'retry', id);
    assert.equal(retried.code, 0, retried.stderr);
    assert.match(
      retried.stderr,
      /the directory itself is changed\.\n1 letter to be sent again when the agent starts\./,
    );
    const skipped = await run('deliveries', 'skip', 'coralogix');
    assert.match(skipped.stderr, /3 records of "logs coralogix" were made dead letters/);
    const refused = await run('deliveries', 'forget', 'nosuch');
    assert.equal(refused.code, 2);
    const lines = readFileSync(join(place.directory, 'audit.log'), 'utf8').trimEnd().split('\n');
    const audit = lines.map((line) => JSON.parse(line));
    assert.deepEqual(
      audit.map(({ command, arguments: given, result }) => [command, given, result]),
      [
        ['dead-letters retry', { ids: [id] }, { letters: 1, left: 0 }],
        ['deliveries skip', { name: NAME, discard: false }, { records: 3 }],
      ],
    );
    assert.equal(audit[0].who.uid, process.getuid?.());
  });

  test('tell when its agent is there, but does not answer', async (t) => {
    const { place, run } = await stopped(t);
    await place.withJournal(async () => {
      const ledger = await run('ledger');
      assert.equal(ledger.code, 0);
      assert.match(ledger.stderr, /An agent runs in \S+, but does not answer commands/);
      const skip = await run('deliveries', 'skip', NAME);
      assert.equal(skip.code, 1);
      assert.match(skip.stderr, /in use by process \d+/);
    });
  });

  test('`doctor` finds it sound, or says what is damaged', async (t) => {
    const { place, run } = await stopped(t);
    const sound = await run('doctor');
    assert.equal(sound.code, 0, sound.stdout + sound.stderr);
    assert.match(sound.stderr, /is sound\.\n$/);
    const [segment] = readdirSync(join(place.directory, 'journal')).filter((file) => file.endsWith('.log'));
    const path = join(place.directory, 'journal', segment as string);
    const bytes = readFileSync(path);
    const at = bytes.indexOf('{"number":3}') + 3;
    bytes.writeUInt8(bytes.readUInt8(at) ^ 1, at);
    writeFileSync(path, bytes);
    const [damaged, json] = await Promise.all([run('doctor'), run('doctor', '--json')]);
    assert.deepEqual([damaged.code, json.code], [1, 1]);
    assert.match(damaged.stderr, /and \d+ warnings? in /);
    const findings = json.stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));
    assert.ok(
      findings.some(({ severity, file }) => severity !== 'ok' && file.endsWith(segment)),
      json.stdout,
    );
    assert.equal((await run('doctor', '--nosuch')).code, 2);
  });
});

describe('where the data is', () => {
  test('is told by --data, by --config, or it is ./data; else the command line is wrong', async (t) => {
    const { directory, calls } = await agent(t);
    const elsewhere = temporary(t);
    const file = join(elsewhere, 'agent.yaml');
    writeFileSync(
      file,
      `receivers: { intercom: { integrations: [{ name: a, client_secret: s, application_name: acme }] } }
exporters: { nop: }
extensions: { file_storage: { directory: ${JSON.stringify(directory)} } }
service: { extensions: [file_storage], pipelines: { logs: { receivers: [intercom], exporters: [nop] } } }
`,
    );
    const broken = join(elsewhere, 'broken.yaml');
    writeFileSync(broken, 'receivers: {');
    const [configured, none, missing, nothing, wrong] = await Promise.all([
      run(['ledger', '--json', '--config', file]),
      run(['ledger'], { cwd: elsewhere }),
      run(['ledger', '--data', join(elsewhere, 'nosuch')]),
      run(['ledger', '--data', elsewhere]),
      run(['ledger', '--config', broken]),
    ]);
    // Not a word of the secret in the file, which `validate` warns of.
    assert.deepEqual([configured.code, configured.stderr], [0, '']);
    assert.deepEqual(calls, [['ledger']]);
    assert.deepEqual([none.code, missing.code, nothing.code, wrong.code], [2, 2, 1, 2]);
    assert.match(wrong.stderr, /broken\.yaml:1:\d+: error/);
    assert.match(none.stderr, /which agent\? .*--data.*--config/);
    assert.match(missing.stderr, /nosuch does not exist/);
    assert.match(nothing.stderr, /holds no journal/);
    assert.equal(existsSync(join(elsewhere, 'nosuch')), false);

    mkdirSync(join(elsewhere, 'data'));
    const standard = await run(['ledger'], { cwd: elsewhere });
    assert.equal(standard.code, 1);
    assert.match(standard.stderr, /data holds no journal/);
  });
});
