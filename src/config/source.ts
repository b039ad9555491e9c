/** Texts that configuration is read from, and places in them. */

/** Larger texts are refused: a configuration has kilobytes, and everything below is sized for that. */
export const MAX_SOURCE_CHARACTERS = 512 * 1024;

/**
 * `argument`: it stands in the command line, where everybody on the machine can read it. `environment`: nothing of its text is
 * ever printed. `remote`: someone else wrote it, so it may not look around here.
 */
export type SourceKind = 'file' | 'argument' | 'environment' | 'remote';

export class Source {
  /** As people know it: the path as given, or `yaml[2]` for the second `--config` when that is an inline text. */
  readonly name: string;
  readonly text: string;
  readonly kind: SourceKind;
  /** Offset of the first character of each line. */
  readonly #lines: number[] = [0];

  constructor(name: string, text: string, kind: SourceKind = 'file') {
    this.kind = kind;
    this.name = name;
    this.text = text;
    for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) this.#lines.push(at + 1);
  }

  /** Both count from 1; columns are UTF-16 code units. */
  position(offset: number): { line: number; column: number } {
    let low = 0;
    let high = this.#lines.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if ((this.#lines[middle] as number) <= offset) low = middle;
      else high = middle - 1;
    }
    return { line: low + 1, column: offset - (this.#lines[low] as number) + 1 };
  }

  /** The text of a line (from 1), without its end. */
  line(number: number): string {
    const start = this.#lines[number - 1] ?? this.text.length;
    return this.text.slice(start, this.#lines[number] ?? this.text.length).replace(/\r?\n$/, '');
  }

  /** Offset of the first character of a line (from 1). */
  lineStart(number: number): number {
    return this.#lines[number - 1] ?? this.text.length;
  }
}

/** From `start` to before `end`, offsets in the source's text. */
export interface Span {
  readonly source: Source;
  readonly start: number;
  readonly end: number;
}
