/** What `run` reads its configuration with, at the start and for every reload. */
import { readFile } from 'node:fs/promises';
import type { Clock } from '../clock.ts';
import { formatHeadline } from '../config/diagnostics.ts';
import type { AgentConfig } from '../config/model.ts';
import { WatchedFiles } from '../config/watched-files.ts';
import type { Log } from '../telemetry/log.ts';
import { type ConfigurationOptions, load, requireConfig } from './configuration.ts';

const LOOK_MS = 1000;
/** So many errors stand in the log and on the health page. */
const TOLD = 3;

export class ConfigurationReader {
  readonly #options: ConfigurationOptions;
  readonly #files: WatchedFiles;
  #changed: () => Promise<void> = () => Promise.resolve();

  constructor(options: ConfigurationOptions, clock: Clock) {
    this.#options = options;
    this.#files = new WatchedFiles({
      clock,
      intervalMs: LOOK_MS,
      readFile: (path) => readFile(path, 'utf8'),
      changed: () => this.#changed(),
    });
  }

  /**
   * At the start: what is wrong is printed.
   * @throws {CommandError}
   */
  first(): Promise<AgentConfig> {
    return requireConfig(this.#options, undefined, this.#files.read);
  }

  /**
   * What is suspicious is logged.
   * @throws {Error} with the errors and their places
   */
  async again(log: Log): Promise<AgentConfig> {
    this.#files.begin();
    let isWhole = false;
    try {
      const { config, diagnostics } = await load(this.#options, undefined, this.#files.read);
      isWhole = config !== undefined;
      for (const diagnostic of diagnostics) {
        if (diagnostic.severity === 'warning') log.warn('Configuration.', { warning: formatHeadline(diagnostic) });
      }
      if (config) return config;
      const errors = diagnostics.filter(({ severity }) => severity === 'error').map((one) => formatHeadline(one));
      const more = errors.length > TOLD ? ` (and ${errors.length - TOLD} more: see \`validate\`)` : '';
      throw new Error(errors.slice(0, TOLD).join('; ') + more);
    } finally {
      this.#files.end(isWhole);
    }
  }

  /** From now on every change of a local file that the configuration is read from is told. */
  watch(log: Log, changed: () => Promise<void>): void {
    if (this.#files.size === 0)
      log.warn('--watch: the configuration is read from no local file, so that none is watched.');
    this.#changed = changed;
    this.#files.start();
  }
}
