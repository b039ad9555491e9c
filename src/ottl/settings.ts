/** What the settings of processors that take statements have in common. */
import { z } from 'zod';
import { systemClock } from '../clock.ts';
import type { ConfigRemark } from '../component.ts';
import { CompileError } from './compile-error.ts';
import { compileGroup, type Group, type GroupText, type Problem } from './group.ts';
import { language } from './language.ts';
import type { ContextName } from './paths/contexts.ts';
import { parseCondition, parseStatement } from './syntax/parser.ts';

const MODES = ['ignore', 'propagate', 'silent'] as const;

/** A word in any case. null is refused as an empty word is, for in the Collector it is no default either. */
function word<const T extends string>(valid: readonly T[], what: string) {
  return z.union([z.string(), z.null()]).transform((value, context) => {
    const found = valid.find((candidate) => candidate === value?.toLowerCase());
    if (found !== undefined) return found;
    const message = `unknown ${what} ${value?.toLowerCase() ?? ''}`.trimEnd();
    const params = { suggestion: `write one of: ${valid.join(', ')}` };
    context.addIssue({ code: 'custom', message, params });
    return z.NEVER;
  });
}

const ERROR_MODE =
  'What happens where one fails on a record: `ignore` logs it and goes on with the next, `silent` goes on, `propagate` makes a dead letter of the entry.';

export const errorMode = word(MODES, 'error mode').default('ignore').describe(ERROR_MODE);

export const groupErrorMode = word(MODES, 'error mode')
  .optional()
  .describe('Instead of the `error_mode` of the processor, for this group.');

/** Those of other signals are words of the language too: they are refused later, in the Collector's words. */
const CONTEXT_WORDS = [
  ...['resource', 'scope', 'span', 'spanevent', 'metric', 'datapoint', 'exemplar', 'log', 'profile'],
] as const;

export const contextWord = word(CONTEXT_WORDS, 'context')
  .optional()
  .describe(
    'What the group is run for: each `log`, each `scope` or each `resource`. Its paths need no `log.` in front. Without it, the paths tell.',
  );

/** A group as written, or the texts of a flat list made into one. */
interface Texts {
  readonly context?: string;
  readonly conditions: readonly string[];
}

/**
 * The two ways to write a list of groups: as texts, which are one group, or as maps. Texts may follow maps where `mixed`.
 *
 * @param field the name of the list, for messages
 * @param key what the texts are: `statements` or `conditions`
 */
export function groupList<G extends Texts>(
  field: string,
  key: 'statements' | 'conditions',
  group: z.ZodType<G>,
  options: { readonly mixed: boolean; readonly empty: string },
) {
  const notAList = `invalid ${field} type, expected: array`;
  return z
    .array(z.union([z.string(), z.null(), group]), { error: notAList })
    .nullable()
    .transform((items, context): (G & Flat)[] => {
      if (items === null) {
        context.addIssue({ code: 'custom', message: `${notAList}, got: null` });
        return z.NEVER;
      }
      const texts: string[] = [];
      const groups: (G & Flat)[] = [];
      for (const item of items) {
        if (item === null) {
          context.addIssue({ code: 'custom', message: options.empty });
          return z.NEVER;
        }
        const isText = typeof item === 'string';
        if (isText ? groups.length > 0 && !options.mixed : texts.length > 0) {
          context.addIssue({ code: 'custom', message: MIXED });
          return z.NEVER;
        }
        if (isText) texts.push(item);
        else groups.push(item as G & Flat);
      }
      if (texts.length > 0) groups.push({ ...group.parse({ [key]: texts }), [FLAT]: groups.length });
      return groups;
    })
    .meta({ format: 'statements' });
}

const MIXED =
  'configuring multiple configuration styles is not supported, please use only Basic configuration or only Advanced configuration';

/** Of a group made of texts that stand in the list itself: the index of the first. */
export const FLAT: unique symbol = Symbol('flat');

export interface Flat {
  readonly [FLAT]?: number;
}

/** The path of a text of a group in the settings. */
export function textPath(field: string, index: number, group: Flat, list: string, at?: number): (string | number)[] {
  const first = group[FLAT];
  if (first === undefined) return at === undefined ? [field, index] : [field, index, list, at];
  return at === undefined ? [field] : [field, first + at];
}

/** What the statements are in the Collector's words where the context is one of another signal. */
export function unknownContext({ context }: Texts, key: string, texts: readonly string[]): string | undefined {
  if (context === undefined || ['log', 'scope', 'resource'].includes(context)) return undefined;
  return `unknown context "${context}" for ${key}: [${texts.join(' ')}]`;
}

/** What is wrong with a text, as the configuration tells it. */
export function remarkOf({ error }: Problem, path: readonly (string | number)[]): ConfigRemark {
  const { message, range, suggestion } = error;
  return { severity: 'error', path, message, range, ...(suggestion !== undefined && { suggestion }) };
}

/** Compiles a group to see whether it can be. */
export function problemsOf(text: GroupText): readonly Problem[] {
  const compiled = compileGroup(text, language({ clock: systemClock, random: Math.random }));
  return 'problems' in compiled ? compiled.problems : [];
}

/** What can't be read of texts that are for another signal, whose paths and functions nobody knows here. */
export function syntaxProblems(list: Problem['list'], texts: readonly string[]): readonly Problem[] {
  return texts.flatMap((text, index) => {
    try {
      if (list === 'statements') parseStatement(text);
      else parseCondition(text);
      return [];
    } catch (error) {
      if (error instanceof CompileError) return [{ list, index, error }];
      throw error;
    }
  });
}

/** A group that was checked before. */
export function sound(compiled: Group | { readonly problems: readonly Problem[] }): Group {
  if (!('problems' in compiled)) return compiled;
  throw new Error(compiled.problems.map(({ error }) => error.message).join('; '));
}

export function contextOf(word: string | undefined): ContextName | undefined {
  return word as ContextName | undefined;
}
