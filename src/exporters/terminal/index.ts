import type { ExporterFactory } from '../../component.ts';
import { NO_RULES } from '../../config/blocks/delivery.ts';
import { config, type TerminalConfig } from './config.ts';
import { createPrinter } from './terminal.ts';

export const factory: ExporterFactory<TerminalConfig> = {
  kind: 'exporter',
  type: 'terminal',
  stability: 'alpha',
  summary: 'Prints records for people, in colour on a terminal.',
  config,
  policy: () => ({
    maxInFlight: 1,
    minRecords: 100,
    minBytes: Number.MAX_SAFE_INTEGER,
    maxRecords: 100,
    maxBytes: 1024 * 1024,
    flushTimeoutMs: 200,
    attemptLimitMs: 600_000,
    rules: NO_RULES,
    retry: {
      enabled: true,
      initialIntervalMs: 1000,
      randomizationFactor: 0.5,
      multiplier: 1.5,
      maxIntervalMs: 30_000,
      maxElapsedMs: 0,
      probeIntervalMs: 15_000,
    },
  }),
  create(settings) {
    const stream = settings.output === 'stdout' ? process.stdout : process.stderr;
    const colour =
      settings.color === 'always' || (settings.color === 'auto' && stream.isTTY === true && !process.env.NO_COLOR);
    const print = createPrinter({ colour, body: settings.body, maxLines: settings.max_lines });
    return {
      start: () => Promise.resolve(),
      shutdown: () => Promise.resolve(),
      weigh: () => 2048,
      send: ({ records }) =>
        new Promise((resolve) => {
          stream.write(records.map(print).join(''), (error) =>
            resolve(
              error
                ? { kind: 'retry', reason: { summary: `writing to ${settings.output} failed` }, ambiguous: true }
                : { kind: 'delivered' },
            ),
          );
        }),
    };
  },
};
