import assert from 'node:assert/strict';
import { it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  healthy,
  type LedgerLine,
  type RunningAgent,
  startAgent,
  temporaryDirectory,
} from '../support/agent-process.ts';
import { imbalance } from '../support/commands.ts';
import { FAULTS, type Fault, FaultSink } from '../support/fault-sink.ts';
import { Loader } from '../support/loader.ts';
import { isLarge, numberedNotification } from '../support/numbered.ts';
import { percentiles } from '../support/percentiles.ts';
import { crashArguments, seeded } from './arguments.ts';
import { isFiltered, processors } from './processors.ts';

const { seed, pairs, phase } = crashArguments();
const LOAD = { connections: 8, rate: 300 };
/** The agent waits 20 ms for a batch to fill. Seconds of its share of a busy machine must not look like another's fault. */
const SLACK = { factor: 4, ms: 250 };
/** Within this the troubled delivery must have caught up: `Retry-After: 1`, and some waits of our own. */
const RECOVERY_MS = 15_000;

/** Beside the trouble of the backend, records that it never takes: some of the phase's notifications. */
const RECORDS = ['poison', 'oversized'] as const;
type Trouble = Fault | (typeof RECORDS)[number];

interface Row {
  readonly name: string;
  readonly p50: number;
  readonly p99: number;
  readonly recovery: number;
}

it(`one backend in trouble, ${Number.isFinite(pairs) ? pairs : 'all'} pairs of troubles (--seed ${seed}): the ledger balances, the others do not notice`, async (t) => {
  const random = seeded(seed);
  const directory = await temporaryDirectory(t);
  const epoch = Math.floor(Date.now() / 1000);
  const textOf = (number: number) => numberedNotification(number, epoch);
  const acknowledged = new Map<number, number>();
  const arrivals = new Map<string, Map<number, number>>();
  const refused = new Map<number, 400 | 413>();
  const loader = new Loader({ random, textOf, acknowledged: (number) => acknowledged.set(number, performance.now()) });
  const sinks = await Promise.all(
    ['troubled', 'well', 'also-well'].map((name) => {
      const arrived = new Map<number, number>();
      arrivals.set(name, arrived);
      return FaultSink.open({
        name,
        random,
        textOf: (number) => (number < loader.sent ? textOf(number) : undefined),
        stored: (number) => arrived.set(number, performance.now()),
        ...(name === 'troubled' && { refuses: (number: number) => refused.get(number) }),
      });
    }),
  );
  t.after(() => Promise.all(sinks.map((sink) => sink.close())));
  const [troubled, ...others] = sinks as [FaultSink, FaultSink, FaultSink];
  const agent = await startAgent({
    directory,
    exporters: sinks
      .map(
        ({ name, url }) => `  otlp_http/${name}:
    endpoint: ${url}
    timeout: 1s
    sending_queue: { batch: { flush_timeout: 20ms } }
    retry_on_failure: { initial_interval: 30ms, max_interval: 200ms, probe_interval: 200ms }
`,
      )
      .join(''),
    use: sinks.map(({ name }) => `otlp_http/${name}`),
    ...(processors && { processors }),
  });
  t.after(() => void agent.child.kill('SIGKILL'));

  /** Loads the agent while `troubles` last, then waits until everything is settled. */
  const during = async (troubles: readonly Trouble[]): Promise<Row> => {
    const first = loader.sent;
    // What the backend never takes must be known before it is sent.
    for (let number = first; number < first + 10 * (phase / 1000) * LOAD.rate; number++) {
      if (troubles.includes('poison') && number % 50 === 0) refused.set(number, 400);
      else if (troubles.includes('oversized') && isLarge(number)) refused.set(number, 413);
    }
    await troubled.fail(troubles.filter(isFault));
    loader.start(agent.origin, LOAD);
    await sleep(phase);
    await loader.stop();
    const latencies = others.flatMap(({ name }) => latenciesOf(arrivals.get(name), acknowledged, first));
    const mended = performance.now();
    await troubled.fail([]);
    const name = troubles.join(' + ') || 'none';
    await settled(agent, loader, name);
    const recovery = performance.now() - mended;
    for (const number of refused.keys()) if (number >= loader.sent) refused.delete(number);
    const due = [...acknowledged.keys()].filter((number) => !isFiltered(number));
    const missing = others.map((sink) => due.filter((number) => !sink.stored.has(number)).length);
    assert.deepEqual(missing, [0, 0], `${name}: missing at the others`);
    const { deliveries } = await healthy(agent, () => true);
    for (const sink of sinks) balances(name, sink, deliveries);
    return { name, ...percentiles(latencies), recovery };
  };

  await during([]);
  const base = [await during([])];
  const all: Trouble[] = [...FAULTS, ...RECORDS];
  const rows: Row[] = [];
  for (const trouble of all) rows.push(await during([trouble]));
  for (const pair of drawPairs(all, random)) rows.push(await during(pair));
  base.push(await during([]));

  const usual = { p50: Math.max(...base.map(({ p50 }) => p50)), p99: Math.max(...base.map(({ p99 }) => p99)) };
  t.diagnostic(
    'from the 200 to the arrival at the backends that are well, ms; then how long the troubled one took to catch up, s',
  );
  for (const { name, p50, p99, recovery } of [...base, ...rows]) {
    t.diagnostic(
      `${name.padEnd(40)} p50 ${p50.toFixed(0).padStart(4)}  p99 ${p99.toFixed(0).padStart(5)}  ${(recovery / 1000).toFixed(1).padStart(5)}`,
    );
  }
  const slow = rows.filter(({ p50, p99 }) => p50 > bound(usual.p50) || p99 > bound(usual.p99));
  assert.deepEqual(slow, [], `slower than with no trouble (p50 ${usual.p50}, p99 ${usual.p99})`);
  assert.deepEqual(
    sinks.flatMap(({ wrong }) => wrong),
    [],
  );
  assert.deepEqual(loader.wrong, []);
});

