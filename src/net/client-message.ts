import type { IncomingHttpHeaders } from 'node:http';

export interface HttpRequest {
  readonly method: 'POST' | 'GET' | 'PUT' | 'DELETE' | 'HEAD';
  readonly url: URL;
  /** Added to those of the configuration, and winning over them. Lower-case names. */
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Uint8Array;
  /** Ends the attempt with the code ABORTED. */
  readonly signal?: AbortSignal;
}

export interface HttpResponse {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  /** At most 64 KiB. */
  readonly body: Buffer;
  /** There was, or should have been, more than `body`. */
  readonly truncated: boolean;
}
