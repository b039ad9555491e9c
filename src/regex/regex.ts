/**
 * Regular expressions as Go has them: RE2 syntax, always in linear time, errors in Go's words, replacing and finding all
 * matches by Go's rules. Whatever a user writes as a pattern goes through here, never through RegExp.
 */
import { type Matcher, RE2JS, RE2JSException } from 're2js';
import { withDistinctNames } from './duplicates.ts';

/** `[start, end]` of the whole match, then of each group, in UTF-16 units; -1 for a group without a match. */
export type Match = readonly number[];

/** A pattern that is none, in Go's words: "error parsing regexp: missing closing ): `(`". */
export class RegexError extends Error {
  override readonly name = 'RegexError';
}

export class Regex {
  readonly pattern: string;
  /** Of each group from 1 on; `''` where it has none. Groups may share one. */
  readonly groupNames: readonly string[];
  readonly #compiled: RE2JS;

  /** @throws {RegexError} */
  constructor(pattern: string) {
    this.pattern = pattern;
    let originals: ReadonlyMap<string, string> | undefined;
    try {
      this.#compiled = RE2JS.compile(pattern);
    } catch (error) {
      if (!isDuplicate(error)) throw refused(error);
      const distinct = withDistinctNames(pattern);
      originals = distinct.originals;
      try {
        this.#compiled = RE2JS.compile(distinct.pattern);
      } catch (other) {
        throw refused(other);
      }
    }
    const names = new Array<string>(this.#compiled.groupCount()).fill('');
    for (const [name, index] of Object.entries(this.#compiled.namedGroups())) {
      names[index - 1] = originals?.get(name) ?? name;
    }
    this.groupNames = names;
  }

  /** Whether it matches anywhere in the text. Several times as fast as finding out where: the other methods ask first. */
  test(text: string): boolean {
    return this.#compiled.test(text);
  }

  /** The leftmost match. */
  find(text: string): Match | undefined {
    if (!this.test(text)) return undefined;
    const matcher = this.#compiled.matcher(text);
    return matcher.find() ? this.#groups(matcher) : undefined;
  }

  /** Every match, in order: none overlaps another, and none that is empty stands right behind another. */
  *findAll(text: string): Generator<Match> {
    if (!this.test(text)) return;
    const matcher = this.#compiled.matcher(text);
    let previousEnd = -1;
    for (let at = 0; at <= text.length && matcher.find(at); ) {
      const match = this.#groups(matcher);
      const [start, end] = match as [number, number];
      const isAccepted = end !== at || start !== previousEnd;
      at = end === at ? at + widthAt(text, at) : end;
      previousEnd = end;
      if (isAccepted) yield match;
    }
  }

  /** `replacement` gives what stands instead of each match. */
  replaceAll(text: string, replacement: (match: Match) => string): string {
    if (!this.test(text)) return text;
    const matcher = this.#compiled.matcher(text);
    let result = '';
    let done = 0;
    for (let at = 0; at <= text.length && matcher.find(at); ) {
      const match = this.#groups(matcher);
      const [start, end] = match as [number, number];
      result += text.slice(done, start);
      if (end > done || start === 0) result += replacement(match);
      done = end;
      const width = widthAt(text, at);
      at = Math.max(at + width, end);
    }
    return done === 0 && result === '' ? text : result + text.slice(done);
  }

  /**
   * A replacement with its `$1`, `${1}`, `$name` and `${name}` filled in, as Go's Expand: the name is the longest run of
   * letters, digits and underscores, so `$1x` is the group "1x"; a group that is unknown or did not match is empty.
   */
  expand(template: string, text: string, match: Match): string {
    if (!template.includes('$')) return template;
    return template.replace(/\$(?:(\$)|\{([\p{L}\p{Nd}_]+)\}|([\p{L}\p{Nd}_]+))/gu, (_, dollar, braced, bare) => {
      if (dollar) return '$';
      const name: string = braced ?? bare;
      const group = /^\d+$/.test(name) ? Number(name) : this.groupNames.indexOf(name) + 1;
      if (group === 0 && !/^0+$/.test(name)) return '';
      return groupOf(text, match, group) ?? '';
    });
  }

  #groups(matcher: Matcher): number[] {
    const match: number[] = [];
    for (let group = 0; group <= this.groupNames.length; group++) match.push(matcher.start(group), matcher.end(group));
    return match;
  }
}

function isDuplicate(error: unknown): boolean {
  return error instanceof RE2JSException && error.message.includes('duplicate capture group name');
}

function refused(error: unknown): RegexError {
  return new RegexError(error instanceof RE2JSException ? inGosWords(error) : `error parsing regexp: ${error}`);
}

/** What is wrong, and where; RE2JS leaves the place away where it is the very end. */
function inGosWords({ message }: RE2JSException): string {
  return message.endsWith('`') ? message : `${message}: \`\``;
}

/** What a group matched; 0 is the whole match, undefined: it took no part, or there is no such group. */
export function groupOf(text: string, match: Match, group: number): string | undefined {
  const start = match[2 * group] ?? -1;
  return start < 0 ? undefined : text.slice(start, match[2 * group + 1]);
}

/** UTF-16 units of the character there. */
function widthAt(text: string, at: number): number {
  return (text.codePointAt(at) ?? 0) > 0xffff ? 2 : 1;
}
