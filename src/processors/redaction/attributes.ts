import { setOwn, type Value, type ValueMap } from '../../record/value.ts';
import { textOf } from '../../record/value-text.ts';
import type { Rules } from './rules.ts';
import { Findings } from './summary.ts';

/**
 * Redacts attributes in place. The first that holds of a key counts: ignored, removed, its value allowed, the key blocked, a
 * blocked value in it. What is inside of maps and lists is not looked at.
 */
export function redactAttributes(attributes: ValueMap, rules: Rules, allTypes: boolean): Findings {
  const findings = new Findings();
  for (const key of Object.keys(attributes)) {
    if (rules.isIgnored(key)) findings.ignored.push(key);
    else if (rules.isRemoved(key)) {
      findings.redacted.push(key);
      delete attributes[key];
    } else {
      const value = attributes[key];
      const text = visible(value, allTypes);
      const masked = maskedValue(key, text, rules, findings);
      if (masked !== undefined) setOwn(attributes, key, masked);
    }
  }
  return findings;
}

/** What of a value is looked at: of others than texts nothing, unless all types are. */
function visible(value: Value, allTypes: boolean): string {
  if (typeof value === 'string') return value;
  return allTypes ? textOf(value) : '';
}

/** Undefined: the value stays. */
function maskedValue(key: string, text: string, rules: Rules, findings: Findings): string | undefined {
  if (rules.isAllowed(text)) {
    findings.allowed.push(key);
    return undefined;
  }
  const isBlocked = rules.isBlocked(key);
  const masked = isBlocked ? rules.maskedWhole(text) : rules.masked(text);
  if (!isBlocked && masked === text) return undefined;
  findings.masked.push(key);
  return masked;
}
