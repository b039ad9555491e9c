/** Which field of which notification leaves the house, in which form, and to whom. */
import { type PersonalClass, personalClasses } from '../intercom/convention/privacy.ts';
import type { FieldClass } from '../intercom/privacy.ts';
import type { LogRecord } from '../record/log-record.ts';
import type { Value } from '../record/value.ts';
import { textOf } from '../record/value-text.ts';
import { type Field, fieldsOf } from './fields.ts';
import { type Form, formOf, worstOf } from './forms.ts';

/** One field, over all notifications that have it. */
export interface Row {
  /** Path in the notification, or `attributes["..."]`, `resource["..."]`. */
  readonly path: string;
  readonly class: FieldClass;
  /** Topics of the notifications that have it. */
  readonly topics: readonly string[];
  /** By delivery: the worst form in which it left. Absent: no notification that has it goes there. */
  readonly forms: Readonly<Record<string, Form>>;
  /** By delivery: paths of other fields in which its value was found. */
  readonly copies: Readonly<Record<string, readonly string[]>>;
}

interface Collected {
  readonly class: FieldClass;
  readonly topics: Set<string>;
  readonly forms: Map<string, Set<Form>>;
  readonly copies: Map<string, Set<string>>;
}

/** Shorter values are found everywhere, and say nothing of where they come from. */
const MIN_TEXT = 5;

export class PrivacyReport {
  readonly #rows = new Map<string, Collected>();

  /**
   * @param record as the receiver makes it
   * @param sent by delivery, what its exporter gets of it: nothing where it was dropped
   */
  add(topic: string, record: LogRecord, sent: ReadonlyMap<string, readonly LogRecord[]>): void {
    const fields = fieldsOf(record);
    const before = indexed(fields);
    const texts = new Texts(fields);
    for (const [delivery, records] of sent) {
      const left = records.map(fieldsOf);
      const after = left.map(indexed);
      const sentTexts = new Texts(left.flat());
      for (const field of fields) {
        const row = this.#row(field);
        row.topics.add(topic);
        const seen = after.map((own) => formIn(field, before, own));
        add(row.forms, delivery, worstOf(seen));
        if (isPersonal(field.class))
          for (const path of copiesOf(field, texts, sentTexts)) add(row.copies, delivery, path);
      }
    }
  }

  /** In the order of paths: the notification's, then attributes, then the resource's. */
  rows(): Row[] {
    return [...this.#rows]
      .map(([key, { class: found, topics, forms, copies }]) => ({
        path: key.slice(0, key.lastIndexOf(' ')),
        class: found,
        topics: [...topics].sort(),
        forms: Object.fromEntries([...forms].map(([delivery, seen]) => [delivery, worstOf(seen)])),
        copies: Object.fromEntries([...copies].map(([delivery, paths]) => [delivery, [...paths].sort()])),
      }))
      .sort((a, b) => rank(a.path) - rank(b.path) || (a.path < b.path ? -1 : a.path > b.path ? 1 : 0));
  }

  /** A key may hold an id here and an address there: those are two rows. */
  #row({ path, class: found }: Field): Collected {
    const key = `${path} ${found}`;
    const row = this.#rows.get(key) ?? { class: found, topics: new Set(), forms: new Map(), copies: new Map() };
    this.#rows.set(key, row);
    return row;
  }
}

export function isPersonal(found: FieldClass): found is PersonalClass {
  return Object.hasOwn(personalClasses, found);
}

/** It leaves, whole or in part, under its own path or another one. */
export function leaves({ forms, copies }: Row, delivery: string): boolean {
  const form = forms[delivery];
  return form === 'as it is' || form === 'changed' || form === 'masked in part' || (copies[delivery]?.length ?? 0) > 0;
}

interface Indexed {
  readonly byPlace: ReadonlyMap<string, Value>;
  /** Texts of all values of one path. */
  readonly byPath: ReadonlyMap<string, ReadonlySet<string>>;
}

function indexed(fields: readonly Field[]): Indexed {
  const byPath = new Map<string, Set<string>>();
  for (const { path, value } of fields) add(byPath, path, textOf(value));
  return { byPlace: new Map(fields.map(({ place, value }) => [place, value])), byPath };
}

/** In a list, what stands behind a removed element moves up. */
function formIn({ place, path, value }: Field, before: Indexed, after: Indexed): Form {
  const now = after.byPlace.get(place);
  if (place === path) return formOf(value, now);
  if (after.byPath.get(path)?.has(textOf(value))) return 'as it is';
  return now !== undefined && before.byPath.get(path)?.has(textOf(now)) ? 'removed' : formOf(value, now);
}

function add<T>(sets: Map<string, Set<T>>, key: string, value: T): void {
  const set = sets.get(key) ?? new Set();
  set.add(value);
  sets.set(key, set);
}

/** Fields as texts, made once: every personal value is looked for in all of them. */
class Texts {
  readonly all: readonly { readonly place: string; readonly path: string; readonly text: string }[];
  /** Of all: most values are nowhere. */
  readonly #joined: string;

  constructor(fields: readonly Field[]) {
    this.all = fields.map(({ place, path, value }) => ({ place, path, text: textOf(value) }));
    this.#joined = this.all.map(({ text }) => text).join('\n');
  }

  with(text: string): Texts['all'] {
    return this.#joined.includes(text) ? this.all.filter((one) => one.text.includes(text)) : [];
  }
}

/** Paths of fields that hold the value of another one, and did not before. */
function copiesOf(field: Field, before: Texts, sent: Texts): string[] {
  const text = textOf(field.value);
  if (text.length < MIN_TEXT) return [];
  const found = sent.with(text);
  if (found.length === 0) return [];
  const had = new Set(before.with(text).map(({ place }) => place));
  return found.filter(({ place }) => !had.has(place)).map(({ path }) => path);
}

function rank(path: string): number {
  return path.startsWith('attributes[') ? 1 : path.startsWith('resource[') ? 2 : 0;
}