function isFault(trouble: Trouble): trouble is Fault {
  return (FAULTS as readonly string[]).includes(trouble);
}

const bound = (usual: number) => usual * SLACK.factor + SLACK.ms;

/** Each of `pairs` once, in an order that the seed draws; as many as are wanted. */
function drawPairs(all: readonly Trouble[], random: () => number): Trouble[][] {
  const every = all.flatMap((one, index) => all.slice(index + 1).map((other) => [one, other]));
  return every
    .map((pair) => ({ pair, key: random() }))
    .sort((a, b) => a.key - b.key)
    .slice(0, pairs)
    .map(({ pair }) => pair);
}

function latenciesOf(
  arrived: ReadonlyMap<number, number> | undefined,
  acknowledged: ReadonlyMap<number, number>,
  first: number,
): number[] {
  const now = performance.now();
  return [...acknowledged]
    .filter(([number]) => number >= first && !isFiltered(number))
    .map(([number, at]) => Math.max(0, (arrived?.get(number) ?? now) - at));
}

/** A backend that refuses all that is left is held until it accepts something: so new notifications go on coming. */
async function settled(agent: RunningAgent, loader: Loader, name: string): Promise<void> {
  const deadline = performance.now() + RECOVERY_MS;
  for (;;) {
    await loader.sendNew(agent.origin);
    await sleep(30);
    const { deliveries } = await healthy(agent, () => true);
    if (deliveries.every(({ pending }) => pending === 0)) return;
    if (performance.now() > deadline) {
      assert.fail(
        `${name}: not settled ${RECOVERY_MS / 1000} s after the end of the trouble: ${JSON.stringify(deliveries)}`,
      );
    }
  }
}

/** Also what was refused while no number of a notification was known: the counts of the sink are those of the ledger. */
function balances(name: string, sink: FaultSink, deliveries: readonly LedgerLine[]): void {
  const line = deliveries.find(({ exporter }) => exporter === `otlp_http/${sink.name}`) as LedgerLine;
  assert.equal(imbalance(line), undefined, name);
  assert.equal(line.delivered + line.rejected_by_backend, sink.taken, `${name}: the ledger of ${sink.name}`);
  assert.equal(line.dead_lettered, sink.refusedAlone.size, `${name}: dead letters of ${sink.name}`);
  assert.ok(sink.repeats <= line.ambiguous, `${name}: ${sink.repeats} repeated, ${line.ambiguous} explained`);
}
