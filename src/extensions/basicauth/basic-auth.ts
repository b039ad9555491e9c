import type { Extension, ExtensionContext } from '../../component.ts';
import type { ClientAuth, ServerAuth } from '../../net/auth.ts';
import { Followed, type ReadFile } from '../../net/followed.ts';
import type { BasicAuthConfig } from './config.ts';
import { Gate } from './gate.ts';
import { type PasswordEntry, parseHtpasswd } from './htpasswd.ts';

/** How often files are looked at. */
const LOOK_MS = 5000;

type Context = Pick<ExtensionContext, 'clock' | 'log'>;

/** Either side, as the configuration says: one of `htpasswd` and `client_auth`. */
export function createBasicAuth({ htpasswd, client_auth: client }: BasicAuthConfig, context: Context): Extension {
  if (client) return clientSide(client, context);
  if (htpasswd) return serverSide(htpasswd, context);
  throw new Error('BUG: basicauth without credentials passed the check of the configuration');
}

function clientSide(client: NonNullable<BasicAuthConfig['client_auth']>, context: Context): Extension {
  const paths = [client.username_file, client.password_file];
  const header = follow(paths, context, async (read) => {
    const user = (await textOf('username_file', client.username_file, read)) ?? client.username ?? '';
    const password = (await textOf('password_file', client.password_file, read)) ?? client.password?.reveal() ?? '';
    if (user.includes(':'))
      throw new Error(`client_auth.username_file: ${client.username_file} has a colon in the name`);
    return `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`;
  });
  const clientAuth: ClientAuth = { headers: () => ({ authorization: header.value }) };
  return { clientAuth, ...lifeOf(header) };
}

function serverSide(htpasswd: NonNullable<BasicAuthConfig['htpasswd']>, context: Context): Extension {
  const gate = follow([htpasswd.file], context, async (read) => {
    const lines = await textOf('file', htpasswd.file, read, 'htpasswd');
    const inline = htpasswd.inline?.reveal();
    return new Gate(
      new Map([
        ...(lines === undefined ? [] : usersOf(lines, `htpasswd.file: ${htpasswd.file}`)),
        ...(inline === undefined ? [] : usersOf(inline, 'htpasswd.inline:')),
      ]),
    );
  });
  const serverAuth: ServerAuth = {
    challenge: 'Basic realm="intercom-otel-agent", charset="UTF-8"',
    judge: (headers) => gate.value.judge(headers),
  };
  return { serverAuth, ...lifeOf(gate) };
}

function follow<T>(
  paths: readonly (string | undefined)[],
  { clock, log }: Context,
  load: (read: ReadFile) => Promise<T>,
): Followed<T> {
  const files = paths.filter((path) => path !== undefined);
  return new Followed({
    load,
    intervalMs: files.length > 0 ? LOOK_MS : 0,
    clock,
    changed: () => log.info('The credentials changed on disk and are used from now on.', { files }),
    failed: ({ message }) =>
      log.error('The credentials could not be read anew; the old ones stay.', { error: message }),
  });
}

function lifeOf(value: Followed<unknown>): Pick<Extension, 'start' | 'shutdown'> {
  return { start: () => value.start(), shutdown: async () => value.stop() };
}

function usersOf(text: string, place: string): Iterable<[string, PasswordEntry]> {
  const { users, problems } = parseHtpasswd(text);
  if (problems.length > 0) throw new Error(`${place} ${problems.join('; ')}`);
  return users;
}

/** The end of the last line, which editors add, is no part of a password. */
async function textOf(key: string, path: string | undefined, read: ReadFile, block = 'client_auth') {
  if (path === undefined) return undefined;
  const text = await read(path).then(
    (bytes) => bytes.toString('utf8').replace(/\r?\n$/, ''),
    (cause: NodeJS.ErrnoException) => {
      throw new Error(`${block}.${key}: cannot read ${path}: ${cause.code}`, { cause });
    },
  );
  if (text === '') throw new Error(`${block}.${key}: ${path} is empty`);
  return text;
}
