/**
 * Settings of the Collector that are taken and do nothing here. The description says so, with the reason: the documentation
 * shows it, and whoever writes such a key is told the same by `validate`.
 */
import type { z } from 'zod';

const MARK = 'Accepted; ';

/** @param reason why the setting does nothing, or what is done instead: `segments are deleted whole.` */
export function withoutEffect<Schema extends z.ZodType>(schema: Schema, reason: string): Schema {
  return schema.describe(MARK + reason);
}

/** The reason of a field that was made by `withoutEffect`, without its full stop; undefined for every other field. */
export function reasonWithoutEffect(description: string | undefined): string | undefined {
  return description?.startsWith(MARK) ? description.slice(MARK.length).replace(/\.$/, '') : undefined;
}
