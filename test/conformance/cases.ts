/** The recorded cases: what the Collector did, one JSON file a topic. */
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join, relative } from 'node:path';

export interface ConfigCase {
  readonly id: string;
  readonly kind: 'config';
  readonly files: Readonly<Record<string, string>>;
  readonly env: Readonly<Record<string, string>>;
  readonly args: readonly string[];
  readonly resolved?: unknown;
  readonly error?: string;
  readonly alternatives?: readonly string[];
  readonly stage?: 'resolve' | 'validate';
  readonly valid?: boolean;
  /** What print-config shows of the parts that the case is about, with defaults. */
  readonly effective?: unknown;
  /** `effective` was printed with secrets hidden. */
  readonly redacted?: boolean;
  /** Go types by path, where JSON loses them. */
  readonly types?: Readonly<Record<string, string>>;
}

export interface ProcessorCase {
  readonly id: string;
  readonly kind: 'processor';
  readonly processors: Readonly<Record<string, unknown>>;
  readonly pipeline: readonly string[];
  /** OTLP/JSON, as is `out`. */
  readonly in: unknown;
  readonly out?: unknown;
  readonly config_error?: string;
  /** The whole batch failed. */
  readonly process_error?: string;
  /** Paths into `out` of what depends on time or chance. */
  readonly ignore?: readonly string[];
  readonly unordered?: boolean;
}

export type Case = ConfigCase | ProcessorCase;

export type Outcome =
  | { readonly kind: 'passed' }
  | { readonly kind: 'failed'; readonly expected: unknown; readonly actual: unknown }
  | { readonly kind: 'skipped'; readonly reason: string };

export interface Topic {
  /** The file, without its ending, from the folder that was named. */
  readonly name: string;
  readonly cases: readonly Case[];
}

/** Every case file at or under `path`. @throws for what is no file of cases. */
export function readTopics(path: string): Topic[] {
  const files = statSync(path).isDirectory()
    ? readdirSync(path, { recursive: true })
        .map(String)
        .filter((name) => name.endsWith('.json'))
        .sort()
        .map((name) => join(path, name))
    : [path];
  return files.map((file) => {
    const cases = JSON.parse(readFileSync(file, 'utf8')) as Case[];
    if (!Array.isArray(cases) || cases.some(({ id, kind }) => !id || (kind !== 'config' && kind !== 'processor'))) {
      throw new Error(`${file} is no file of cases`);
    }
    return { name: (relative(path, file) || file).replace(/\.json$/, ''), cases };
  });
}
