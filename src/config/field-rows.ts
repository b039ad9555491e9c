/** The fields of a block as rows of a table, read from its schema: for the documentation. */
import { z } from 'zod';
import { isWhole, layersBelow, view } from './schema-walk.ts';

export interface FieldRow {
  /** `tls.cert_file`; `integrations[].name` in the items of a list; `workspaces.*.name` under any key. */
  readonly path: string;
  /** For people: "text", "duration", "list of text", `gzip | none`. */
  readonly type: string;
  /** As it would stand in a file; undefined when there is none. */
  readonly default: string | undefined;
  readonly required: boolean;
  readonly secret: boolean;
  /** Empty where the schema says nothing. */
  readonly description: string;
}

/** Every field, parents before their children, in the order of the schema. */
export function describeFields(schema: z.core.$ZodType): FieldRow[] {
  return children(schema).flatMap(({ name, schema: field }) => rows(name, field, 0));
}

/** A schema that contains itself is cut here. */
const MAX_DEPTH = 8;

function rows(path: string, schema: z.core.$ZodType, depth: number): FieldRow[] {
  const fallback = defaultOf(schema);
  const { secret, description = '' } = view(schema);
  const row: FieldRow = {
    path,
    type: typeText(schema),
    default: fallback === undefined ? undefined : defaultText(fallback),
    required: !z.safeParse(schema, undefined).success,
    secret,
    description,
  };
  if (depth >= MAX_DEPTH) return [row];
  return [
    row,
    ...children(schema).flatMap(({ name, schema: inner }) => {
      return rows(name.startsWith('[]') ? path + name : `${path}.${name}`, inner, depth + 1);
    }),
  ];
}

/** Named fields of a map, of the items of a list, or of the values of a map with free keys. */
function children(schema: z.core.$ZodType): { name: string; schema: z.core.$ZodType }[] {
  const inner = layersBelow(schema);
  if (inner) return inner.flatMap(children);
  const { def } = (schema as z.core.$ZodTypes)._zod;
  if (def.type === 'object') return Object.entries(def.shape).map(([name, field]) => ({ name, schema: field }));
  if (def.type === 'array') return children(def.element).map((field) => ({ ...field, name: `[].${field.name}` }));
  if (def.type === 'record') return children(def.valueType).map((field) => ({ ...field, name: `*.${field.name}` }));
  return [];
}

function typeText(schema: z.core.$ZodType): string {
  const format = formatOf(schema);
  const { def } = (schema as z.core.$ZodTypes)._zod;
  if (format === 'duration' || format === 'bytes') return format === 'bytes' ? 'size' : format;
  // A text that is then held against a list of values.
  if (def.type === 'pipe' && (def.out as z.core.$ZodTypes)._zod.def.type === 'enum') return typeText(def.out);
  const inner = layersBelow(schema);
  if (inner) return [...new Set(inner.map(typeText))].join(' or ');
  switch (def.type) {
    case 'string':
      return 'text';
    case 'number':
      return isWhole(schema) ? 'whole number' : 'number';
    case 'boolean':
      return 'true or false';
    case 'enum':
      return Object.values(def.entries)
        .filter((value) => value !== '')
        .map(String)
        .join(' | ');
    case 'literal':
      return def.values.map(String).join(' | ');
    case 'array':
      return `list of ${typeText(def.element)}`;
    case 'record':
      return `map of ${typeText(def.valueType)}`;
    case 'object':
      return 'map';
    case 'any':
    case 'unknown':
      return 'anything';
    default:
      return def.type;
  }
}

function formatOf(schema: z.core.$ZodType): unknown {
  const own = z.globalRegistry.get(schema)?.format;
  if (own !== undefined) return own;
  const inner = layersBelow(schema);
  return inner?.length === 1 ? formatOf(inner[0] as z.core.$ZodType) : undefined;
}

function defaultOf(schema: z.core.$ZodType): unknown {
  const { def } = (schema as z.core.$ZodTypes)._zod;
  if (def.type === 'default' || def.type === 'prefault') return def.defaultValue;
  const inner = layersBelow(schema);
  return inner?.length === 1 ? defaultOf(inner[0] as z.core.$ZodType) : undefined;
}

/** An empty block has the defaults of its fields, which have rows of their own. */
function defaultText(value: unknown): string | undefined {
  if (typeof value === 'string') return value === '' ? "''" : value;
  if (value !== null && typeof value === 'object' && Object.keys(value).length === 0) {
    return Array.isArray(value) ? '[]' : undefined;
  }
  return JSON.stringify(value);
}
