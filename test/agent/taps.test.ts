import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { z } from 'zod';
import type { ProcessorFactory } from '../../src/component.ts';
import { ControlClient } from '../../src/control/client.ts';
import { socketPath } from '../../src/control/socket.ts';
import type { Sighting, TapLine, TapRequest } from '../../src/control/taps.ts';
import { readLogsData } from '../../src/record/otlp/json-reader.ts';
import { until } from '../support/raw-client.ts';
import { clientOf, type Parts, postOn, Scene, Trays } from './reloading.ts';

/** Counts its instances that are not shut down; fails where it is told to. */
class Staff {
  alive = 0;

  readonly factory: ProcessorFactory<{ fails_at: string }> = {
    kind: 'processor',
    type: 'member',
    stability: 'development',
    summary: 'Works for a test.',
    config: z.strictObject({ fails_at: z.string().default('') }),
    create: ({ fails_at }, _context, next) => {
      this.alive++;
      return {
        onEmit: (record) => {
          if (record.attributes['log.record.uid'] === fails_at) throw new TypeError(`no ${fails_at}`);
          next.onEmit(record);
        },
        forceFlush: () => next.forceFlush(),
        shutdown: async () => {
          this.alive--;
          await next.shutdown();
        },
      };
    },
  };
}

const BASE: Parts = {
  receivers: `{ intercom: { endpoint: '127.0.0.1:0', shutdown_delay: 0s, integrations: [{ name: a, application_name: a, client_secret: one, path: /a }] } }`,
  exporters: '{ tray/x: { label: x } }',
  pipelines: '{ logs: { receivers: [intercom], exporters: [tray/x] } }',
};

const marked = (mark: string, more: Partial<Parts> = {}): Parts => ({
  ...BASE,
  processors: `{ marking: { mark: ${mark} }, member: { fails_at: bad }, filter/odd: { logs: { log_record: ['attributes["log.record.uid"] == "odd"'] } } }`,
  pipelines: '{ logs: { receivers: [intercom], processors: [filter/odd, marking, member], exporters: [tray/x] } }',
  ...more,
});

async function sceneOf(t: TestContext, parts: Parts) {
  const [trays, staff] = [new Trays(), new Staff()];
  const scene = await Scene.of(t, parts, [trays.exporter, trays.processor, staff.factory]);
  const connection = clientOf(t, scene.port(/door is open/));
  const post = async (...ids: string[]) => {
    for (const id of ids) assert.equal(await postOn(connection, id), 200);
  };
  return { trays, staff, scene, post, watch: (request: Partial<TapRequest>) => watch(t, scene, request) };
}

/** A tap over the agent's own socket. */
function watch(t: TestContext, scene: Scene, request: Partial<TapRequest>) {
  const client = new ControlClient({
    socket: socketPath(join(scene.directory, 'data')),
    who: { uid: 1000, user: 'ada' },
  });
  const left = new AbortController();
  t.after(() => left.abort());
  const lines = client.tap({ rate: 50, ...request }, left.signal)[Symbol.asyncIterator]();
  let passed: (TapLine & { kind: 'passed' }) | undefined;
  const next = async () => {
    const line = (await lines.next()).value as TapLine | undefined;
    if (line?.kind === 'passed') passed = line;
    return line;
  };
  /** The next that was seen. */
  const seen = async (): Promise<Sighting> => {
    const line = await next();
    if (line?.kind === 'seen') return line.sighting;
    assert.equal(line?.kind, 'passed', JSON.stringify(line));
    return seen();
  };
  return { next, seen, passed: () => passed, leave: () => left.abort() };
}

const recordsOf = (data: readonly unknown[] | null) => (data ?? []).flatMap(readLogsData);
const marksOf = (data: readonly unknown[] | null) => recordsOf(data).map(({ attributes }) => attributes.mark ?? null);
const uidsOf = (data: readonly unknown[] | null) =>
  recordsOf(data).map(({ attributes }) => attributes['log.record.uid']);

