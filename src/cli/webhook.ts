import { parseEndpoint } from '../config/blocks/scalars.ts';
import { ANSWER_MS, webhookHeaders } from '../intercom/request.ts';
import type { IntercomConfig } from '../receivers/intercom/config.ts';

export interface Answer {
  readonly status: number;
  /** Milliseconds until the answer was there. */
  readonly ms: number;
}

/** Posts a body as Intercom does: its headers, and the signature of these very bytes. Without a secret it is unsigned. */
export async function postAsIntercom(url: string, secret: string | undefined, body: Uint8Array): Promise<Answer> {
  const began = performance.now();
  const response = await fetch(url, {
    method: 'POST',
    headers: webhookHeaders(body, secret),
    body,
    redirect: 'manual',
    signal: AbortSignal.timeout(ANSWER_MS),
  });
  const ms = performance.now() - began;
  // Nothing in it is of interest, and `--url` may lead to whoever sends without an end.
  await response.body?.cancel();
  return { status: response.status, ms };
}

/** Where this machine reaches the door itself, past any proxy: scheme, host and port. */
export function localOrigin(config: IntercomConfig): string {
  const { host, port } = parseEndpoint(config.endpoint) as { host: string; port: number };
  const everywhere = host === '' || host === '0.0.0.0' || host === '::';
  // The door takes "localhost" for 127.0.0.1; the look-up of the name may prefer ::1.
  const reachable = everywhere || host === 'localhost' ? '127.0.0.1' : host.includes(':') ? `[${host}]` : host;
  return `${config.tls ? 'https' : 'http'}://${reachable}:${port}`;
}
