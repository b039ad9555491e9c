import type { Position, SourceSpan } from '../journal/journal.ts';

/**
 * Whose entries a delivery answers for: entries of each receiver of its pipeline, from the moment the receiver came into
 * it, until it leaves. So a receiver that was renamed or removed leaves no backlog behind, and one that is new to a
 * pipeline does not bring its past along.
 *
 * @param saved as in the delivery's state; undefined when the delivery is new
 * @param configured ids of the pipeline's receivers now
 * @param birth first position of the delivery
 * @param next position that the next entry will get: where a change of the configuration takes effect
 * @param cursor spans that end at or before it are forgotten
 */
export function responsibility(
  saved: readonly SourceSpan[] | undefined,
  configured: readonly string[],
  { birth, next, cursor }: { birth: Position; next: Position; cursor: Position },
): SourceSpan[] {
  if (!saved) return configured.map((source) => ({ source, since: birth }));
  const wanted = new Set(configured);
  const spans: SourceSpan[] = [];
  for (const span of saved) {
    const open = span.before === undefined;
    if (open && wanted.has(span.source)) {
      wanted.delete(span.source);
      spans.push(span);
    } else {
      const before = span.before ?? next;
      if (before > cursor && before > span.since) spans.push({ ...span, before });
    }
  }
  for (const source of wanted) spans.push({ source, since: next });
  return spans;
}

/** True when the entry at `position` of `source` is one that the delivery answers for. */
export function carries(spans: readonly SourceSpan[], source: string, position: Position): boolean {
  return spans.some(
    (span) => span.source === source && position >= span.since && (span.before === undefined || position < span.before),
  );
}
