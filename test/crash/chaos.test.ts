import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { it, type TestContext } from 'node:test';
import { isDeepStrictEqual } from 'node:util';
import type { LedgerLine } from '../support/agent-process.ts';
import { ledger } from '../support/commands.ts';
import { crashArguments, seeded } from './arguments.ts';
import { drawRound } from './plan.ts';
import { Trial } from './trial.ts';
import { compareSinks, type Evidence, type Finding, gather, judge } from './verdict.ts';

const { rounds, seed } = crashArguments();
/** Whose history is printed when something is wrong. */
const HISTORIES = 5;

it(`${rounds} rounds of kill -9, restarts, other configurations and failing backends: every notification that was answered 200 is accounted for, everywhere (--seed ${seed})`, async (t) => {
  const directory = await mkdtemp(join(tmpdir(), 'intercom-otel-agent-crash-'));
  const trial = await Trial.begin(directory, (stream) => seeded(seed + stream * 0x9e3779b1));
  const findings: Finding[] = [];
  try {
    findings.push(...(await run(t, trial)));
  } catch (error) {
    const text = error instanceof Error ? error.stack : String(error);
    findings.push({ text: `round ${trial.chronicle.round}: ${text}\n${trial.lastWords()}`, numbers: [] });
  }
  await trial.close();
  findings.push(...[...trial.wrong, ...trial.loader.wrong].map((text): Finding => ({ text, numbers: [] })));
  if (findings.length > 0) assert.fail(await report(trial, findings));
  await rm(directory, { recursive: true, force: true, maxRetries: 5 });
});

async function run(t: TestContext, trial: Trial): Promise<Finding[]> {
  const random = seeded(seed);
  await trial.bear();
  trial.unleash();
  const began = performance.now();
  let round = 0;
  while (round < rounds && trial.wrong.length === 0) {
    const plan = drawRound(random, trial.sinks);
    trial.chronicle.note(plan.summary);
    await trial.round(round++, plan);
    if (round % 50 === 0) t.diagnostic(`${round} rounds, ${trial.loader.acknowledged} answered 200`);
  }
  await trial.recover();
  const agent = await trial.settle(60_000);
  const evidence = await gather(trial);
  const findings = [...evidence.flatMap(judge), ...compareSinks(evidence)];
  await trial.end(agent);
  const stored = (await ledger(trial.data)).map(counts);
  const told = evidence.map(({ line }) => counts(line as LedgerLine));
  if (!isDeepStrictEqual(stored, told)) {
    const text = `the directory says ${JSON.stringify(stored)}, and the agent said ${JSON.stringify(told)}`;
    findings.push({ text, numbers: [] });
  }
  tell(t, trial, evidence, `${round} rounds in ${Math.round((performance.now() - began) / 1000)} s`);
  return findings;
}

function tell(t: TestContext, { loader, reads }: Trial, evidence: readonly Evidence[], rounds: string): void {
  const answers = [...loader.answers].map(([status, count]) => `${count} x ${status || 'no answer'}`).join(', ');
  const { sent, acknowledged } = loader;
  t.diagnostic(`${rounds}: ${sent} sent, ${acknowledged} answered 200 (${answers}); ${reads} reads of the ledger`);
  for (const { sink, line, letters } of evidence) {
    t.diagnostic(
      `${sink.name}: ${sink.requests} requests, ${sink.stored.size} stored, ${sink.rejected.size} rejected, ${sink.refusedAlone.size} refused alone, ${letters.length} dead letters, ${line?.filtered ?? 0} filtered, ${sink.repeats} repeated (the ledger explains ${line?.ambiguous})`,
    );
  }
}

function counts({ pipeline, exporter, accepted, delivered, rejected_by_backend, dead_lettered, pending }: LedgerLine) {
  return { pipeline, exporter, accepted, delivered, rejected_by_backend, dead_lettered, pending };
}

async function report(trial: Trial, findings: readonly Finding[]): Promise<string> {
  const lines: string[] = ['in short:'];
  for (const { text, numbers } of findings.slice(0, 20)) {
    lines.push(`- ${text}${numbers.length > 0 ? `: ${numbers.slice(0, 20).join(' ')}` : ''}`);
  }
  if (findings.length > 20) lines.push(`- and ${findings.length - 20} more`);
  const concerned = [...new Set(findings.flatMap(({ numbers }) => numbers.slice(0, 2)))].slice(0, HISTORIES);
  for (const number of concerned) {
    lines.push(`evt-${number}:`, ...(await trial.chronicle.of(number)).map((line) => `    ${line}`));
  }
  lines.push(
    `The data directory, the configuration and the chronicle of all notifications are kept in ${trial.directory}.`,
    `Again, with the same draws: npm run test:crash -- --only chaos --rounds ${rounds} --seed ${seed}. Moments differ from run to run, so it may take more rounds or several runs.`,
  );
  return lines.join('\n');
}
