import { type Resource, resourceFromAttributes } from '../../otel.ts';
import type { ResourceMapping } from '../otlp-encoding.ts';
import type { CoralogixConfig } from './config.ts';

const APPLICATION = 'cx.application.name';
const SUBSYSTEM = 'cx.subsystem.name';

type Names = Pick<
  CoralogixConfig,
  'application_name' | 'subsystem_name' | 'application_name_attributes' | 'subsystem_name_attributes'
>;

/**
 * Gives every resource the two names that Coralogix files by: the first of the listed attributes that is not empty, else
 * the configured name, else what the resource says already. The resource itself is shared with other exporters and stays
 * as it is; what stands for it is made once.
 */
export function namedResources(names: Names): ResourceMapping {
  const known = new WeakMap<Resource, Resource>();
  return (resource) => {
    const found = known.get(resource);
    if (found) return found;
    const { attributes } = resource;
    const application =
      firstOf(attributes, names.application_name_attributes) || names.application_name || text(attributes[APPLICATION]);
    const subsystem =
      firstOf(attributes, names.subsystem_name_attributes) || names.subsystem_name || text(attributes[SUBSYSTEM]);
    const same = attributes[APPLICATION] === application && (!subsystem || attributes[SUBSYSTEM] === subsystem);
    const named = same
      ? resource
      : resourceFromAttributes(
          { ...attributes, [APPLICATION]: application, ...(subsystem && { [SUBSYSTEM]: subsystem }) },
          { schemaUrl: resource.schemaUrl },
        );
    known.set(resource, named);
    return named;
  };
}

function firstOf(attributes: Resource['attributes'], keys: readonly string[]): string {
  for (const key of keys) {
    const value = Object.hasOwn(attributes, key) ? text(attributes[key]) : '';
    if (value) return value;
  }
  return '';
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : typeof value === 'number' || typeof value === 'boolean' ? `${value}` : '';
}
