/** A text that stays, without the persons in it. */
import { decodedForms } from '../../intercom/decoded-text.ts';
import { detect, type Span } from './detectors.ts';
import type { KnownPeople } from './known.ts';
import type { Replacement } from './replacement.ts';

/** The text itself where nothing is found in it. */
export function cleaned(text: string, people: KnownPeople, replacement: Replacement): string {
  const composed = text.normalize('NFC');
  const spans = spansOf(composed, people);
  // Found behind an encoding, it is cut out where it stands.
  for (const form of decodedForms(composed)) {
    for (const { start, end, kind } of spansOf(form.text, people))
      spans.push({ start: form.at[start] as number, end: form.at[end] as number, kind });
  }
  if (spans.length === 0) return text;
  let result = '';
  let copied = 0;
  for (const { start, end, kind } of disjoint(spans)) {
    result += composed.slice(copied, start) + replacement.span(composed.slice(start, end), kind);
    copied = end;
  }
  return result + composed.slice(copied);
}

function spansOf(text: string, people: KnownPeople): Span[] {
  const spans = detect(text);
  people.find(text, spans);
  return spans;
}

/** In order; what overlaps becomes one, and is called what its longest part is. */
function disjoint(spans: readonly Span[]): Span[] {
  const sorted = spans.toSorted((a, b) => a.start - b.start || b.end - a.end);
  const merged: Span[] = [];
  for (const span of sorted) {
    const last = merged.at(-1);
    if (!last || span.start >= last.end) merged.push(span);
    else if (span.end > last.end) {
      const kind = span.end - span.start > last.end - last.start ? span.kind : last.kind;
      merged[merged.length - 1] = { start: last.start, end: span.end, kind };
    }
  }
  return merged;
}
