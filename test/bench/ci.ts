/** The short form for CI: ratios to floors of the same run, against those of ratios.json. Only what got twice as bad fails. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { USUAL_BYTES } from '../support/notifications.ts';
import { repository } from '../support/shared.ts';
import { type FigureName, median } from './figures.ts';
import { runScenarios } from './run.ts';
import { grid, number } from './table.ts';

/** So many times the recorded ratio is no noise any more. */
const GROSS = 2;

type Read = (scenario: string, figure: FigureName) => number;

const ONE = 'agent: one exporter';
const THREE = 'agent: three exporters';
const CHAINED = 'agent: redaction, five statements';
const FLOOR = 'floor: node:http, HMAC';
const DISK = 'floor: disk';
const SCENARIOS = [DISK, FLOOR, ONE, THREE, CHAINED];

/** Costs: the larger the worse. */
const RATIOS: Readonly<Record<string, (read: Read) => number>> = {
  'CPU of one exporter, of node:http with HMAC': (read) => read(ONE, 'cpu') / read(FLOOR, 'cpu'),
  'CPU of three exporters, of one': (read) => read(THREE, 'cpu') / read(ONE, 'cpu'),
  'CPU of redaction and five statements, of none': (read) => read(CHAINED, 'cpu') / read(ONE, 'cpu'),
  // What an event takes, of what a request and its share of a sync of 64 take one after the other.
  'time of an event, of node:http with HMAC and a sync': (read) =>
    1 / read(ONE, 'throughput') / (1 / read(FLOOR, 'intake') + 1 / read(DISK, 'groupSynced')),
  'anonymous memory of one exporter, of node:http': (read) => read(ONE, 'anonymous') / read(FLOOR, 'anonymous'),
  'bytes on disk, of those of the notification': (read) => read(ONE, 'kept') / USUAL_BYTES,
};

const ROUNDS = 3;
const SECONDS = 1.5;

/** Resolves to the text for people, and to whether all is well. */
export async function benchCi(say: (line: string) => void): Promise<{ text: string; isWell: boolean }> {
  const results = await runScenarios({
    ...{ rounds: ROUNDS, scaling: false, peers: {}, entries: 1, rate: 1, say },
    only: SCENARIOS,
    ...{ warmUpSeconds: 1, closedSeconds: SECONDS, openSeconds: 0 },
  });
  const recorded = JSON.parse(await readFile(join(repository, 'test/bench/ratios.json'), 'utf8')) as Record<
    string,
    number
  >;
  // Round by round, for what disturbs one scenario is likely to disturb its neighbour.
  const middle = (ratio: (read: Read) => number) =>
    median(
      Array.from({ length: ROUNDS }, (_, round) =>
        ratio((scenario, figure) => results.get(scenario)?.[round]?.[figure] ?? Number.NaN),
      ),
    );
  const lines = Object.entries(RATIOS).map(([title, ratio]) => lineOf(title, middle(ratio), recorded[title]));
  return {
    text: grid([['ratio', 'recorded', 'measured', ''], ...lines.map(({ cells }) => cells)]),
    isWell: lines.every(({ isWell }) => isWell),
  };
}

/** What was not measured, or was never recorded, is not well. */
function lineOf(title: string, measured: number, recorded: number | undefined): { cells: string[]; isWell: boolean } {
  const isWell = recorded !== undefined && measured <= recorded * GROSS;
  const verdict = isWell ? '' : recorded === undefined ? 'not in ratios.json' : `more than ${GROSS} times`;
  return { cells: [title, number(recorded), number(measured), verdict], isWell };
}
