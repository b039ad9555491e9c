import type { ComponentContext, ConfigRemark, Exporter } from '../../component.ts';
import { checkQueue } from '../../config/blocks/delivery.ts';
import type { Outcome } from '../outcome.ts';
import type { DebugConfig } from './config.ts';
import { type Output, openOutput } from './output.ts';
import { createSampler } from './sampler.ts';
import { countResources, detailedText, normalText } from './text.ts';

export function checkDebug(config: DebugConfig): ConfigRemark[] {
  const remarks = checkQueue(config.sending_queue);
  if (config.output_paths?.length && config.use_internal_logger) {
    const message = 'output_paths is not supported when use_internal_logger is true';
    remarks.push({ severity: 'error', path: ['output_paths'], message, suggestion: 'use_internal_logger: false' });
  }
  return remarks;
}

/** Prints batches. `delivered` means printed, or left out by sampling. */
export function createDebug(
  config: DebugConfig,
  context: ComponentContext,
  open: (path: string) => Output = openOutput,
): Exporter {
  const { verbosity, use_internal_logger: internal } = config;
  const sampled = createSampler(context.clock, config.sampling_initial, config.sampling_thereafter);
  const outputs = (internal ? ['stderr'] : config.output_paths?.length ? config.output_paths : ['stdout']).map(open);

  return {
    start: async () => {},
    shutdown: async () => {
      for (const output of outputs) output.close();
    },
    // Nothing is encoded, so any figure does: batches end by count.
    weigh: () => 1,
    async send({ records }): Promise<Outcome> {
      if (!sampled()) return { kind: 'delivered' };
      const counts = { 'resource logs': countResources(records), 'log records': records.length };
      const text = verbosity === 'basic' ? '' : verbosity === 'normal' ? normalText(records) : detailedText(records);
      try {
        if (internal) context.log.info('Logs', counts);
        const printed = internal ? text : `Logs\t${headline(counts)}\n${text}`;
        if (printed) await Promise.all(outputs.map((output) => output.write(printed)));
        return { kind: 'delivered' };
      } catch (error) {
        const code = (error as NodeJS.ErrnoException).code ?? 'unknown';
        const advice = 'check what reads the output, and the permissions and space of `output_paths`';
        return { kind: 'hold', reason: { summary: `printing failed: ${code}`, code, advice } };
      }
    },
  };
}

/** Fields as the Collector's console encoder writes them, with a space after comma and colon. */
function headline(counts: Readonly<Record<string, number>>): string {
  return `{${Object.entries(counts)
    .map(([key, value]) => `${JSON.stringify(key)}: ${value}`)
    .join(', ')}}`;
}
