import { readFile, writeFile } from 'node:fs/promises';
import { availableParallelism, cpus, release, totalmem } from 'node:os';
import { type Figures, medians } from './figures.ts';

/** What `--json` writes and `compare` reads. */
export interface Report {
  readonly at: string;
  readonly machine: {
    readonly cpu: string;
    readonly cores: number;
    readonly memoryGiB: number;
    readonly system: string;
  };
  readonly node: string;
  readonly results: readonly Result[];
}

export interface Result {
  readonly name: string;
  readonly rounds: readonly Figures[];
  readonly medians: Figures;
}

export function reportOf(rounds: ReadonlyMap<string, readonly Figures[]>): Report {
  return {
    at: new Date().toISOString(),
    machine: {
      cpu: cpus()[0]?.model ?? 'unknown',
      cores: availableParallelism(),
      memoryGiB: Math.round(totalmem() / 2 ** 30),
      system: `${process.platform} ${release()}`,
    },
    node: process.version,
    results: [...rounds].map(([name, figures]) => ({ name, rounds: figures, medians: medians(figures) })),
  };
}

export async function writeReport(file: string, report: Report): Promise<void> {
  await writeFile(file, `${JSON.stringify(report, null, 2)}\n`);
}

export async function readReport(file: string): Promise<Report> {
  const report = JSON.parse(await readFile(file, 'utf8')) as Report;
  if (!Array.isArray(report?.results)) throw new Error(`${file} is no report of npm run bench`);
  return report;
}
