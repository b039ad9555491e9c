import { isInt } from '../../record/value.ts';
import { OttlError } from '../error.ts';
import { defineFunction } from '../function.ts';
import { any, map } from '../parameter.ts';
import { type Int, isList, isMap, kindName, type OttlValue } from '../value.ts';

/** When a value means a level. */
interface Criterion {
  readonly equals: readonly string[];
  readonly range?: { readonly min: Int; readonly max: Int };
}

const HTTP_RANGES: Readonly<Record<string, Criterion['range']>> = {
  '2xx': { min: 200, max: 299 },
  '3xx': { min: 300, max: 399 },
  '4xx': { min: 400, max: 499 },
  '5xx': { min: 500, max: 599 },
};

export const parseSeverity = defineFunction({
  name: 'ParseSeverity',
  kind: 'converter',
  parameters: { target: any, mapping: map },
  summary: 'The level whose criteria a text or an integer meets: words it equals, or a range such as "4xx" it lies in.',
  example: {
    statement:
      'set(log.severity_text, ParseSeverity(log.body, {"info": [{"range": "2xx"}], "error": [{"equals": ["err"]}]}))',
    before: { body: 'err' },
    after: { severityText: 'error' },
  },
  create({ target, mapping }) {
    const { literal } = mapping;
    // A wrong mapping is told by each record, as in the Collector.
    const levels = literal ? levelsOf(literal.value) : new OttlError('severity mapping must be a literal PMap');
    return (context) => {
      if (levels instanceof OttlError) throw levels;
      return level(
        get(() => target(context)),
        levels,
      );
    };
  },
});

function get(target: () => OttlValue): OttlValue {
  try {
    return target();
  } catch (error) {
    throw error instanceof OttlError ? new OttlError(`could not get log level: ${error.message}`) : error;
  }
}

function level(value: OttlValue, levels: ReadonlyMap<string, readonly Criterion[]>): string {
  for (const [name, criteria] of levels) {
    for (const { equals, range } of criteria) {
      if (typeof value === 'string') {
        if (equals.includes(value)) return name;
      } else if (isInt(value)) {
        if (range && value >= range.min && value <= range.max) return name;
      } else {
        const kind = value === undefined ? '<nil>' : kindName(value);
        throw new OttlError(
          `could not map log level: could not evaluate log level of value '${shown(value)}': unsupported value type: ${kind}`,
        );
      }
    }
  }
  throw new OttlError(`could not map log level: no matching log level found for value '${shown(value)}'`);
}

function shown(value: OttlValue): string {
  if (value === undefined || value === null) return '<nil>';
  if (value instanceof Uint8Array) return `[${value.join(' ')}]`;
  return typeof value === 'object' ? kindName(value) : String(value);
}

function levelsOf(mapping: Readonly<Record<string, OttlValue>>): Map<string, readonly Criterion[]> | OttlError {
  const levels = new Map<string, readonly Criterion[]>();
  for (const [name, items] of Object.entries(mapping)) {
    if (!isList(items)) return new OttlError('severity mapping criteria must be []any');
    const criteria: Criterion[] = [];
    for (const item of items) {
      if (!isMap(item)) return new OttlError('severity mapping criteria items must be map[string]any');
      const criterion = criterionOf(item);
      if (typeof criterion === 'string') return new OttlError(`invalid severity mapping criteria: ${criterion}`);
      criteria.push(criterion);
    }
    levels.set(name, criteria);
  }
  return levels;
}

/** @returns what is wrong with it, where it is none */
function criterionOf(item: Readonly<Record<string, OttlValue>>): Criterion | string {
  const equals: string[] = [];
  if (Object.hasOwn(item, 'equals')) {
    const { equals: words } = item;
    if (!isList(words)) return 'equals must be a list';
    for (const word of words) {
      if (typeof word !== 'string') return 'equals values must be strings';
      equals.push(word);
    }
  }
  if (!Object.hasOwn(item, 'range')) return { equals };
  const range = rangeOf(item.range);
  return typeof range === 'string' ? range : { equals, range };
}

function rangeOf(range: OttlValue): { readonly min: Int; readonly max: Int } | string {
  if (typeof range === 'string') {
    const known = Object.hasOwn(HTTP_RANGES, range) ? HTTP_RANGES[range] : undefined;
    return known ?? `unknown range placeholder: ${range}`;
  }
  if (!isMap(range)) return 'range must be a map or a known placeholder string';
  if (!Object.hasOwn(range, 'min')) return 'range must have a min value';
  if (!Object.hasOwn(range, 'max')) return 'range must have a max value';
  const { min, max } = range;
  if (!isInt(min)) return 'min must be an int64';
  return isInt(max) ? { min, max } : 'max must be an int64';
}
