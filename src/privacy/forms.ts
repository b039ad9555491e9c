/** In which form a field leaves. */
import type { Value } from '../record/value.ts';
import { textOf } from '../record/value-text.ts';

/** What becomes of a field, the worst first. */
export const forms = ['as it is', 'changed', 'masked in part', 'hashed', 'masked', 'removed', 'dropped'] as const;
export type Form = (typeof forms)[number];

/** What stands in the place of a text, alone and within a longer one. */
const MASK = /^(?:\*+|\[(?:\w+|REDACTED)\])$/;
const HASH = /^(?:\[\w+:)?[0-9a-f]{32,128}\]?$/;
const MARK = /\*{3,}|\[[a-z]+(?::[0-9a-f]{32,128})?\]/;

/** Of what stood there before and what stands there now. */
export function formOf(before: Value, now: Value): Form {
  if (now === undefined || now === null || now === '') return 'removed';
  const [was, is] = [textOf(before), textOf(now)];
  if (was === is) return 'as it is';
  if (MASK.test(is)) return 'masked';
  if (HASH.test(is)) return 'hashed';
  return MARK.test(is) && !MARK.test(was) ? 'masked in part' : 'changed';
}

export function worstOf(found: Iterable<Form>): Form {
  const all = new Set(found);
  return forms.find((form) => all.has(form)) ?? 'dropped';
}
