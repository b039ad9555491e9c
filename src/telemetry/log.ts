/**
 * The agent's own log lines. One fixed sentence per kind of event, with fields: what happened, numbers, what comes next.
 * No secret and no customer's text goes in; strings from outside are escaped by the writer.
 */
export interface Log {
  debug(message: string, fields?: LogFields): void;
  info(message: string, fields?: LogFields): void;
  warn(message: string, fields?: LogFields): void;
  error(message: string, fields?: LogFields): void;
  /** A log whose lines all carry these fields as well. */
  with(fields: LogFields): Log;
}

export type LogFields = Readonly<Record<string, string | number | boolean | null | undefined | readonly string[]>>;

export const silentLog: Log = { debug() {}, info() {}, warn() {}, error() {}, with: () => silentLog };
