/** Reads a short text from the web, for a configuration. */

/** The whole of it, redirects included. */
const PATIENCE_MS = 10_000;
const MAX_REDIRECTS = 3;
const MAX_BYTES = 512 * 1024;

/**
 * Resolves with the text that is answered with 200. Redirects are followed a few times, and never from https to http.
 * Rejects with a reason for people that names no part of the URL.
 */
export async function readUrl(url: string): Promise<string> {
  const signal = AbortSignal.timeout(PATIENCE_MS);
  let at = parsed(url);
  for (let redirects = 0; ; redirects++) {
    const response = await fetch(at, { redirect: 'manual', signal, headers: authorization(at) }).catch(
      (error: Error) => {
        throw signal.aborted ? tooSlow() : new Error(reasonOf(error));
      },
    );
    const location = response.headers.get('location');
    if (response.status >= 301 && response.status <= 308 && location !== null) {
      await response.body?.cancel();
      if (redirects === MAX_REDIRECTS) throw new Error(`more than ${MAX_REDIRECTS} redirects`);
      const next = parsed(new URL(location, at).href);
      if (at.protocol === 'https:' && next.protocol !== 'https:') throw new Error('a redirect from https to http');
      at = next;
      continue;
    }
    if (response.status !== 200) {
      await response.body?.cancel();
      throw new Error(`status code: ${response.status}`);
    }
    return text(response, signal);
  }
}

function parsed(text: string): URL {
  if (!URL.canParse(text)) throw new Error('it is no URL');
  const url = new URL(text);
  if (url.protocol !== 'http:' && url.protocol !== 'https:') throw new Error('a redirect to another scheme');
  return url;
}

/** fetch refuses URLs with a user; they are taken out of it. */
function authorization(url: URL): Record<string, string> {
  const { username, password } = url;
  url.username = '';
  url.password = '';
  if (!username && !password) return {};
  const pair = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
  return { authorization: `Basic ${Buffer.from(pair).toString('base64')}` };
}

async function text(response: Response, signal: AbortSignal): Promise<string> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  try {
    for await (const chunk of response.body ?? []) {
      bytes += chunk.length;
      if (bytes > MAX_BYTES) throw new Error('it is larger than 512 KiB');
      chunks.push(chunk);
    }
  } catch (error) {
    throw signal.aborted ? tooSlow() : error;
  }
  return Buffer.concat(chunks).toString('utf8');
}

const tooSlow = () => new Error(`no answer within ${PATIENCE_MS / 1000} s`);

function reasonOf(error: Error): string {
  const { code } = (error.cause ?? error) as { code?: unknown };
  return typeof code === 'string' ? code : 'the connection failed';
}
