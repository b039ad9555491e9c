/** One row of CSV, as Go's encoding/csv reads it. */
import { OttlError } from './error.ts';
import { bytesOf, textOfBytes } from './strptime/layout.ts';

/**
 * The fields. A row of several lines is one all the same: a line that is not within quotes goes on with the last field of
 * the one before.
 *
 * @param delimiter one character
 * @param lazyQuotes quotes may stand anywhere
 * @throws {OttlError}
 */
export function csvRow(text: string, delimiter: string, lazyQuotes: boolean): string[] {
  if (/^[\0"\r\n\ufffd]$/.test(delimiter)) {
    throw new OttlError('read csv line: csv: invalid field or comment delimiter');
  }
  const reader = new RowReader(bytesOf(text), bytesOf(delimiter), lazyQuotes);
  let row: string[] | undefined;
  for (let fields = reader.next(); fields; fields = reader.next()) {
    if (!row) {
      row = fields;
      continue;
    }
    const [first, ...others] = fields;
    row[row.length - 1] += `\n${first}`;
    for (const field of others) row.push(field);
  }
  if (!row) throw new OttlError('no csv lines found');
  return row.map(textOfBytes);
}

/** Columns in messages are counted in bytes: so all texts here are strings of bytes. */
class RowReader {
  readonly #text: string;
  readonly #comma: string;
  readonly #lazyQuotes: boolean;
  #at = 0;
  #line = 0;

  constructor(text: string, comma: string, lazyQuotes: boolean) {
    this.#text = text;
    this.#comma = comma;
    this.#lazyQuotes = lazyQuotes;
  }

  /** The fields of the next lines, or those before what is wrong in them; undefined at the end. */
  next(): string[] | undefined {
    let line: string | undefined;
    do {
      line = this.#readLine();
    } while (line === '\n' || line === '');
    if (line === undefined) return undefined;
    const fields: string[] = [];
    const error = this.#readFields(line, fields);
    if (error !== undefined && fields.length === 0) throw new OttlError(`read csv line: ${error}`);
    return fields;
  }

  /** @returns what is wrong */
  #readFields(firstLine: string, fields: string[]): string | undefined {
    const startLine = this.#line;
    const place = { line: this.#line, column: 1 };
    let rest = firstLine;
    for (;;) {
      if (rest.startsWith('"')) {
        const end = this.#quoted(rest, place, fields);
        if (typeof end !== 'string') return end && `${where(startLine, end)}extraneous or missing " in quoted-field`;
        rest = end;
        continue;
      }
      const comma = rest.indexOf(this.#comma);
      const field = comma >= 0 ? rest.slice(0, comma) : rest.replace(/\n$/, '');
      const bare = this.#lazyQuotes ? -1 : field.indexOf('"');
      if (bare >= 0) {
        const at = { line: this.#line, column: place.column + bare };
        return `${where(startLine, at)}bare " in non-quoted-field`;
      }
      fields.push(field);
      if (comma < 0) return undefined;
      rest = rest.slice(comma + this.#comma.length);
      place.column += comma + this.#comma.length;
    }
  }

  /** What stands behind the field's comma; the place of what is wrong; or nothing, at the end of the record. */
  #quoted(text: string, place: Place, fields: string[]): string | Place | undefined {
    const parts: string[] = [];
    let rest = text.slice(1);
    place.column++;
    for (;;) {
      const end = rest.indexOf('"');
      if (end >= 0) {
        parts.push(rest.slice(0, end));
        rest = rest.slice(end + 1);
        place.column += end + 1;
        if (rest.startsWith('"')) {
          parts.push('"');
          rest = rest.slice(1);
          place.column++;
        } else if (rest.startsWith(this.#comma)) {
          fields.push(parts.join(''));
          place.column += this.#comma.length;
          return rest.slice(this.#comma.length);
        } else if (rest === '' || rest === '\n') {
          fields.push(parts.join(''));
          return undefined;
        } else if (this.#lazyQuotes) parts.push('"');
        else return { line: this.#line, column: place.column - 1 };
      } else if (rest !== '') {
        parts.push(rest);
        place.column += rest.length;
        rest = this.#readLine() ?? '';
        if (rest !== '') {
          place.line++;
          place.column = 1;
        }
      } else {
        if (!this.#lazyQuotes) return { ...place };
        fields.push(parts.join(''));
        return undefined;
      }
    }
  }

  /** With its line end, which is always `\n`, if it has one. */
  #readLine(): string | undefined {
    this.#line++;
    if (this.#at >= this.#text.length) return undefined;
    const end = this.#text.indexOf('\n', this.#at);
    const line = this.#text.slice(this.#at, end < 0 ? undefined : end + 1);
    this.#at += line.length;
    return end < 0 ? line.replace(/\r$/, '') : line.replace(/\r\n$/, '\n');
  }
}

interface Place {
  line: number;
  column: number;
}

function where(startLine: number, { line, column }: Place): string {
  const record = startLine === line ? '' : `record on line ${startLine}; `;
  return `${record}parse error on line ${line}, column ${column}: `;
}
