/**
 * The whole configuration file as a JSON Schema (draft 2020-12), for editors: derived from the schemas of the components, so
 * that it completes, explains and checks what loading takes. It looks at one file alone: references between sections, and
 * sections that another `--config` brings, are loading's matter, so no section is required.
 */
import { z } from 'zod';
import type { AnyFactory } from '../component.ts';
import { serviceSchema } from './service-schema.ts';

export type JsonSchema = z.core.JSONSchema.JSONSchema;

const SECTIONS = [
  ['receivers', 'receiver', 'Doors through which events come in.'],
  ['processors', 'processor', 'What is done to records on their way.'],
  ['exporters', 'exporter', 'Backends that get the records.'],
  ['connectors', 'connector', 'What joins pipelines: an exporter of some, a receiver of others.'],
  ['extensions', 'extension', 'What serves the agent as a whole, such as its storage.'],
] as const;

export function configurationSchema(factories: readonly AnyFactory[]): JsonSchema {
  const definitions: Record<string, JsonSchema> = {};
  const sections = SECTIONS.map(([name, kind, description]) => {
    const patterns: Record<string, JsonSchema> = {};
    for (const { type, aliases = [], summary, config } of factories.filter((factory) => factory.kind === kind)) {
      definitions[`${kind}.${type}`] = { ...schemaOf(config), description: summary };
      const names = [type, ...aliases];
      patterns[`^${names.length > 1 ? `(${names.join('|')})` : type}(/.+)?$`] = {
        $ref: `#/$defs/${kind}.${type}`,
      };
    }
    return [name, section({ description, patternProperties: patterns, additionalProperties: false })] as const;
  });
  definitions.service = withPipelineIds(schemaOf(serviceSchema));
  return {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    title: 'Configuration of intercom-otel-agent',
    type: 'object',
    properties: {
      ...Object.fromEntries(sections),
      service: { $ref: '#/$defs/service', description: 'What is used of all this, and how.' },
    },
    additionalProperties: false,
    $defs: definitions,
  };
}

/** A value that is, or has in it, `${env:NAME}` and the like: what comes out is known only when it is loaded. */
const REFERENCE = '\\$\\{';

type Types = Extract<JsonSchema['type'], unknown[]>;

/** Types of what may be left empty: it counts as an empty block, or as not written. */
const BLOCK: Types = ['object', 'null', 'string'];
const LIST: Types = ['array', 'null', 'string'];

const reference = (): JsonSchema => ({ type: 'string', pattern: REFERENCE });
const section = (rest: JsonSchema): JsonSchema => ({ ...rest, type: BLOCK, pattern: REFERENCE });

function schemaOf(config: z.core.$ZodType): JsonSchema {
  const { $schema, ...schema } = z.toJSONSchema(config, {
    io: 'input',
    unrepresentable: 'any',
    override: ({ zodSchema, jsonSchema }) => {
      const { def } = (zodSchema as z.core.$ZodTypes)._zod;
      // A text in any case that is then held against a list: the list is advice, not the rule.
      const values = def.type === 'pipe' ? (def.out as z.core.$ZodTypes)._zod.def : undefined;
      if (values?.type === 'enum') jsonSchema.examples = Object.values(values.entries);
    },
  });
  return forFiles(schema);
}

/** The marks of the scalars (blocks/scalars.ts). In JSON Schema itself some of these names mean something else. */
const FORMATS: Readonly<Record<string, JsonSchema>> = {
  duration: {
    type: ['string', 'integer'],
    pattern: `^\\+?((\\d+\\.?\\d*|\\.\\d+)(ns|us|µs|μs|ms|s|m|h))+$|^[+-]?0$|${REFERENCE}`,
    minimum: 0,
    maximum: 0,
    examples: ['500ms', '5s', '1m30s'],
  },
  bytes: {
    type: ['string', 'number'],
    pattern: `^\\s*\\d+(\\.\\d+)?\\s*([kKmMgG]?[bB]|[kKmMgGtT][iI][bB])?\\s*$|${REFERENCE}`,
    minimum: 0,
    examples: ['5MiB', '2MB'],
  },
  endpoint: {
    type: 'string',
    pattern: `^(\\[[0-9a-fA-F:.%]+\\]|[^:\\s/[\\]]*):\\d{1,5}$|${REFERENCE}`,
    examples: ['localhost:8080', '0.0.0.0:8080'],
  },
  // biome-ignore lint/suspicious/noTemplateCurlyInString: a reference of the configuration language
  secret: { examples: ['${env:NAME}', '${file:/run/secrets/name}'] },
  uri: { type: 'string', pattern: `^https?://|${REFERENCE}`, examples: ['https://otlp.example.net'] },
};

/** Marks that loading alone asks for, no keywords of JSON Schema; the choices are advice, for any case counts. */
function withoutMarks({ whenEmpty: _, choices, ...schema }: JsonSchema): JsonSchema {
  return Array.isArray(choices) ? { ...schema, examples: choices } : schema;
}

/** As it may stand in a file: everything may be a reference, and a block that needs nothing may be left empty. */
function forFiles({ format, ...marked }: JsonSchema): JsonSchema {
  const plain = withoutMarks(marked);
  const mark = format === undefined ? undefined : FORMATS[format];
  const schema: JsonSchema = { ...plain, ...mark };
  if (schema.properties) schema.properties = properties(schema.properties, schema.required ?? []);
  if (schema.additionalProperties !== undefined) schema.additionalProperties = forPlace(schema.additionalProperties);
  if (schema.items && !Array.isArray(schema.items)) schema.items = forPlace(schema.items);
  if (schema.anyOf) schema.anyOf = schema.anyOf.map(forFiles);
  if (schema.maximum === Number.MAX_SAFE_INTEGER) delete schema.maximum;
  if (mark?.pattern !== undefined) return schema;
  if (schema.enum) {
    const { type, enum: values, ...about } = schema;
    return { ...about, anyOf: [{ type, enum: values }, reference()] };
  }
  switch (schema.type) {
    case 'string':
      return schema.pattern === undefined ? schema : { ...schema, pattern: `(${schema.pattern})|${REFERENCE}` };
    case 'object':
      return { ...schema, type: schema.required?.length ? ['object', 'string'] : BLOCK, pattern: REFERENCE };
    case 'array':
      return { ...schema, type: ['array', 'string'], pattern: REFERENCE };
    case 'number':
    case 'integer':
    case 'boolean':
      return { ...schema, type: [schema.type, 'string'], pattern: REFERENCE };
    default:
      return schema;
  }
}

const forPlace = <Place extends JsonSchema | boolean>(place: Place) =>
  typeof place === 'boolean' ? place : forFiles(place);

/** A list that need not be there may be empty as well. */
function properties(fields: Readonly<Record<string, JsonSchema | boolean>>, required: readonly string[]) {
  const entries = Object.entries(fields).map(([key, field]) => {
    const place = forPlace(field);
    const mayBeEmpty = typeof place === 'object' && place.type?.includes('array') && !required.includes(key);
    return [key, mayBeEmpty ? { ...place, type: LIST } : place] as const;
  });
  return Object.fromEntries(entries);
}

/** The agent carries logs and nothing else. */
function withPipelineIds(service: JsonSchema): JsonSchema {
  const { pipelines, ...others } = service.properties ?? {};
  const ids = { propertyNames: { pattern: '^logs(/.+)?$' } };
  return { ...service, properties: { ...others, pipelines: { ...(pipelines as JsonSchema), ...ids } } };
}
