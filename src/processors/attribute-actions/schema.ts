/** The list of actions that the processors `attributes` and `resource` take. What is wrong is said in the Collector's words. */
import { z } from 'zod';
import { recordValue } from '../../config/blocks/scalars.ts';
import { didYouMean } from '../../config/suggest.ts';
import { Regex, RegexError } from '../../regex/regex.ts';

const ACTIONS = ['insert', 'update', 'upsert', 'delete', 'hash', 'extract', 'convert'] as const;
const CONVERTED_TYPES = ['string', 'int', 'double'] as const;

const action = z.strictObject({
  key: z.string().default('').describe('Name of the attribute. Only delete and hash can do without, with a pattern.'),
  action: z
    .string()
    .default('')
    .describe(
      'insert adds where it is missing, update changes where it is there, upsert does both; delete removes; hash replaces the value by its SHA-256 in hex; extract makes attributes of the named groups of a pattern; convert changes the type. In upper case too.',
    ),
  value: recordValue().describe('The value for insert, update and upsert: of any type, lists and maps too.'),
  default_value: recordValue().describe(
    'The value for insert, update and upsert where from_attribute or from_context gives none.',
  ),
  from_attribute: z
    .string()
    .default('')
    .describe('Take the value of this attribute instead; without it nothing happens, or default_value is taken.'),
  from_context: z
    .string()
    .default('')
    .describe('Of the request that brought the record, which is not kept: only default_value counts.'),
  pattern: z
    .string()
    .default('')
    .describe(
      'Regular expression (RE2). delete and hash: for the keys of attributes, anywhere in them. extract: for the value, every group named.',
    ),
  converted_type: z
    .string()
    .default('')
    .describe('string, int or double, for convert. What can not be converted stays.'),
});

/** One action as it is written. */
export type ActionSettings = z.output<typeof action>;

/** The list under the key `name`, which must have something in it. */
export function actionList(name: string) {
  return z
    .array(action)
    .default([])
    .superRefine((actions, context) => {
      const report = (path: (string | number)[], message: string, suggestion?: string) =>
        context.addIssue({ code: 'custom', path, message, ...(suggestion && { params: { suggestion } }) });
      if (actions.length === 0) report([], `missing required field "${name}"`);
      for (const [index, entry] of actions.entries()) {
        const problem = problemOf(entry, index);
        if (problem) report([index, ...problem.path], problem.message, problem.suggestion);
      }
    });
}

interface Problem {
  readonly path: readonly (keyof ActionSettings)[];
  readonly message: string;
  readonly suggestion?: string;
}

/** The first thing that is wrong with an action. */
function problemOf(entry: ActionSettings, index: number): Problem | undefined {
  const { key, pattern } = entry;
  const kind = entry.action.toLowerCase();
  if (key === '') {
    const what = 'error creating AttrProc due to missing required field';
    if (kind !== 'delete' && kind !== 'hash') return { path: [], message: `${what} "key" at the ${index}-th action` };
    if (pattern === '') {
      const either = '(at least one of "key" and "pattern" have to be used)';
      return { path: [], message: `${what} ${either} at the ${index}-th action` };
    }
  }
  const found = problemOfKind(entry, kind);
  return (
    found && {
      ...found,
      message: `error with key ${JSON.stringify(key)} (${index}-th action): error creating AttrProc${found.message}`,
    }
  );
}

function problemOfKind(entry: ActionSettings, kind: string): Problem | undefined {
  const sources = valueSources(entry);
  const unused = (what: string, path: Problem['path'] = []) => ({
    path,
    message: `. Action "${kind}" does not use ${what}. `,
  });
  const mustNot = (problem: Problem, which: 'This' | 'These') => ({
    ...problem,
    message: `${problem.message}${which} must not be specified`,
  });
  const convertedType = () => mustNot(unused('the "converted_type" field', ['converted_type']), 'This');
  switch (kind) {
    case 'insert':
    case 'update':
    case 'upsert':
      if (sources.length === 0 && isNothing(entry.default_value)) {
        const names = '"value", "from_attribute", "from_context", or "default_value"';
        return { path: [], message: `. Either field ${names} must be specified` };
      }
      if (sources.length > 1) return { path: [], message: ' due to multiple value sources being set' };
      if (entry.pattern !== '') return mustNot(unused('the "pattern" field', ['pattern']), 'This');
      return entry.converted_type === '' ? undefined : convertedType();
    case 'delete':
    case 'hash':
      if (sources.some((name) => name !== 'from_context'))
        return mustNot(unused('"value" or "from_attribute" field', sources.slice(0, 1)), 'These');
      return badPattern(entry.pattern) ?? (entry.converted_type === '' ? undefined : convertedType());
    case 'extract':
      if (sources.length > 0) return mustNot(unused('a value source field', sources.slice(0, 1)), 'These');
      if (entry.pattern === '')
        return { path: [], message: ' due to missing required field "pattern" for action "extract"' };
      return entry.converted_type === '' ? badGroups(entry.pattern) : convertedType();
    case 'convert':
      if (sources.length > 0 || entry.pattern !== '')
        return mustNot(unused('value sources or "pattern" field'), 'These');
      return badType(entry.converted_type);
    default: {
      const suggestion = didYouMean(kind, ACTIONS) ?? `the actions are ${ACTIONS.join(', ')}`;
      return {
        path: kind === '' ? [] : ['action'],
        message: ` due to unsupported action ${JSON.stringify(kind)}`,
        suggestion,
      };
    }
  }
}

function valueSources(entry: ActionSettings): ('value' | 'from_attribute' | 'from_context')[] {
  const names = (['from_attribute', 'from_context'] as const).filter((name) => entry[name] !== '');
  return isNothing(entry.value) ? names : ['value', ...names];
}

const isNothing = (value: unknown) => value === undefined || value === null;

function badType(type: string): Problem | undefined {
  if (CONVERTED_TYPES.some((known) => known === type)) return undefined;
  if (type === '') return { path: [], message: ' due to missing required field "converted_type" for action "convert"' };
  const message = ` due to invalid value "${type}" in field "converted_type" for action "convert"`;
  return { path: ['converted_type'], message, suggestion: `the types are ${CONVERTED_TYPES.join(', ')}` };
}

function badPattern(pattern: string): Problem | undefined {
  try {
    new Regex(pattern);
    return undefined;
  } catch (error) {
    if (!(error instanceof RegexError)) throw error;
    const message = `. Field "pattern" has invalid pattern: "${pattern}"`;
    return { path: ['pattern'], message, suggestion: error.message };
  }
}

function badGroups(pattern: string): Problem | undefined {
  const bad = badPattern(pattern);
  if (bad) return bad;
  const { groupNames } = new Regex(pattern);
  const message =
    groupNames.length === 0
      ? 'contains no named matcher groups'
      : groupNames.includes('')
        ? 'contains at least one unnamed matcher group'
        : undefined;
  if (message === undefined) return undefined;
  const suggestion = 'a group has a name as in (?P<name>...); (?:...) groups without being one';
  return { path: ['pattern'], message: `. Field "pattern" ${message}`, suggestion };
}
