import { readFile } from 'node:fs/promises';
import { type Diagnostic, formatDiagnostics } from '../config/diagnostics.ts';
import type { Gates } from '../config/gates.ts';
import { type LoadResult, loadConfig } from '../config/load.ts';
import type { AgentConfig } from '../config/model.ts';
import { readUrl } from '../net/read-url.ts';
import { factories } from '../registry.ts';
import { CommandError, EXIT } from './exit.ts';

/** What `withConfig` takes from the command line. */
export interface ConfigurationOptions {
  readonly config?: readonly string[];
  readonly set?: readonly string[];
  readonly featureGates?: Gates;
}

export type Environment = Readonly<Record<string, string | undefined>>;

/** The part of them that decides what is read. */
export function resolveOptions({ config = [], set = [], featureGates }: ConfigurationOptions) {
  const isOn = (gate: string) => featureGates?.on.has(gate) ?? false;
  return {
    sources: config,
    settings: set,
    joinLists: isOn('confmap.enableMergeAppendOption'),
    trustRemote: isOn('config.trustRemote'),
  };
}

/** @param read of local files; for who wants to know which ones they are */
export async function load(
  options: ConfigurationOptions,
  environment: Environment = process.env,
  read: (path: string) => Promise<string> = (path) => readFile(path, 'utf8'),
): Promise<LoadResult> {
  const result = await loadConfig({
    ...resolveOptions(options),
    factories,
    environment,
    readFile: read,
    readUrl,
  });
  const gates = (options.featureGates?.withoutEffect ?? []).map((name): Diagnostic => {
    return { severity: 'warning', message: `the feature gate ${name} has no effect here` };
  });
  return { ...result, diagnostics: [...gates, ...result.diagnostics] };
}

/**
 * Loads a configuration for a command that needs it right: everything that is wrong is printed to stderr at once.
 * @throws {CommandError} with the exit code for a wrong configuration
 */
export async function requireConfig(
  options: ConfigurationOptions,
  environment?: Environment,
  read?: (path: string) => Promise<string>,
): Promise<AgentConfig> {
  const result = await load(options, environment, read);
  tell(result);
  if (!result.config) throw refusal(result, 'nothing was started.');
  return result.config;
}

/** Prints what is wrong or suspicious to stderr. */
export function tell({ diagnostics }: LoadResult): void {
  const worth = diagnostics.filter(({ severity }) => severity !== 'note');
  if (worth.length > 0) process.stderr.write(formatDiagnostics(worth, { color: wantsColour(process.stderr) }));
}

/** @param therefore what became of the command, and what to do */
export function refusal({ diagnostics }: LoadResult, therefore: string): CommandError {
  const errors = diagnostics.filter(({ severity }) => severity === 'error').length;
  return new CommandError(`${errors} error${errors === 1 ? '' : 's'} in the configuration; ${therefore}`, EXIT.usage);
}

export function wantsColour(stream: { isTTY?: boolean }): boolean {
  return stream.isTTY === true && !process.env.NO_COLOR;
}
