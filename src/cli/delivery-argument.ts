import type { Operations } from '../control/operations.ts';
import { factories } from '../registry.ts';
import type { DeliveryStatus } from '../telemetry/status.ts';
import { CommandError, EXIT } from './exit.ts';

/** An exporter's id, alone or behind a pipeline's, with the name of its type that deliveries are stored under. */
export function canonicalName(text: string): string {
  const words = text.trim().split(/\s+/);
  const exporter = words.pop() as string;
  const [type = '', ...name] = exporter.split('/');
  const factory = factories.find((candidate) => candidate.kind === 'exporter' && candidate.aliases?.includes(type));
  return [...words, [factory?.type ?? type, ...name].join('/')].join(' ');
}

/**
 * The delivery that is meant by `pipeline exporter`, or by the exporter alone where it stands in one pipeline.
 * @throws {CommandError} when there is none, or it is not clear which
 */
export async function deliveryOf(operations: Operations, text: string): Promise<DeliveryStatus & { name: string }> {
  const wanted = canonicalName(text);
  const known = (await operations.ledger()).deliveries.map((delivery) => ({ ...delivery, name: nameOf(delivery) }));
  const found = known.filter(({ name, exporter }) => name === wanted || exporter === wanted);
  if (found.length === 1) return found[0] as (typeof found)[number];
  const names = (found.length > 0 ? found : known).map(({ name }) => `"${name}"`).join(', ');
  if (found.length > 1) throw new CommandError(`"${wanted}" is in several pipelines; which one: ${names}?`, EXIT.usage);
  const there = names ? `there are: ${names}` : 'there is none at all';
  throw new CommandError(`there is no delivery ${JSON.stringify(wanted)}; ${there}`, EXIT.usage);
}

export function nameOf({ pipeline, exporter }: Pick<DeliveryStatus, 'pipeline' | 'exporter'>): string {
  return `${pipeline} ${exporter}`;
}
