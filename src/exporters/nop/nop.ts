import type { Exporter } from '../../component.ts';

/** Takes everything and does nothing with it. */
export function createNop(): Exporter {
  return {
    start: async () => {},
    shutdown: async () => {},
    send: async () => ({ kind: 'delivered' }),
    weigh: () => 0,
  };
}
