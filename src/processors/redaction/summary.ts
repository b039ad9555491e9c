import { getOwn, int, isInt, type ValueMap } from '../../record/value.ts';
import { compareBytes } from '../../record/value-text.ts';

/** Keys, or paths in a body, of what was done. */
export class Findings {
  readonly redacted: string[] = [];
  readonly masked: string[] = [];
  readonly allowed: string[] = [];
  readonly ignored: string[] = [];
}

/** Adds what was found to attributes, to what a processor before has found. */
export type Summarize = (findings: Findings, attributes: ValueMap) => void;

const PARTS = ['redacted', 'masked', 'allowed', 'ignored'] as const;

/** `level`: debug is keys and counts, info counts, all else nothing. `prefix`: `redaction` or `redaction.body`. */
export function summarizer(level: string, prefix: string): Summarize {
  if (level !== 'debug' && level !== 'info') return () => {};
  return (findings, attributes) => {
    for (const part of PARTS) {
      const keys = findings[part];
      if (keys.length === 0) continue;
      if (level === 'debug' && part !== 'ignored') addKeys(attributes, `${prefix}.${part}.keys`, keys);
      const count = getOwn(attributes, `${prefix}.${part}.count`);
      const before = isInt(count) ? BigInt(count) : 0n;
      attributes[`${prefix}.${part}.count`] = int(before + BigInt(keys.length));
    }
  };
}

function addKeys(attributes: ValueMap, name: string, keys: readonly string[]): void {
  const existing = getOwn(attributes, name);
  const before = typeof existing === 'string' && existing !== '' ? existing.split(',') : [];
  attributes[name] = [...keys, ...before].sort(compareBytes).join(',');
}
