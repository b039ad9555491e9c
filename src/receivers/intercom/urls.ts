/**
 * The URLs that are pasted into Intercom: `<public_url>/intercom/<token>`, one per integration. The token is an HMAC of
 * the integration's name, so it survives restarts, renamed files and rotated secrets, and nobody guesses it.
 */
import { createHmac, randomBytes } from 'node:crypto';
import * as nodeFs from 'node:fs/promises';
import { join } from 'node:path';
import { parseEndpoint } from '../../config/blocks/scalars.ts';
import { Secret } from '../../config/secret.ts';
import type { IntercomConfig } from './config.ts';

/** 192 bits, as 32 characters of base64url. */
const TOKEN_BYTES = 24;
const KEY_BYTES = 32;
const KEY_FILE = 'url_key';

export interface IntegrationUrl {
  readonly name: string;
  /** Path on this door, without the prefix of `public_url`. */
  readonly path: string;
  /** What goes into Intercom's Developer Hub. A secret as far as logs are concerned. */
  readonly url: string;
}

/** The URL of each integration, in the order of the configuration. Without `public_url` it is that of the endpoint. */
export function integrationUrls(config: IntercomConfig, urlKey: Secret | undefined): IntegrationUrl[] {
  const base = baseUrl(config);
  return config.integrations.map(({ name, path: chosen }) => {
    const path = chosen ?? `/intercom/${token(name, urlKey)}`;
    return { name, path, url: `${base}${path}` };
  });
}

/** The same for a log line: enough to recognise it, nothing to use it. */
export function hiddenUrl(config: IntercomConfig): string {
  return `${baseUrl(config)}/…`;
}

/**
 * Every path at which an integration is served: with and without the prefix of `public_url`, since a proxy may strip it or
 * not.
 */
export function servedPaths(path: string, publicUrl: string | undefined): string[] {
  const prefix = publicPrefix(publicUrl);
  return prefix === '' ? [path] : [path, `${prefix}${path}`];
}

/** The path of a public URL without its last slash: `/hooks` of `https://acme.example/hooks/`. */
function publicPrefix(publicUrl: string | undefined): string {
  return publicUrl !== undefined && URL.canParse(publicUrl) ? new URL(publicUrl).pathname.replace(/\/+$/, '') : '';
}

function baseUrl({ public_url, endpoint, tls }: IntercomConfig): string {
  if (public_url !== undefined) return public_url.replace(/\/+$/, '');
  const { host, port } = parseEndpoint(endpoint) ?? { host: '', port: 0 };
  const reachable = ['', '0.0.0.0', '::'].includes(host) ? 'localhost' : host;
  return `${tls ? 'https' : 'http'}://${reachable.includes(':') ? `[${reachable}]` : reachable}:${port}`;
}

function token(name: string, urlKey: Secret | undefined): string {
  if (!urlKey) throw new Error('BUG: a token without a key');
  return createHmac('sha256', urlKey.reveal())
    .update(name, 'utf8')
    .digest()
    .subarray(0, TOKEN_BYTES)
    .toString('base64url');
}

/** The configured key, or the one kept in the data directory; undefined when every integration has a path of its own. */
export async function resolveUrlKey(
  config: IntercomConfig,
  dataDirectory: string,
  fs: UrlKeyFileSystem = nodeFs,
): Promise<Secret | undefined> {
  if (config.integrations.every(({ path }) => path !== undefined)) return undefined;
  return config.url_key ?? loadUrlKey(dataDirectory, fs);
}

/** Where a data directory has its key. */
export function urlKeyPath(dataDirectory: string): string {
  return join(dataDirectory, KEY_FILE);
}

/**
 * The key of a data directory, for those who only look: none is made. undefined where there is none yet.
 * @throws as `loadUrlKey`
 */
export async function findUrlKey(dataDirectory: string): Promise<Secret | undefined> {
  const path = urlKeyPath(dataDirectory);
  try {
    return await readKey(path, nodeFs);
  } catch (error) {
    throw keyError(path, error);
  }
}

export type UrlKeyFileSystem = Pick<typeof nodeFs, 'readFile' | 'open' | 'link' | 'unlink'>;

/**
 * Reads the key of the data directory, or makes it: complete and durable under its name or not there at all. Of several
 * processes that start at the same time one makes it and all return the same.
 * @throws {Error} that names the file, when it can't be read or written or holds something else.
 */
export async function loadUrlKey(dataDirectory: string, fs: UrlKeyFileSystem = nodeFs): Promise<Secret> {
  const path = urlKeyPath(dataDirectory);
  try {
    let key = await readKey(path, fs);
    if (!key) {
      await makeKey(path, fs);
      key = await readKey(path, fs);
      if (!key) throw new Error('it vanished while it was read');
    }
    // Also when another process made it: it must not be used before it is sure to stay.
    await syncDirectory(dataDirectory, fs);
    return key;
  } catch (error) {
    throw keyError(path, error);
  }
}

function keyError(path: string, error: unknown): Error {
  return new Error(`key of the webhook URLs ${path}: ${(error as Error).message}`, { cause: error });
}

async function readKey(path: string, fs: UrlKeyFileSystem): Promise<Secret | undefined> {
  let text: string;
  try {
    text = (await fs.readFile(path, 'utf8')).trim();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
  if (!/^[A-Za-z0-9_-]{43}$/.test(text)) {
    throw new Error(
      'this is not a key that this agent made; restore it from a backup, or remove it and paste the new URLs into Intercom',
    );
  }
  return new Secret(text);
}

/** Written and synced under another name, then linked: the name appears with its content, and only if it is free. */
async function makeKey(path: string, fs: UrlKeyFileSystem): Promise<void> {
  const draft = `${path}.${randomBytes(8).toString('hex')}`;
  try {
    const file = await fs.open(draft, 'wx', 0o600);
    try {
      await file.writeFile(`${randomBytes(KEY_BYTES).toString('base64url')}\n`);
      await file.sync();
    } finally {
      await file.close();
    }
    await fs.link(draft, path).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'EEXIST') throw error;
    });
  } finally {
    await fs.unlink(draft).catch(() => {});
  }
}

async function syncDirectory(directory: string, fs: UrlKeyFileSystem): Promise<void> {
  const handle = await fs.open(directory, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
