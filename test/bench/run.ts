import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { measureBacklog } from './backlog.ts';
import type { Figures } from './figures.ts';
import { measureDisk } from './floor.ts';
import { type Lengths, measure } from './measure.ts';
import type { Peers } from './peer.ts';
import { type Scenario, scenarios } from './scenarios.ts';
import { Sink } from './sink.ts';
import type { Place } from './subject.ts';

export interface RunOptions extends Lengths {
  readonly rounds: number;
  /** Texts in the names of scenarios; none: all but those of scaling. */
  readonly only: readonly string[];
  readonly scaling: boolean;
  /** Entries of the large backlog. */
  readonly entries: number;
  readonly peers: Peers;
  /** What is being done, for people. */
  readonly say: (line: string) => void;
}

interface Task {
  readonly name: string;
  readonly scaling: boolean;
  readonly run: (place: Place, sink: Sink) => Promise<Figures>;
}

/** Scenarios in turns, round by round: what the machine does meanwhile meets all of them alike. What fails is told, and left out. */
export async function runScenarios(options: RunOptions): Promise<Map<string, Figures[]>> {
  const { only, scaling, rounds, say } = options;
  const chosen = tasks(options).filter((task) =>
    only.length > 0 ? only.some((text) => task.name.includes(text)) : scaling || !task.scaling,
  );
  if (chosen.length === 0) throw new Error(`no scenario's name has ${only.join(' or ')}`);
  const results = new Map<string, Figures[]>();
  const sink = await Sink.start();
  try {
    for (let round = 1; round <= rounds; round++) {
      for (const { name, run } of chosen) {
        say(`round ${round} of ${rounds}: ${name}`);
        const base = await mkdtemp(join(tmpdir(), 'intercom-otel-agent-bench-'));
        const directory = join(base, 'work');
        await mkdir(directory);
        try {
          const figures = await run({ directory, sinkUrl: sink.url }, sink);
          results.set(name, [...(results.get(name) ?? []), figures]);
        } catch (error) {
          say(`${name} failed: ${error instanceof Error ? error.message : String(error)}`);
        } finally {
          await rm(base, { recursive: true, force: true, maxRetries: 5 });
        }
      }
    }
  } finally {
    sink.stop();
  }
  return results;
}

function tasks(options: RunOptions): Task[] {
  const { entries, openSeconds, rate, closedSeconds } = options;
  const backlog = (name: string, count: number, scaling: boolean): Task => ({
    ...{ name, scaling },
    run: (place, sink) => measureBacklog(place, sink, { entries: count, seconds: openSeconds || closedSeconds, rate }),
  });
  return [
    { name: 'floor: disk', scaling: false, run: (place) => measureDisk(place, closedSeconds / 4) },
    ...scenarios(options.peers).map((scenario) => taskOf(scenario, options)),
    backlog('backlog: 1000', 1_000, true),
    backlog('backlog: many', entries, false),
  ];
}

function taskOf(scenario: Scenario, options: RunOptions): Task {
  const load = {
    ...scenario,
    ...options,
    ...{ rate: Math.round(options.rate * scenario.rate), openSeconds: scenario.rate === 0 ? 0 : options.openSeconds },
  };
  return {
    ...{ name: scenario.name, scaling: scenario.scaling ?? false },
    run: async (place, sink) => {
      const subject = await scenario.start(place);
      try {
        return await measure(subject, sink, load);
      } finally {
        await subject.stop();
      }
    },
  };
}
