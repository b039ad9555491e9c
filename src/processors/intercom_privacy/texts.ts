/** A text that stays, without the persons in it. */
import { readableForms } from '../../intercom/decoded-text.ts';
import { detect, type Span } from './detectors.ts';
import type { KnownPeople } from './known.ts';
import type { Replacement } from './replacement.ts';

/** With what stands there once its encoding is undone. */
interface FoundSpan extends Span {
  readonly text: string;
}

/** The text itself where nothing is found in it. */
export function cleaned(text: string, people: KnownPeople, replacement: Replacement): string {
  const composed = text.normalize('NFC');
  const spans: FoundSpan[] = spansOf(composed, people).map((span) => ({
    ...span,
    text: composed.slice(span.start, span.end),
  }));
  // Found behind an encoding, it is cut out where it stands.
  for (const form of readableForms(composed)) {
    for (const { start, end, kind } of spansOf(form.text, people))
      spans.push({
        ...{ start: form.at[start] as number, end: form.at[end] as number, kind },
        text: form.text.slice(start, end),
      });
  }
  if (spans.length === 0) return text;
  let result = '';
  let copied = 0;
  for (const { start, end, kind, text: named } of disjoint(spans)) {
    result += composed.slice(copied, start) + replacement.span(named, kind);
    copied = end;
  }
  return result + composed.slice(copied);
}

function spansOf(text: string, people: KnownPeople): Span[] {
  const spans = detect(text);
  people.find(text, spans);
  return spans;
}

/** In order; what overlaps becomes one, and is what its longest part is. */
function disjoint(spans: readonly FoundSpan[]): FoundSpan[] {
  const sorted = spans.toSorted((a, b) => a.start - b.start || b.end - a.end);
  const merged: FoundSpan[] = [];
  /** Of the part that gives the last one its name. */
  let longest = 0;
  for (const span of sorted) {
    const last = merged.at(-1);
    const length = span.end - span.start;
    if (!last || span.start >= last.end) {
      merged.push(span);
      longest = length;
    } else if (span.end > last.end) {
      const { kind, text } = length > longest ? span : last;
      longest = Math.max(longest, length);
      merged[merged.length - 1] = { start: last.start, end: span.end, kind, text };
    }
  }
  return merged;
}
