/** What is wrong with a configuration, and how it is printed. */
export type Severity = 'error' | 'warning' | 'note';

/** Holds no secret and nothing that an environment variable or a file gave: it may go to any log or screen. */
export interface Diagnostic {
  readonly severity: Severity;
  /** One sentence. */
  readonly message: string;
  /** Absent when nothing stands anywhere, as in an empty configuration. */
  readonly place?: Place;
  /** The line that `place` names, secrets masked. Absent where it is too long to show. */
  readonly excerpt?: Excerpt;
  /** What to do about it. */
  readonly suggestion?: string;
  /** Where in the configuration, as the Collector writes it: `exporters::coralogix::domain`. */
  readonly path?: string;
}

export interface Place {
  readonly file: string;
  /** Both from 1. */
  readonly line: number;
  readonly column: number;
  /** Characters, within the line. */
  readonly length: number;
}

export interface Excerpt {
  readonly text: string;
  /** The part of `text` to mark: offset from 0, and length. Not the columns of `place`: what is masked or cut moves them. */
  readonly start: number;
  readonly length: number;
}

/** `agent.yaml:14:7: error: exporters::coralogix: unknown key "x"` */
export function formatHeadline({ severity, message, place, path }: Diagnostic, shown: string = severity): string {
  const where = place ? `${printable(place.file)}:${place.line}:${place.column}: ` : '';
  return `${where}${shown}: ${path ? `${printable(path)}: ` : ''}${printable(message)}`;
}

/** All of them with excerpt, caret and help, for a terminal or a log. Ends with a newline unless empty. */
export function formatDiagnostics(diagnostics: readonly Diagnostic[], options: { color: boolean }): string {
  const paint = options.color
    ? (code: number, text: string) => `\u001b[${code}m${text}\u001b[0m`
    : (_: number, text: string) => text;
  return diagnostics.map((diagnostic) => `${format(diagnostic, paint)}\n`).join('');
}

const COLORS: Readonly<Record<Severity, number>> = { error: 31, warning: 33, note: 36 };

function format(diagnostic: Diagnostic, paint: (code: number, text: string) => string): string {
  const { severity, place, excerpt, suggestion } = diagnostic;
  const color = COLORS[severity];
  const lines = [formatHeadline(diagnostic, paint(color, severity))];
  if (place && excerpt) {
    const number = String(place.line).padStart(4);
    lines.push(`${paint(2, `${number} |`)} ${excerpt.text}`);
    const mark = paint(color, '^'.repeat(excerpt.length));
    lines.push(`${paint(2, `${' '.repeat(number.length)} |`)} ${' '.repeat(excerpt.start)}${mark}`);
  }
  if (suggestion) lines.push(`${' '.repeat(4)} ${paint(2, '=')} help: ${printable(suggestion)}`);
  return lines.join('\n');
}

/** Text from outside inside of a message. */
export function quote(text: string): string {
  return JSON.stringify(text.length > 60 ? `${text.slice(0, 60)}…` : text);
}

/** Text from outside for a terminal: control and formatting characters, which could rewrite the screen, are escaped. */
export function printable(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu, (character) => {
    return `\\u{${(character.codePointAt(0) as number).toString(16)}}`;
  });
}