describe('a tap', () => {
  it('shows what reaches a processor and what it makes of it, while deliveries go on', async (t) => {
    const { watch, post, trays, scene } = await sceneOf(t, marked('m'));
    await post('before it began');
    const tap = watch({ at: 'marking' });
    assert.deepEqual(await tap.next(), { kind: 'begun', pipelines: ['logs'], joins_over_ms: 0 });
    await post('1', '2');
    for (const [position, id] of [
      [2, '1'],
      [3, '2'],
    ]) {
      const { before, after, received_at, ...rest } = await tap.seen();
      assert.deepEqual(rest, {
        ...{ pipeline: 'logs', at: 'marking', position, topic: 'contact.created', dropped: false, error: null },
      });
      assert.deepEqual([uidsOf(before), uidsOf(after)], [[id], [id]]);
      assert.deepEqual([marksOf(before), marksOf(after)], [[null], ['m']]);
      assert.ok(received_at && Math.abs(Date.parse(received_at) - Date.now()) < 60_000);
      assert.equal(recordsOf(after)[0]?.resource.attributes['cx.application.name'], 'a');
    }
    await scene.until(() => trays.uids('x').length === 3);
    const audit = readFileSync(join(scene.directory, 'data', 'audit.log'), 'utf8')
      .trimEnd()
      .split('\n');
    assert.deepEqual(
      audit.map((line) => JSON.parse(line)).map((line) => ({ ...line, time: '' })),
      [{ time: '', command: 'tail', arguments: { rate: 50, at: 'marking' }, who: { uid: 1000, user: 'ada' } }],
    );
  });

  it('shows what leaves the pipeline, whole, and what is filtered or would fail on the way', async (t) => {
    const { watch, post, scene } = await sceneOf(t, marked('m'));
    const tap = watch({});
    await tap.next();
    await post('1', 'odd', 'bad');
    const [sent, filtered, failed] = [await tap.seen(), await tap.seen(), await tap.seen()];
    assert.deepEqual([sent.before, marksOf(sent.after), sent.dropped, sent.error], [null, ['m'], false, null]);
    assert.deepEqual([filtered.after, filtered.dropped, filtered.error], [[], true, null]);
    assert.deepEqual([failed.after, failed.dropped], [[], false]);
    assert.deepEqual(failed.error, { where: 'pipeline', message: 'no bad' });
    await scene.until(() => scene.delivery('logs tray/x')?.dead_lettered === 1);
  });

  it('tells a processor that drops from one that fails, and both from what happens before and behind it', async (t) => {
    const { watch, post } = await sceneOf(t, marked('m'));
    const [filter, marking, member] = ['filter/odd', 'marking', 'member'].map((at) => watch({ at }));
    for (const tap of [filter, marking, member]) assert.equal((await tap?.next())?.kind, 'begun');
    await post('odd', 'bad');
    const dropped = await filter?.seen();
    assert.deepEqual([uidsOf(dropped?.before ?? null), dropped?.after, dropped?.dropped], [['odd'], [], true]);
    const later = await filter?.seen();
    assert.deepEqual(later?.error, { where: 'behind', message: 'no bad' });
    assert.deepEqual(uidsOf(later?.after ?? null), ['bad']);
    const failed = await member?.seen();
    assert.deepEqual([failed?.position, failed?.dropped, failed?.after], [2, false, []]);
    assert.deepEqual(failed?.error, { where: 'at', message: 'no bad' });
    assert.equal((await marking?.seen())?.error?.where, 'behind');
    // Told before the other one was seen, or behind it.
    if (!marking?.passed()) await marking?.next();
    assert.deepEqual(marking?.passed(), { kind: 'passed', skipped: 0, lost: 0, elsewhere: 1 });
  });

  it('leaves nothing behind: its processors are gone when who looked is gone, also in silence', async (t) => {
    const { watch, post, staff, scene } = await sceneOf(t, marked('m'));
    const idle = staff.alive;
    const silent = watch({});
    await silent.next();
    const busy = watch({ at: 'member' });
    await busy.next();
    assert.equal(staff.alive, idle + 2);
    await post('1');
    await busy.seen();
    busy.leave();
    await until(() => staff.alive === idle + 1);
    silent.leave();
    await until(() => staff.alive === idle);
    await post('2');
    await scene.until(() => scene.delivery('logs tray/x')?.delivered === 2);
  });

  it('begins where it is told to, and shows only the topics that are wanted', async (t) => {
    const { watch, post } = await sceneOf(t, BASE);
    await post('1', '2');
    const tap = watch({ from: new Date(Date.now() - 60_000).toISOString(), topic: 'contact.*' });
    await tap.next();
    const none = watch({ from: '2026-01-01T00:00:00Z', topic: 'ticket.*' });
    await none.next();
    assert.deepEqual([uidsOf((await tap.seen()).after), uidsOf((await tap.seen()).after)], [['1'], ['2']]);
    await post('3');
    assert.deepEqual(uidsOf((await tap.seen()).after), ['3']);
    none.leave();
    assert.equal(await none.next(), undefined);
    const wrong = watch({ from: 'yesterday' });
    await assert.rejects(wrong.next(), /from: expected a time/);
  });

  it('is refused in words where there is nothing to look at, or enough do', async (t) => {
    const { watch } = await sceneOf(t, marked('m'));
    const refused = (request: Partial<TapRequest>, message: RegExp) =>
      assert.rejects(watch(request).next(), { name: 'OperationError', message });
    await refused(
      { at: 'markign' },
      /^The running configuration uses no processor "markign": did you mean "marking"\? There are: filter\/odd, marking, member\.$/,
    );
    await refused({ at: 'marking', pipeline: 'log' }, /uses no pipeline "log": did you mean "logs"\?/);
    await refused({ rate: 0 }, /does not understand the request: request\.rate/);
    await refused({ rate: 100_000 }, /request\.rate/);
    const taps = [1, 2, 3, 4].map(() => watch({}));
    for (const tap of taps) await tap.next();
    await refused({}, /4 others are watching already/);
    taps[0]?.leave();
    for (;;) {
      const line = await watch({})
        .next()
        .catch(() => undefined);
      if (line?.kind === 'begun') break;
    }
  });

  it('goes on with the new configuration after a reload, and ends with a word when its processor is gone', async (t) => {
    const { watch, post, scene, staff } = await sceneOf(t, marked('old'));
    const [tap, gone] = [watch({ at: 'marking' }), watch({ at: 'member' })];
    for (const one of [tap, gone]) await one.next();
    await post('1');
    assert.deepEqual(marksOf((await tap.seen()).after), ['old']);
    await scene.reload({
      ...marked('new'),
      pipelines: '{ logs: { receivers: [intercom], processors: [marking], exporters: [tray/x] } }',
    });
    assert.deepEqual(await tap.next(), { kind: 'reloaded', pipelines: ['logs'] });
    await post('2');
    assert.deepEqual(marksOf((await tap.seen()).after), ['new']);
    assert.equal((await gone.next())?.kind, 'seen');
    assert.deepEqual(await gone.next(), {
      kind: 'ended',
      reason:
        'The configuration was reloaded. The running configuration uses no processor "member". There are: marking.',
    });
    assert.equal(await gone.next(), undefined);
    assert.equal(staff.alive, 0);
    await scene.reload(BASE);
    assert.equal((await tap.next())?.kind, 'ended');
  });

  it('ends with a word when the agent stops', async (t) => {
    const { watch, scene } = await sceneOf(t, BASE);
    const tap = watch({});
    await tap.next();
    await scene.agent.shutdown({ deadline: AbortSignal.timeout(10_000), delayed: false });
    assert.deepEqual(await tap.next(), { kind: 'ended', reason: 'The agent is stopping.' });
    assert.equal(await tap.next(), undefined);
  });

  it('looks at each pipeline that has the processor, at its own place there, and through connectors', async (t) => {
    const { watch, post } = await sceneOf(
      t,
      marked('m', {
        connectors: '{ forward: }',
        pipelines:
          '{ logs/in: { receivers: [intercom], processors: [marking], exporters: [forward] }, logs/out: { receivers: [forward], processors: [member, marking], exporters: [tray/x] } }',
      }),
    );
    const [both, one, member] = [
      watch({ at: 'marking' }),
      watch({ at: 'marking', pipeline: 'logs/out' }),
      watch({ at: 'member' }),
    ];
    assert.deepEqual(await both.next(), { kind: 'begun', pipelines: ['logs/in', 'logs/out'], joins_over_ms: 0 });
    assert.deepEqual(await one.next(), { kind: 'begun', pipelines: ['logs/out'], joins_over_ms: 0 });
    await member.next();
    await post('1');
    const [first, second] = [await both.seen(), await both.seen()];
    assert.deepEqual([first.pipeline, marksOf(first.before), marksOf(first.after)], ['logs/in', [null], ['m']]);
    assert.deepEqual([second.pipeline, marksOf(second.before), marksOf(second.after)], ['logs/out', ['m'], ['m']]);
    assert.deepEqual(marksOf((await one.seen()).before), ['m']);
    assert.deepEqual([marksOf((await member.seen()).before)], [['m']]);
  });

  it('puts records together for a processor that joins them, and looks at one before it at once', async (t) => {
    const { watch, post } = await sceneOf(t, {
      ...BASE,
      processors: `{ marking: { mark: m }, logdedup: { interval: 1s, exclude_fields: ['attributes.intercom\\.notification\\.id', 'attributes.log\\.record\\.uid', 'body.intercom.id'] } }`,
      pipelines: '{ logs: { receivers: [intercom], processors: [marking, logdedup], exporters: [tray/x] } }',
    });
    const [marking, dedup, leaving] = [watch({ at: 'marking' }), watch({ at: 'logdedup' }), watch({})];
    assert.deepEqual(await marking.next(), { kind: 'begun', pipelines: ['logs'], joins_over_ms: 0 });
    for (const tap of [dedup, leaving]) {
      assert.deepEqual(await tap.next(), { kind: 'begun', pipelines: ['logs'], joins_over_ms: 1000 });
    }
    await post('1', '2', '3');
    assert.deepEqual(uidsOf((await marking.seen()).before), ['1']);
    const joined = await dedup.seen();
    assert.equal(joined.position, null);
    assert.deepEqual(
      [uidsOf(joined.before), marksOf(joined.before)],
      [
        ['1', '2', '3'],
        ['m', 'm', 'm'],
      ],
    );
    const counts = (data: readonly unknown[]) => recordsOf(data).map(({ attributes }) => attributes.log_count);
    assert.deepEqual([counts(joined.after), joined.dropped], [[3], false]);
    assert.deepEqual(counts((await leaving.seen()).after), [3]);
  });
});
