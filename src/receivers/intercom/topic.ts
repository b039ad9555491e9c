import { isPlausibleTopic } from '../../intercom/convention.ts';
import type { Entry } from '../../journal/journal.ts';
import { parseJson, scanTopLevel } from '../../record/json.ts';
import type { Value } from '../../record/value.ts';

/**
 * The topic of a stored notification, as its record has it, and undefined where that says `unknown`. Only the top level is
 * read, so a body that is broken further inside may have a topic here and none there.
 */
export function topicOf({ body, metadata }: Entry): string | undefined {
  if (metadata.kind === 'uninstall') return 'app.uninstalled';
  if (metadata.encoding_error !== undefined) return undefined;
  const { topic } = scanTopLevel(body, ['topic']);
  return isPlausibleTopic(topic) && !(isLongInteger(topic) && isNumberIn(body)) ? topic : undefined;
}

/** The scanner gives the digits of a number that a double cannot hold, so it looks like a text. */
function isLongInteger(topic: string): boolean {
  return /^-?\d{16,}$/.test(topic);
}

function isNumberIn(body: Uint8Array): boolean {
  const parsed = parseJson(body);
  return !parsed.ok || typeof (parsed.value as { topic?: Value }).topic !== 'string';
}
