import type { LogBody } from '../../otel.ts';
import type { LogRecord } from '../../record/log-record.ts';
import { copyValue, isMap, setOwn, type Value, type ValueMap } from '../../record/value.ts';
import { textOf } from '../../record/value-text.ts';
import type { Rules } from './rules.ts';
import { Findings } from './summary.ts';

/**
 * Redacts the body of a record. Undefined: nothing is to be said of it. The first that holds of a key counts: ignored,
 * removed, blocked, its value allowed, a blocked value in it. Keys are those of the map that they stand in, however deep;
 * findings are paths (`a.[0].b`).
 */
export function redactBody(record: LogRecord, rules: Rules): Findings | undefined {
  const body = record.body as Value;
  const findings = new Findings();
  const redactor = new BodyRedactor(rules, findings);
  if (isMap(body) || Array.isArray(body)) {
    // Other deliveries may have the same body.
    const copy = copyValue(body);
    if (isMap(copy)) redactor.map(copy, '');
    else redactor.list(copy as Value[], '');
    record.body = copy as LogBody;
    return findings;
  }
  const masked = redactor.scalar(body, 'body');
  if (findings.allowed.length > 0) return undefined;
  if (masked !== undefined) record.body = masked;
  return findings;
}

class BodyRedactor {
  readonly #rules: Rules;
  readonly #findings: Findings;

  constructor(rules: Rules, findings: Findings) {
    this.#rules = rules;
    this.#findings = findings;
  }

  /** @param prefix of the paths: where the map stands, with a point behind it */
  map(map: ValueMap, prefix: string): void {
    for (const key of Object.keys(map)) {
      const place = prefix + key;
      const value = map[key];
      if (this.#rules.isIgnored(key)) this.#findings.ignored.push(place);
      else if (this.#rules.isRemoved(key)) {
        this.#findings.redacted.push(place);
        delete map[key];
      } else if (this.#rules.isBlocked(key)) {
        this.#findings.masked.push(place);
        setOwn(map, key, this.#rules.maskedWhole(typeof value === 'string' ? value : ''));
      } else {
        const masked = this.#inside(value, place);
        if (masked !== undefined) setOwn(map, key, masked);
      }
    }
  }

  list(list: Value[], prefix: string): void {
    for (const [index, item] of list.entries()) {
      const masked = this.#inside(item, `${prefix}[${index}]`);
      if (masked !== undefined) list[index] = masked;
    }
  }

  /** Any value that has none in it, as a text. Undefined: it stays. */
  scalar(value: Value, path: string): string | undefined {
    const text = textOf(value);
    if (this.#rules.isAllowed(text)) {
      this.#findings.allowed.push(path);
      return undefined;
    }
    const masked = this.#rules.masked(text);
    if (masked === text) return undefined;
    this.#findings.masked.push(path);
    return masked;
  }

  #inside(value: Value, path: string): string | undefined {
    if (isMap(value)) this.map(value, `${path}.`);
    else if (Array.isArray(value)) this.list(value, `${path}.`);
    else return this.scalar(value, path);
    return undefined;
  }
}
