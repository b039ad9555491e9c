/** npm run bench: see USAGE. */
import { accessSync, constants } from 'node:fs';
import { parseArgs } from 'node:util';
import { benchCi } from './ci.ts';
import { compareReports } from './compare.ts';
import { benchOttl } from './ottl.ts';
import type { Peers } from './peer.ts';
import { benchProcessors } from './processors.ts';
import { profileAgent, type Share } from './profile.ts';
import { readReport, reportOf, writeReport } from './report.ts';
import type { Row } from './rows.ts';
import { runScenarios } from './run.ts';
import { benchStartup } from './startup.ts';
import { benchSteps } from './steps.ts';
import { ratiosOf, tableOf } from './table.ts';

const USAGE = `npm run bench                        everything, some minutes: docs/benchmarks.md
npm run bench -- --quick              one short round
npm run bench -- compare A B          what changed between two reports of --json
npm run bench -- ottl                 what ten statements cost
npm run bench -- processors           what processors cost, and decoding and encoding
npm run bench -- profile              where the agent's CPU goes, with one exporter
npm run bench -- startup              how soon it is ready, and what its files and dependencies take
npm run bench -- --ci                 ratios against test/bench/ratios.json: fails when one got twice as bad

  --only NAME      scenarios whose name has this text; may be repeated
  --scaling        also exporters, integrations, sizes and a small backlog
  --rounds N       of each scenario, in turns; the table shows medians (3)
  --seconds N      of the closed and of the open loop each (6)
  --rate N         of the open loop, in a second (2500)
  --entries N      of the large backlog (1000000)
  --otelcol PATH   a Collector: docs/benchmarks.md tells how to build one
  --benthos PATH   Benthos, built as it tells too
  --json FILE      writes all figures; for 'profile', the profile itself as browsers read it
`;

const text = { type: 'string' } as const;
const flag = { type: 'boolean' } as const;
const { values, positionals } = read(() =>
  parseArgs({
    args: JSON.parse(process.env.TEST_ARGS ?? '[]') as string[],
    options: {
      ...{ help: flag, quick: flag, ci: flag, scaling: flag, only: { ...text, multiple: true } },
      ...{ rounds: text, seconds: text, rate: text, entries: text, otelcol: text, benthos: text },
      json: text,
    },
    allowPositionals: true,
  }),
);

try {
  const [what, ...files] = positionals;
  if (values.help) process.stdout.write(USAGE);
  else if (values.ci) await ci();
  else if (what === undefined) await scenarios();
  else if (what === 'compare' && files.length === 2) await compare(files as [string, string]);
  else if (what === 'ottl') rows(await benchOttl({ seconds: seconds(3), ...peers() }));
  else if (what === 'processors') rows([...(await benchProcessors(seconds(3))), ...benchSteps(seconds(3))]);
  else if (what === 'profile') await profile();
  else if (what === 'startup') rows(await benchStartup());
  else {
    process.stderr.write(USAGE);
    process.exitCode = 2;
  }
} catch (error) {
  // A file that is not there, a scenario that nobody knows.
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}

/** Ends with the usage when the command line has something else in it. */
function read<T>(parse: () => T): T {
  try {
    return parse();
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n\n${USAGE}`);
    process.exit(2);
  }
}

async function scenarios(): Promise<void> {
  const quick = values.quick === true;
  const length = seconds(quick ? 2 : 6);
  const report = reportOf(
    await runScenarios({
      ...{ rounds: number(values.rounds, quick ? 1 : 3), only: values.only ?? [], scaling: values.scaling === true },
      ...{ warmUpSeconds: Math.min(5, length), closedSeconds: length, openSeconds: length },
      ...{ rate: number(values.rate, 2500), entries: number(values.entries, quick ? 100_000 : 1_000_000) },
      ...{ peers: peers(), say },
    }),
  );
  if (report.results.length === 0) throw new Error('nothing could be measured');
  if (values.json !== undefined) await writeReport(values.json, report);
  const { machine, node, at } = report;
  process.stdout.write(`${machine.cpu}, ${machine.cores} cores, ${machine.system}, Node.js ${node}, ${at}\n\n`);
  process.stdout.write(`${[tableOf(report), ratiosOf(report)].filter((part) => part !== '').join('\n\n')}\n`);
}

async function ci(): Promise<void> {
  const { text: lines, isWell } = await benchCi(say);
  process.stdout.write(`${lines}\n`);
  if (!isWell) process.exitCode = 1;
}

async function profile(): Promise<void> {
  const rate = values.rate === undefined ? {} : { rate: number(values.rate, 0) };
  const { events, groups, functions, threads } = await profileAgent({
    ...{ seconds: seconds(6), ...rate },
    ...(values.json !== undefined && { file: values.json }),
  });
  const list = (title: string, shares: readonly Share[]) =>
    process.stdout.write(
      `\n${title}, µs for each event\n${shares.map(({ name, micros }) => `${micros.toFixed(1).padStart(8)}  ${name}\n`).join('')}`,
    );
  process.stdout.write(`${events} events\n`);
  list('Threads, as the system counts', threads);
  list('Main thread by what it does', groups);
  list('Functions of the main thread', functions);
}

async function compare([before, after]: [string, string]): Promise<void> {
  process.stdout.write(`${compareReports(await readReport(before), await readReport(after))}\n`);
}

function say(line: string): void {
  process.stderr.write(`${line}\n`);
}

function rows(all: readonly Row[]): void {
  for (const { name, value, unit } of all)
    process.stdout.write(`${name.padEnd(64)}${value.toFixed(1).padStart(9)} ${unit}\n`);
}

function seconds(usual: number): number {
  return number(values.seconds, usual);
}

/** @throws {Error} when one can't be run */
function peers(): Peers {
  const { otelcol, benthos } = values;
  for (const binary of [otelcol, benthos]) if (binary !== undefined) accessSync(binary, constants.X_OK);
  return { ...(otelcol !== undefined && { otelcol }), ...(benthos !== undefined && { benthos }) };
}

/** A usage error where it is none above zero. */
function number(given: string | undefined, usual: number): number {
  const value = given === undefined ? usual : Number(given);
  if (value > 0 && Number.isFinite(value)) return value;
  process.stderr.write(`"${given}" is no number above zero.\n`);
  process.exit(2);
}
