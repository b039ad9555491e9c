/**
 * Tree → the plain value that a block's schema parses. This is where the two faces of an expanded value meet the schema:
 * the value that YAML makes of the text, and the text itself.
 *
 * - A field that takes the parsed kind gets the parsed value; else a field that takes a text gets the text.
 * - A field of text always gets the text, quotes and all, even where YAML sees a map in it.
 *
 * And this is where the Collector's casts are made, with a warning where they are traps: null is 0, false or '' and not the
 * default, fractions of whole numbers are cut off, a bare number is a duration in nanoseconds, `a,b` is a list of two.
 */

import { looksSecret } from './excerpt.ts';
import type { Report } from './report.ts';
import { accepts, child, isOpen, isTextList, type Kind, kindOfValue, type View, wantsWhole } from './schema-walk.ts';
import { Float, type MapNode, type Node, type ScalarNode, Timestamp } from './tree.ts';

export interface Conformed {
  readonly value: unknown;
  /** Texts that must not appear in a message: secrets in the file, and whatever references gave. */
  readonly hidden: readonly string[];
}

export function conform(node: Node, at: View, path: string, report: Report): Conformed {
  const conformer = new Conformer(report);
  const value = conformer.value(node, at, path, false);
  return { value: value === ABSENT ? undefined : value, hidden: [...conformer.hidden] };
}

/** Stands for a value that is not there, as opposed to null. */
const ABSENT = Symbol('absent');

class Conformer {
  readonly hidden = new Set<string>();
  readonly #report: Report;

  constructor(report: Report) {
    this.#report = report;
  }

  value(node: Node, at: View, path: string, inList: boolean): unknown {
    if (node.origin?.text !== undefined) this.hidden.add(node.origin.text);
    if (at.format === 'value') return this.#free(node, path);
    if (node.kind === 'scalar') return this.#scalar(node, at, path, inList);
    const text = node.origin?.text;
    if (text !== undefined && wantsText(at, node.kind)) return text;
    if (node.kind === 'map') return this.#map(node, at, path);
    return node.items.map((item, index) => this.value(item, child(at, index), `${path}::${index}`, true));
  }

