/** What is measured of a subject, with its unit and which way is better. */
export interface Figure {
  readonly title: string;
  readonly unit: string;
  readonly better: 'lower' | 'higher';
}

export const FIGURES = {
  cpu: { title: 'CPU', unit: 'µs/event', better: 'lower' },
  throughput: { title: 'end to end', unit: '1/s', better: 'higher' },
  intake: { title: 'answered', unit: '1/s', better: 'higher' },
  closedP99: { title: 'p99 closed', unit: 'ms', better: 'lower' },
  openCpu: { title: 'CPU open', unit: 'µs/event', better: 'lower' },
  openP50: { title: 'p50 open', unit: 'ms', better: 'lower' },
  openP99: { title: 'p99 open', unit: 'ms', better: 'lower' },
  openP999: { title: 'p99.9 open', unit: 'ms', better: 'lower' },
  rss: { title: 'RSS', unit: 'MiB', better: 'lower' },
  anonymous: { title: 'anonymous', unit: 'MiB', better: 'lower' },
  kept: { title: 'on disk', unit: 'B/event', better: 'lower' },
  catchUp: { title: 'catching up', unit: '1/s', better: 'higher' },
  syncs: { title: 'syncs', unit: '1/s', better: 'higher' },
  groupSynced: { title: '64 a sync', unit: '1/s', better: 'higher' },
  ready: { title: 'ready', unit: 'ms', better: 'lower' },
  readyCold: { title: 'ready cold', unit: 'ms', better: 'lower' },
} as const satisfies Record<string, Figure>;

export type FigureName = keyof typeof FIGURES;
export type Figures = Readonly<Partial<Record<FigureName, number>>>;

export const FIGURE_NAMES = Object.keys(FIGURES) as FigureName[];

/** Of each figure the middle one of its rounds. */
export function medians(rounds: readonly Figures[]): Figures {
  const entries = FIGURE_NAMES.flatMap((name) => {
    const values = rounds.flatMap((figures) => figures[name] ?? []);
    return values.length > 0 ? [[name, median(values)] as const] : [];
  });
  return Object.fromEntries(entries);
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  const [low, high] = [sorted[middle - 1 + (sorted.length % 2)], sorted[middle]] as [number, number];
  return (low + high) / 2;
}
