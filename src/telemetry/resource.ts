/** Who the agent is in what it sends of itself. */
import { randomUUID } from 'node:crypto';
import type { AttributeValue, ResourceSettings } from '../config/model.ts';
import { type Resource, resourceFromAttributes } from '../otel.ts';

export interface OwnResource {
  readonly attributes: Readonly<Record<string, AttributeValue>>;
  readonly schemaUrl?: string;
}

/** The running process, in its logs and in its metrics alike: another one after each start. */
const INSTANCE_ID = randomUUID();

/** The agent's own attributes under those of the configuration, which may also remove one. */
export function ownResource(
  { attributes, schemaUrl }: ResourceSettings,
  version: string,
  instanceId: string = INSTANCE_ID,
): OwnResource {
  const all: Record<string, AttributeValue | null> = {
    'service.name': 'intercom-otel-agent',
    'service.version': version,
    'service.instance.id': instanceId,
    ...attributes,
  };
  const kept = Object.entries(all).filter((pair): pair is [string, AttributeValue] => pair[1] !== null);
  return { attributes: Object.fromEntries(kept), ...(schemaUrl !== undefined && { schemaUrl }) };
}

/** As the SDK has it. */
export function sdkResource({ attributes, schemaUrl }: OwnResource): Resource {
  const own = Object.entries(attributes).map(([key, value]) => [key, typeof value === 'object' ? [...value] : value]);
  return resourceFromAttributes(Object.fromEntries(own), schemaUrl === undefined ? undefined : { schemaUrl });
}
