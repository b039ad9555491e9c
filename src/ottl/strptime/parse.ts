/** From a text to a time by a layout, as Go's time.ParseInLocation. */
import { OttlTime, UTC, type Zone } from '../value.ts';
import { daysIn, instantOfCivil } from '../zone/civil.ts';
import { fixedZone, offsetNamed } from '../zone/zone.ts';
import { type Layout, quoted } from './layout.ts';
import { type Reading, scanElement } from './scan.ts';

/** Where a text does not fit. */
export interface Mismatch {
  /** The element or literal of the layout that did not; `""` where it is nobody's fault alone. */
  readonly element: string;
  /** What of the text was left there. */
  readonly rest: string;
  /** Behind `parsing time "..."`; `""` where there is nothing to say but that it can't be parsed. */
  readonly reason: string;
}

/** @param text bytes, as those of the layout. @param zone counts where the text tells none */
export function parseTime(layout: Layout, text: string, zone: Zone): OttlTime | Mismatch {
  const into: Reading = { year: 0, hour: 0, minute: 0, second: 0, nanosecond: 0 };
  const { steps } = layout;
  let rest = text;
  for (const [index, { literal, element }] of steps.entries()) {
    const at = skip(rest, literal);
    if (typeof at !== 'string') return { element: literal, rest: at.rest, reason: '' };
    const scanned = scanElement(element, steps[index + 1]?.element, at, into);
    if (scanned === false) return { element, rest: at, reason: '' };
    if (typeof scanned !== 'string') {
      return { element, rest: scanned.rest, reason: `: ${scanned.outOfRange} out of range` };
    }
    rest = scanned;
  }
  const end = skip(rest, layout.tail);
  if (typeof end !== 'string') return { element: layout.tail, rest: end.rest, reason: '' };
  if (end !== '') return { element: '', rest: end, reason: `: extra text: ${quoted(end)}` };
  return instant(into, zone);
}

/** What remains behind the literal. Spaces of the literal stand for any number of them. */
function skip(text: string, literal: string): string | { readonly rest: string } {
  let at = 0;
  for (let i = 0; i < literal.length; ) {
    if (literal[i] === ' ') {
      if (at < text.length && text[at] !== ' ') return { rest: text.slice(at) };
      while (literal[i] === ' ') i++;
      while (text[at] === ' ') at++;
    } else if (text[at++] !== literal[i++]) return { rest: text.slice(at - 1) };
  }
  return text.slice(at);
}

function instant(read: Reading, zone: Zone): OttlTime | Mismatch {
  const { year, month = 1, day = 1, minute, second, nanosecond, offsetSeconds, zoneName } = read;
  if (day < 1 || day > daysIn(year, month)) return { element: '', rest: '', reason: ': day out of range' };
  let hour = read.hour;
  if (read.half === 'PM' && hour < 12) hour += 12;
  else if (read.half === 'AM' && hour === 12) hour = 0;
  const civil = { year, month, day, hour, minute, second, nanosecond };
  if (read.isUtc) return new OttlTime(instantOfCivil(civil), UTC);
  const asUtc = instantOfCivil(civil);
  if (offsetSeconds !== undefined && offsetSeconds !== -1) {
    const unixNano = asUtc - BigInt(offsetSeconds) * 1_000_000_000n;
    const there = zone.at(unixNano);
    const isThere = there.offsetSeconds === offsetSeconds && (!zoneName || there.abbreviation === zoneName);
    return new OttlTime(unixNano, isThere ? zone : fixedZone(zoneName ?? '', offsetSeconds));
  }
  if (zoneName) {
    const named = offsetNamed(zone, zoneName, asUtc);
    if (named !== undefined) return new OttlTime(asUtc - BigInt(named) * 1_000_000_000n, zone);
    const hours = zoneName.startsWith('GMT') ? Number(zoneName.slice(3)) || 0 : 0;
    // Only the clock's face is known: Go counts it as if it were UTC.
    return new OttlTime(asUtc, fixedZone(zoneName, hours * 3600));
  }
  return new OttlTime(instantOfCivil(civil, zone), zone);
}
