import type { IncomingHttpHeaders } from 'node:http';
import type { Extension, ExtensionContext } from '../../component.ts';
import { type ClientAuth, type ServerAuth, sameSecret } from '../../net/auth.ts';
import { valueFault } from '../../net/client-headers.ts';
import { Followed, type ReadFile } from '../../net/followed.ts';
import type { BearerTokenAuthConfig } from './config.ts';

/** How often the file of the tokens is looked at. */
const LOOK_MS = 5000;

/** Sends one of its tokens with each request of a client, and admits requests to a server that carry any of them. */
export class BearerTokenAuth implements Extension {
  readonly clientAuth: ClientAuth;
  readonly serverAuth: ServerAuth;
  readonly #config: BearerTokenAuthConfig;
  /** At least one. */
  readonly #tokens: Followed<readonly string[]>;

  constructor(config: BearerTokenAuthConfig, { clock, log }: Pick<ExtensionContext, 'clock' | 'log'>) {
    this.#config = config;
    const { scheme, filename } = config;
    const header = config.header.toLowerCase();
    this.#tokens = new Followed({
      load: (read) => tokensOf(config, read),
      intervalMs: filename === undefined ? 0 : LOOK_MS,
      clock,
      changed: () => log.info('The tokens changed on disk; the new ones are used from now on.', { file: filename }),
      failed: ({ message }) => log.error('The tokens could not be read anew; the old ones stay.', { error: message }),
    });
    this.clientAuth = {
      headers: () => {
        const [token] = this.#tokens.value;
        return { [header]: scheme === '' ? `${token}` : `${scheme} ${token}` };
      },
    };
    this.serverAuth = {
      challenge: scheme || 'Bearer',
      judge: (headers) => (this.#admits(headers) ? 'admitted' : 'refused'),
    };
  }

  start(): Promise<void> {
    return this.#tokens.start();
  }

  async shutdown(): Promise<void> {
    this.#tokens.stop();
  }

  /** Every token is compared, so that the time tells neither which one fits nor how near a wrong one is. */
  #admits(headers: IncomingHttpHeaders): boolean {
    const presented = this.#presented(headers[this.#config.header.toLowerCase()]);
    if (presented === undefined) return false;
    return this.#tokens.value.map((token) => sameSecret(token, presented)).includes(true);
  }

  /** Without the scheme, whose spelling in capitals or not does not matter. */
  #presented(value: string | string[] | undefined): string | undefined {
    const { scheme } = this.#config;
    if (typeof value !== 'string') return undefined;
    if (scheme === '') return value;
    const [word = '', ...rest] = value.split(' ');
    return word.toLowerCase() === scheme.toLowerCase() ? rest.join(' ').trim() : undefined;
  }
}

async function tokensOf({ filename, token, tokens }: BearerTokenAuthConfig, read: ReadFile): Promise<string[]> {
  if (filename === undefined) return (tokens ?? (token ? [token] : [])).map((secret) => secret.reveal());
  const text = await read(filename).then(
    (bytes) => bytes.toString('utf8'),
    (cause: NodeJS.ErrnoException) => {
      throw new Error(`filename: cannot read ${filename}: ${cause.code}`, { cause });
    },
  );
  const found = text.split('\n').flatMap((line) => line.trim() || []);
  if (found.length === 0) throw new Error(`filename: ${filename} holds no token`);
  for (const fault of found.map(valueFault)) if (fault) throw new Error(`filename: a token in ${filename} ${fault}`);
  return found;
}
