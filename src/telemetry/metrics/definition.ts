import type { AgentStatus, DeliveryStatus } from '../status.ts';
import type { Buckets, MetricFamily, Sample } from './model.ts';

/** What the status does not have. All of it is at hand at any moment. */
export interface MoreFigures {
  /** Absent until the journal is open. */
  readonly journal?: {
    readonly first: number;
    readonly next: number;
    /** Bytes that some delivery still needs. */
    readonly neededBytes: number;
    /** Null where that means nothing. */
    readonly freeBytes: number | null;
    /** Why nothing can be stored; null when it can. */
    readonly failure: string | null;
    readonly syncs: Buckets;
  };
  /** Who the agent is, as labels. */
  readonly resource: Readonly<Record<string, string>>;
  readonly process: {
    readonly uptimeSeconds: number;
    readonly cpuSeconds: number;
    readonly residentBytes: number;
    readonly heapBytes: number;
  };
}

export interface Figures {
  readonly status: AgentStatus;
  readonly more: MoreFigures;
}

/** A metric declared once: the page and the documentation are made of the same list. */
export interface MetricDefinition extends Omit<MetricFamily, 'samples'> {
  /** Every sample has these, in this order. */
  readonly labels: readonly string[];
  read(figures: Figures): Sample[];
}

/** One value without labels; none where it is null. */
export function single(value: Sample['value'] | null | undefined): Sample[] {
  return value === null || value === undefined ? [] : [{ labels: {}, value }];
}

export function flag(value: boolean): number {
  return value ? 1 : 0;
}

type Total = Sample & { readonly value: number };

/** One sample per exporter, over all pipelines that it stands in. */
export function byExporter(
  deliveries: readonly DeliveryStatus[],
  value: (delivery: DeliveryStatus) => number,
  labels: Readonly<Record<string, string>> = {},
): Total[] {
  return summed(
    deliveries.map((delivery) => ({ labels: { exporter: delivery.exporter, ...labels }, value: value(delivery) })),
  );
}

/** One sample per pipeline and exporter. */
export function byDelivery(
  deliveries: readonly DeliveryStatus[],
  value: (delivery: DeliveryStatus) => number,
): Total[] {
  return summed(
    deliveries.map((delivery) => {
      const { pipeline, exporter } = delivery;
      return { labels: { pipeline, exporter }, value: value(delivery) };
    }),
  );
}

/** Samples with equal labels become one: a page that has them twice is refused. */
function summed(samples: readonly Total[]): Total[] {
  const sums = new Map<string, { labels: Sample['labels']; value: number }>();
  for (const { labels, value } of samples) {
    const key = JSON.stringify(labels);
    const sum = sums.get(key);
    if (sum) sum.value += value;
    else sums.set(key, { labels, value });
  }
  return [...sums.values()];
}
