/** One request to a door, as Intercom makes it. */
import { z } from 'zod';
import type { Clock } from '../clock.ts';
import { httpClient } from '../config/blocks/http.ts';
import { ANSWER_MS, webhookHeaders } from '../intercom/request.ts';
import { createHttpClient } from '../net/client.ts';
import { RequestError } from '../net/client-error.ts';
import type { Environment } from '../net/proxy.ts';

export interface KnockRequest {
  readonly url: URL;
  readonly method: 'HEAD' | 'POST';
  readonly body?: Uint8Array;
  /** With which the body is signed. */
  readonly secret?: string;
}

export interface Knocked {
  /** undefined: there was no answer. */
  readonly status?: number;
  readonly location?: string;
  /** Why there was no answer: a code of Node.js, or of `RequestError`. */
  readonly code?: string;
  /** It is a proxy of ours that failed. */
  readonly atProxy?: boolean;
  readonly ms: number;
}

/** Never rejects for what the other side does. */
export type Knock = (request: KnockRequest) => Promise<Knocked>;

const block = z.strictObject(httpClient({ timeout: `${ANSWER_MS}ms`, compression: 'none' }));

export interface KnockerOptions {
  readonly clock: Clock;
  /** Read for proxies. */
  readonly environment: Environment;
  /** false: any certificate will do, as that of a door on this machine is for another name. */
  readonly verify: boolean;
  readonly signal: AbortSignal;
}

/** @throws {Error} in words, when a variable of the environment names no proxy */
export async function createKnocker({ clock, environment, verify, signal }: KnockerOptions): Promise<{
  knock: Knock;
  close(): void;
}> {
  const config = block.parse({ tls: { insecure_skip_verify: !verify } });
  const client = createHttpClient(config, { clock, environment });
  await client.start();
  return {
    close: () => client.shutdown(),
    async knock({ url, method, body, secret }) {
      const began = clock.monotonic();
      const passed = () => clock.monotonic() - began;
      const headers = body && webhookHeaders(body, secret);
      try {
        const answer = await client.request({ method, url, signal, ...(body && { body, headers }) });
        const { location } = answer.headers;
        return { status: answer.status, ms: passed(), ...(location !== undefined && { location }) };
      } catch (error) {
        if (!(error instanceof RequestError)) throw error;
        const { code, atProxy, response } = error;
        return { code, atProxy, ms: passed(), ...(response && { status: response.status }) };
      }
    },
  };
}
