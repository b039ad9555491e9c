import type { Buckets, MetricFamily, Sample } from './model.ts';

/** Totals as they were when they were last told, so that what was added since can be. */
export class Deltas {
  readonly #isDelta: (family: MetricFamily) => boolean;
  #told: ReadonlyMap<string, Sample['value']> = new Map();

  /** @param isDelta of which families what was added is told, and not the total */
  constructor(isDelta: (family: MetricFamily) => boolean) {
    this.#isDelta = isDelta;
  }

  /** What was added since `told`; other families as they are. A series that is new begins at 0. */
  since(families: readonly MetricFamily[]): MetricFamily[] {
    return families.map((family) => {
      if (!this.#isDelta(family)) return family;
      const samples = family.samples.map((sample) => ({
        ...sample,
        value: less(sample.value, this.#told.get(seriesOf(family, sample))),
      }));
      return { ...family, samples };
    });
  }

  /** These totals have arrived, or are where telling begins. */
  told(families: readonly MetricFamily[]): void {
    this.#told = new Map(
      families
        .filter(this.#isDelta)
        .flatMap((family) => family.samples.map((sample) => [seriesOf(family, sample), sample.value] as const)),
    );
  }
}

const seriesOf = ({ name }: MetricFamily, { labels }: Sample) => `${name} ${JSON.stringify(labels)}`;

/** A total that fell began anew. */
function less(value: Sample['value'], before: Sample['value'] | undefined): Sample['value'] {
  if (before === undefined) return value;
  if (typeof value === 'number') {
    return typeof before === 'number' && before <= value ? value - before : value;
  }
  if (typeof before === 'number' || value.counts.some((count, index) => count < (before.counts[index] ?? 0))) {
    return value;
  }
  const counts = value.counts.map((count, index) => count - (before.counts[index] ?? 0));
  return { bounds: value.bounds, counts, sum: value.sum - before.sum } satisfies Buckets;
}