  #map(node: MapNode, at: View, path: string): Record<string, unknown> {
    const result: Record<string, unknown> = {};
    for (const [key, entry] of node.entries) {
      const place = `${path}::${entry.hidden ? '*' : key}`;
      if (key === '__proto__') {
        const from = entry.node.origin ?? node.origin;
        const message = `a key cannot have the name __proto__${from ? ` (it came from the ${from.label})` : ''}`;
        this.#report.add({ severity: 'error', at: entry.keyAt, path, message });
        continue;
      }
      const field = child(at, key);
      const value = this.value(entry.node, field, place, false);
      if (entry.hidden) this.hidden.add(key);
      if (value !== ABSENT) result[key] = value;
      this.#warnOfLiteralSecret(entry.node, field, key, place);
    }
    return result;
  }

  /** A value that goes into records: of any kind, as it is written. */
  #free(node: Node, path: string): unknown {
    if (node.origin?.text !== undefined) this.hidden.add(node.origin.text);
    if (node.kind === 'list') return node.items.map((item, index) => this.#free(item, `${path}::${index}`));
    if (node.kind === 'map') {
      const result: Record<string, unknown> = Object.create(null);
      for (const [key, entry] of node.entries) {
        if (entry.hidden) this.hidden.add(key);
        result[key] = this.#free(entry.node, `${path}::${entry.hidden ? '*' : key}`);
      }
      return result;
    }
    const { value, origin, at } = node;
    if (value instanceof Timestamp) {
      const suggestion = 'a text that looks like a date needs quotes';
      this.#report.add({ severity: 'error', at, path, message: '<Invalid value type time.Time>', suggestion });
      return ABSENT;
    }
    if (typeof value === 'string') return origin?.text ?? value;
    if (typeof value !== 'number' || !Number.isInteger(value)) return value;
    const written = origin?.text ?? (origin ? '' : at.source.text.slice(at.start, at.end));
    return /^[-+]?[\d_.]*(?:\.|\d[eE])[-+\d_]*\s*(?:#|$)/.test(written.trim()) ? new Float(value) : value;
  }

  #scalar(node: ScalarNode, at: View, path: string, inList: boolean): unknown {
    const { value, origin } = node;
    if (at.secret && typeof value === 'string') this.hidden.add(value);
    if (value === null) return this.#null(node, at, path, inList);
    if (value instanceof Timestamp) return this.#timestamp(node, value, at, path);
    if (isOpen(at)) return value;
    if (origin?.text !== undefined && wantsText(at, kindOfValue(value))) return origin.text;
    if (typeof value === 'string') return isTextList(at) ? this.#split(origin?.text ?? value, at) : value;
    if (at.format === 'uint32' && (typeof value === 'number' || typeof value === 'bigint'))
      return this.#uint32(node, value, path);
    if (typeof value === 'number') return this.#number(node, value, at, path);
    const isRough = typeof value === 'bigint' && accepts(at, 'number') && !wantsWhole(at);
    return isRough ? this.#number(node, Number(value), at, path) : value;
  }

  /** As Go's conversion has it: fractions are cut off, and what is too large wraps. */
  #uint32(node: ScalarNode, value: number | bigint, path: string): unknown {
    const shown = node.origin
      ? 'the value'
      : typeof value === 'bigint' || Number.isInteger(value)
        ? value
        : value.toFixed(6);
    if (value < 0) {
      const message = `cannot parse value as 'uint32': ${shown} overflows uint`;
      const suggestion = 'it cannot be negative';
      this.#report.add({ severity: 'error', at: node.at, path, message, suggestion });
      return ABSENT;
    }
    // Beyond 64 bits, and for what is no number, the conversion has one result.
    const fits = typeof value === 'bigint' || value < 2 ** 64;
    const whole = fits ? BigInt.asUintN(64, BigInt(typeof value === 'number' ? Math.trunc(value) : value)) : 2n ** 63n;
    const wrapped = Number(BigInt.asUintN(32, whole));
    if (wrapped !== Number(value)) {
      const isFraction = whole < 2n ** 32n;
      const message = isFraction
        ? 'the fraction of this number is cut off'
        : `this number is larger than 4294967295: it wraps around${node.origin ? '' : `, to ${wrapped}`}`;
      this.#warn(node, path, message, isFraction ? 'write a whole number' : 'write a smaller one');
    }
    return wrapped;
  }

  #split(text: string, at: View): string[] {
    const items = text === '' ? [] : text.split(',');
    if (at.secret) for (const item of items) this.hidden.add(item);
    return items;
  }

  #number(node: ScalarNode, value: number, at: View, path: string): number {
    if (at.format === 'duration' && value !== 0 && Number.isFinite(value)) {
      const message = `a number without a unit means nanoseconds${node.origin ? '' : `: ${Math.trunc(value)}ns`}`;
      this.#warn(node, path, message, `write the unit${node.origin ? '' : `: ${value}s for seconds`}`);
      return Math.trunc(value);
    }
    if (!wantsWhole(at) || Number.isInteger(value) || !Number.isFinite(value)) return value;
    this.#warn(node, path, 'the fraction of this number is cut off', 'write a whole number');
    return Math.trunc(value);
  }

  #warn(node: Node, path: string, message: string, suggestion?: string): void {
    this.#report.add({ severity: 'warning', at: node.at, path, message, suggestion });
  }

  /** No setting is a moment. As text it may come out of a reference, as for the Collector. */
  #timestamp({ origin, at: place }: ScalarNode, { text }: Timestamp, at: View, path: string): unknown {
    if (isOpen(at)) return text;
    if (origin?.text !== undefined && accepts(at, 'text')) return origin.text;
    const suggestion = 'a text that looks like a date needs quotes';
    this.#report.add({ severity: 'error', at: place, path, message: 'YAML takes this for a date', suggestion });
    return ABSENT;
  }

  /** As Go's decoding has it: not the default, but nothing of its kind. What must be written counts as not written. */
  #null(node: ScalarNode, at: View, path: string, inList: boolean): unknown {
    const { origin } = node;
    if (isOpen(at) || accepts(at, 'null') || at.format === 'switch') return null;
    if (origin?.failed) return ABSENT;
    const isUnset = (origin?.unset.length ?? 0) > 0;
    if (
      at.format !== 'level' &&
      at.format !== 'duration' &&
      origin?.text !== undefined &&
      !isUnset &&
      accepts(at, 'text')
    )
      return origin.text;
    if (accepts(at, 'map')) {
      if (isUnset && at.unwritten === 'required') return ABSENT;
      if (!origin || !at.whenEmpty) return {};
      const off = Object.entries(at.whenEmpty).map(([key, value]) => `${key}: ${value}`);
      this.#warn(node, path, `the ${origin.label} is empty, which means ${off.join(', ')} here and not the defaults`);
      return at.whenEmpty;
    }
    if (inList) return accepts(at, 'text') ? '' : null;
    // An unknown key is told, also where nothing stands behind it.
    if (at.alternatives.length === 0) return null;
    if (accepts(at, 'list')) return ABSENT;
    if (at.unwritten === 'required') return ABSENT;
    if (at.unwritten === 'nothing') {
      if (!origin) this.#warn(node, path, 'the value is empty, which counts as not written');
      return ABSENT;
    }
    const zero = accepts(at, 'number') ? 0 : accepts(at, 'boolean') ? false : '';
    if (![zero, '0', '0s'].includes(at.defaultValue as never)) this.#warnOfZero(node, zero, at, path);
    return zero;
  }

  #warnOfZero(node: ScalarNode, zero: unknown, at: View, path: string): void {
    const { origin } = node;
    const isUnset = (origin?.unset.length ?? 0) > 0;
    const what = origin ? `the ${origin.label} is ${isUnset ? 'not set' : 'empty'}` : 'the value is empty';
    const meaning = zero === '' ? 'an empty text' : at.format === 'duration' ? '0s' : String(zero);
    const message = `${what}, which means ${meaning} and not the default ${at.secret ? '' : String(at.defaultValue)}`;
    const leave = 'leave the key away for the default, or write the value that is meant';
    const suggestion = isUnset ? `set it, or give a default: \${env:${origin?.unset[0]}:-${at.defaultValue}}` : leave;
    this.#warn(node, path, message.trim(), at.secret ? leave : suggestion);
  }

  /** Header values are secrets by rule, but only some of them by name. */
  #warnOfLiteralSecret(node: Node, at: View, key: string, path: string): void {
    if (!at.secret || (!at.ownSecret && !looksSecret(key))) return;
    const scalars = node.kind === 'list' ? node.items : [node];
    for (const scalar of scalars) {
      if (scalar.kind !== 'scalar' || scalar.origin || scalar.value === null || scalar.value === '') continue;
      // What shells and Compose expand: here it would be the secret itself, and every signature wrong.
      if (typeof scalar.value === 'string' && /^\$\{?[A-Za-z_][A-Za-z0-9_]*$/.test(scalar.value)) {
        const message = 'this is not expanded, and would itself be the secret';
        const suggestion = `write \${env:NAME}; a secret that begins with a dollar is written with $$`;
        this.#report.add({ severity: 'error', at: scalar.at, path, message, suggestion });
        continue;
      }
      this.#report.add({
        severity: 'warning',
        at: scalar.at,
        path,
        ...(scalar.at.source.kind === 'argument'
          ? {
              message: 'a secret stands in the command line, where everybody on this machine can read it (ps)',
              suggestion: `write it as '\${env:NAME}' or '\${file:path}', in single quotes`,
            }
          : {
              message: 'a secret stands in the file itself',
              suggestion: `write it as \${env:NAME} or \${file:path}, so that the file can be shown and stored`,
            }),
      });
    }
  }
}

/** A secret is a text even where it looks like a list and a list of secrets would do. */
export function wantsText(at: View, kind: Kind): boolean {
  return accepts(at, 'text') && (at.ownSecret || !accepts(at, kind));
}
