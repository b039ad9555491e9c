/** Tells of settings that are written and do nothing here, so that nothing is ignored in silence. */
import { isDeepStrictEqual } from 'node:util';
import { reasonWithoutEffect } from './blocks/accepted.ts';
import type { Report } from './report.ts';
import { child, type View } from './schema-walk.ts';
import type { Node } from './tree.ts';

/**
 * Adds a note for each such key in the block: but not where its value is the default or nothing, which asks for what happens
 * anyway. What stands under a key that was noted is not looked at.
 */
export function noteWithoutEffect(node: Node, at: View, path: string, report: Report): void {
  if (node.kind === 'list') {
    for (const [index, item] of node.items.entries()) {
      noteWithoutEffect(item, child(at, index), `${path}::${index}`, report);
    }
    return;
  }
  if (node.kind !== 'map') return;
  for (const [key, entry] of node.entries) {
    const field = child(at, key);
    const place = `${path}::${entry.hidden ? '*' : key}`;
    const reason = reasonWithoutEffect(field.description);
    if (reason === undefined) noteWithoutEffect(entry.node, field, place, report);
    else if (asksForSomething(entry.node, field)) {
      report.add({ severity: 'note', at: entry.keyAt, path: place, message: `has no effect here: ${reason}` });
    }
  }
}

function asksForSomething(node: Node, { defaultValue }: View): boolean {
  if (node.kind !== 'scalar') return true;
  return node.value !== null && node.value !== '' && !isDeepStrictEqual(defaultValue, node.value);
}
