/** docs/ottl.md, from the definitions of functions, paths and enums. */
import { copyValue, Double, type Value } from '../record/value.ts';
import { signature } from './calls.ts';
import type { ExampleRecord, OttlFunction } from './function.ts';
import { functions } from './functions/index.ts';
import { CONTEXTS } from './paths/contexts.ts';
import { CACHE_PLACE } from './paths/owners.ts';
import type { Place } from './paths/place.ts';

/** The tables of paths and functions, as Markdown by the marks of the page that they stand behind. */
export function ottlTables(): Readonly<Record<'paths' | 'enums' | 'editors' | 'converters', string>> {
  const byName = [...functions].sort((a, b) => (a.name.toLowerCase() < b.name.toLowerCase() ? -1 : 1));
  return {
    paths: paths(),
    enums: `${[...CONTEXTS.log.enums].map(([name, value]) => `\`${name}\` = ${value}`).join(', ')}.`,
    editors: byName
      .filter(({ kind }) => kind === 'editor')
      .map(section)
      .join('\n\n'),
    converters: byName
      .filter(({ kind }) => kind === 'converter')
      .map(section)
      .join('\n\n'),
  };
}

function paths(): string {
  const rows: string[] = ['| path | type | meaning |', '|---|---|---|'];
  const add = (path: string, place: Place) => {
    const index = place.indexable ? `, \`${path}["key"]\`` : '';
    if (place.target) rows.push(`| \`${path}\`${index} | ${TYPES[place.type] ?? place.type} | ${place.summary} |`);
    for (const [name, field] of Object.entries(place.fields ?? {})) add(`${path}.${name}`, field);
  };
  for (const [name, root] of CONTEXTS.log.roots) {
    if (name === 'instrumentation_scope') continue;
    for (const [field, place] of Object.entries(root.places)) add(`${name}.${field}`, place);
    if (name !== 'otelcol') add(`${name}.cache`, CACHE_PLACE);
  }
  return rows.join('\n');
}

const TYPES: Readonly<Record<string, string>> = {
  int64: 'integer',
  string: 'text',
  any: 'any',
  'time.Time': 'time',
  'pcommon.Map': 'map',
  'pcommon.TraceID': 'trace id',
  'pcommon.SpanID': 'span id',
};

function section(definition: OttlFunction): string {
  const { name, summary, example, parameters, logStatementsOnly } = definition;
  const fallbacks = Object.entries(parameters).flatMap(([key, { otherwise }]) =>
    otherwise === undefined ? [] : [`\`${key}\` left out: ${otherwise}.`],
  );
  const only = logStatementsOnly ? ['In statements on logs only, not in conditions.'] : [];
  const { before, after, statement } = example;
  const shown = [...(before ? [`// before: ${record(before)}`] : []), statement, `// after:  ${record(after)}`];
  return [
    `### ${name}`,
    `\`${signature(definition)}\``,
    [summary, ...fallbacks, ...only].join(' '),
    `\`\`\`\n${shown.join('\n')}\n\`\`\``,
  ].join('\n\n');
}

function record(of: ExampleRecord): string {
  return Object.entries(of)
    .map(([key, value]) => `${NAMES[key] ?? key} ${json(value as Value)}`)
    .join(', ');
}

const NAMES: Readonly<Record<string, string>> = {
  severityText: 'severity_text',
  severityNumber: 'severity_number',
  eventName: 'event_name',
};

function json(value: Value): string {
  return JSON.stringify(copyValue(value), (_, inner: unknown) => {
    if (typeof inner === 'bigint') return Number(inner);
    if (inner instanceof Uint8Array) return `bytes ${Buffer.from(inner).toString('hex')}`;
    return inner instanceof Double ? inner.value : inner;
  });
}
