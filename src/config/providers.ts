/** Where texts come from: the environment, files, the text itself, web servers. For whole sources as for references. */
import { splitUri, Unresolvable } from './references.ts';
import { MAX_SOURCE_CHARACTERS } from './source.ts';

/** What a configuration is read from. */
export interface Surroundings {
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Rejects as node:fs does. Relative paths are relative to the working directory. */
  readFile(path: string): Promise<string>;
  /**
   * The text behind an http or https URL. Rejects with a reason for people, which names neither the user nor the password in
   * the URL. Absent: such URLs are refused.
   */
  readUrl?(url: string): Promise<string>;
}

/** Characters that all references of a configuration may bring together. */
const MAX_CHARACTERS = 16 * MAX_SOURCE_CHARACTERS;

export class Providers {
  readonly #surroundings: Surroundings;
  #characters = 0;

  constructor(surroundings: Surroundings) {
    this.#surroundings = surroundings;
  }

  /**
   * The text that `uri` names. `undefined`: an environment variable that is not set.
   * @throws {Unresolvable}
   */
  async retrieve(uri: string): Promise<string | undefined> {
    const { scheme, rest } = splitUri(uri);
    if (scheme === 'yaml') return rest;
    const text = await this.#text(scheme, rest);
    this.#characters += text?.length ?? 0;
    if (this.#characters > MAX_CHARACTERS) throw new Unresolvable('all references together bring too much text');
    return text;
  }

  async #text(scheme: 'env' | 'file' | 'http' | 'https', rest: string): Promise<string | undefined> {
    switch (scheme) {
      case 'env':
        return this.#variable(rest);
      case 'file':
        // One newline at the end, which editors and secret mounts add, is no part of a value.
        return (await this.#read(rest, 'unable to read the file: ')).replace(/\r?\n$/, '');
      default:
        return this.#url(`${scheme}:${rest}`);
    }
  }

  #variable(text: string): string | undefined {
    const split = text.indexOf(':-');
    const name = split < 0 ? text : text.slice(0, split);
    if (!/^[a-zA-Z_][a-zA-Z0-9_]*$/.test(name)) {
      throw new Unresolvable('invalid name: must match regex ^[a-zA-Z_][a-zA-Z0-9_]*$');
    }
    const { environment } = this.#surroundings;
    const value = Object.hasOwn(environment, name) ? environment[name] : undefined;
    return value ?? (split < 0 ? undefined : text.slice(split + 2));
  }

  /** `${env:NAME:-}` with NAME not set: its default is an empty text, and not nothing. */
  isEmptyDefault(uri: string): boolean {
    const name = /^env:(\w+):-$/.exec(uri)?.[1];
    return name !== undefined && !Object.hasOwn(this.#surroundings.environment, name);
  }

  /**
   * The text of a file, to its last newline.
   * @throws {Unresolvable} with the reason alone
   */
  file(path: string): Promise<string> {
    return this.#read(path, '');
  }

  async #read(path: string, what: string): Promise<string> {
    let text: string;
    try {
      text = await this.#surroundings.readFile(path);
    } catch (error) {
      throw new Unresolvable(`${what}${whyUnreadable(error)}`);
    }
    // A source that is too large is told with its place.
    if (what !== '' && text.length > MAX_SOURCE_CHARACTERS) throw new Unresolvable('the file is larger than 512 KiB');
    return text;
  }

  async #url(url: string): Promise<string> {
    const { readUrl } = this.#surroundings;
    if (!readUrl) throw new Unresolvable('the scheme is not supported here', 'the schemes are env, file and yaml');
    try {
      return await readUrl.call(this.#surroundings, url);
    } catch (error) {
      throw new Unresolvable(`failed to load it: ${error instanceof Error ? error.message : String(error)}`);
    }
  }
}

/** The reason in words, without the path, which the caller knows. */
function whyUnreadable(error: unknown): string {
  const code = (error as { code?: unknown } | null)?.code;
  if (code === 'ENOENT') return 'no such file or directory';
  if (code === 'EISDIR') return 'is a directory';
  if (code === 'EACCES' || code === 'EPERM') return 'permission denied';
  return typeof code === 'string' ? code : 'it cannot be read';
}
