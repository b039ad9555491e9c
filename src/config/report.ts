/** Collects what is wrong while a configuration is loaded; the public diagnostics are made when all is known. */
import type { Diagnostic, Severity } from './diagnostics.ts';
import { excerpt, type Masks } from './excerpt.ts';
import type { Span } from './source.ts';

export interface Problem {
  readonly severity: Severity;
  /** One sentence without a full stop. Holds no secret, and nothing that a reference gave. */
  readonly message: string;
  readonly at?: Span;
  /** Where in the configuration, as the Collector writes it: `exporters::coralogix`. */
  readonly path?: string;
  /** What to do about it. */
  readonly suggestion?: string;
  /** The warning that a variable is not set: an error at the same place says so itself. */
  readonly unset?: boolean;
}

/** More than anyone reads; a broken generator can make a million. */
const MAX_DIAGNOSTICS = 200;

export class Report {
  readonly #problems: Problem[] = [];
  #errors = 0;

  add(problem: Problem): void {
    this.#problems.push(problem);
    if (problem.severity === 'error') this.#errors++;
  }

  get hasErrors(): boolean {
    return this.#errors > 0;
  }

  /** More will not be shown: no need to look for suggestions. */
  get isFull(): boolean {
    return this.#problems.length > MAX_DIAGNOSTICS;
  }

  /** In the order of the sources and of places in them; what has no place comes first. */
  diagnostics(masks: Masks): Diagnostic[] {
    const errors = new Set(this.#problems.filter(({ severity }) => severity === 'error').map(key));
    const kept = this.#problems.filter((problem) => !(problem.unset && errors.has(key(problem))));
    const order = new Map(masks.sources.map((source, index) => [source, index]));
    const rank = ({ at }: Problem) => (at ? (order.get(at.source) ?? order.size) : -1);
    kept.sort((a, b) => rank(a) - rank(b) || (a.at?.start ?? 0) - (b.at?.start ?? 0));
    const shown = kept.slice(0, MAX_DIAGNOSTICS).map((problem) => toDiagnostic(problem, masks));
    const more = kept.length - shown.length;
    if (more > 0) shown.push({ severity: this.hasErrors ? 'error' : 'note', message: `${more} more, not shown` });
    return shown;
  }
}

/** Names of a file can be as long as the file. */
const clip = (text: string) => (text.length > 500 ? `${text.slice(0, 500)}…` : text);

const key = ({ at }: Problem) => (at ? `${at.start} ${at.source.name}` : '');

function toDiagnostic({ severity, message, at, path, suggestion }: Problem, masks: Masks): Diagnostic {
  const base = {
    severity,
    message: clip(message),
    ...(path && { path: clip(path) }),
    ...(suggestion && { suggestion: clip(suggestion) }),
  };
  if (!at) return base;
  const start = at.source.position(at.start);
  const endOfLine = at.source.lineStart(start.line) + at.source.line(start.line).length;
  const length = Math.max(1, Math.min(at.end, endOfLine) - at.start);
  const shown = at.source.kind === 'environment' ? undefined : excerpt(at, length, masks);
  return {
    ...base,
    place: { file: at.source.name, line: start.line, column: start.column, length },
    ...(shown && { excerpt: shown }),
  };
}
