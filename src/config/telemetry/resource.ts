/** `service::telemetry::resource`: what the agent's own logs and metrics say of who sends them. */
import type { ConfigRemark } from '../../component.ts';
import type { AttributeValue, ResourceSettings } from '../model.ts';

/** Keys of the form of OpenTelemetry's configuration file. All others are attributes, as the Collector had them first. */
const FORM = ['attributes', 'attributes_list', 'detectors', 'detection/development', 'schema_url'];

type Written = Readonly<Record<string, unknown>>;

/** What the schema can't say, in the Collector's words. */
export function resourceRemarks(resource: Written, path: readonly string[]): ConfigRemark[] {
  const { attributes, attributes_list: list, schema_url: schema } = resource;
  const inline = Object.entries(resource).filter(([key]) => !FORM.includes(key));
  const remarks: ConfigRemark[] = [];
  const error = (at: readonly (string | number)[], message: string, suggestion?: string) =>
    remarks.push({ severity: 'error', path: [...path, ...at], message, ...(suggestion && { suggestion }) });
  for (const [key, value] of inline) {
    if (value === null || typeof value === 'string') continue;
    error([key], `legacy resource attribute ${JSON.stringify(key)} must be string or null`, 'put it in quotes');
  }
  if (list !== undefined && list !== null) {
    const message = 'resource::attributes_list is not currently supported, please use resource::attributes';
    error(['attributes_list'], message, 'attributes: [{ name: team, value: support }]');
  }
  if (schema !== undefined && schema !== null && typeof schema !== 'string') error(['schema_url'], 'expected a text');
  if (attributes === undefined || attributes === null) return remarks;
  if (!Array.isArray(attributes)) {
    error(['attributes'], 'expected a list', '[{ name: team, value: support }]');
    return remarks;
  }
  if (attributes.length > 0 && inline.length > 0) {
    const message = 'resource::attributes cannot be used together with legacy inline resource attributes';
    error(['attributes'], message, 'write them all in the list');
  }
  for (const [index, attribute] of attributes.entries()) {
    if (!isMap(attribute)) {
      error(['attributes', index], 'expected a map (key: value)', '{ name: team, value: support }');
      continue;
    }
    const unknown = Object.keys(attribute).find((key) => !['name', 'value', 'type'].includes(key));
    if (unknown !== undefined) error(['attributes', index, unknown], `unknown key ${JSON.stringify(unknown)}`);
    if (typeof attribute.name !== 'string') error(['attributes', index, 'name'], 'expected a text');
    else if (attribute.name === '') error(['attributes', index, 'name'], 'must not be empty');
  }
  return remarks;
}

/** Null takes an attribute away that the agent would have by itself. Of a block without errors. */
export function resourceSettings(resource: Written): ResourceSettings {
  const { attributes, schema_url: schemaUrl } = resource;
  const inline = Object.entries(resource).filter(([key]) => !FORM.includes(key));
  const listed = (Array.isArray(attributes) ? attributes : []).filter(isMap);
  const all = [...inline, ...listed.map(({ name, value }): [string, unknown] => [String(name), value])];
  return {
    attributes: Object.fromEntries(all.map(([key, value]) => [key, attributeOf(value)])),
    ...(typeof schemaUrl === 'string' && { schemaUrl }),
  };
}

function attributeOf(value: unknown): AttributeValue | null {
  if (value === undefined || value === null) return null;
  if (Array.isArray(value)) return value.map((item) => (typeof item === 'string' ? item : JSON.stringify(item)));
  if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') return value;
  return typeof value === 'bigint' ? String(value) : JSON.stringify(value);
}

function isMap(value: unknown): value is Record<string, unknown> {
  return value !== null && typeof value === 'object' && !Array.isArray(value);
}
