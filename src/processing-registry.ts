/**
 * The components of this build that make records of entries, each loaded when it is asked for: for a thread that does nothing else, and should
 * not take the memory of a whole agent. Apart from `registry.ts`, which a test holds against it.
 */
import type { ProcessorFactory, ReceiverFactory } from './component.ts';

// biome-ignore lint/suspicious/noExplicitAny: as in the list of all factories, each has its own config type
type Processor = ProcessorFactory<any>;
// biome-ignore lint/suspicious/noExplicitAny: as above
type Decoder = ReceiverFactory<any>['decoder'];

/** By type: those that are movable (`agent/offload/blueprint.ts`). */
export const processors: Readonly<Record<string, () => Promise<Processor>>> = {
  attributes: async () => (await import('./processors/attributes/index.ts')).factory,
  batch: async () => (await import('./processors/batch/index.ts')).factory,
  filter: async () => (await import('./processors/filter/index.ts')).factory,
  groupbyattrs: async () => (await import('./processors/groupbyattrs/index.ts')).factory,
  intercom_privacy: async () => (await import('./processors/intercom_privacy/index.ts')).factory,
  memory_limiter: async () => (await import('./processors/memory_limiter/index.ts')).factory,
  probabilistic_sampler: async () => (await import('./processors/probabilistic_sampler/index.ts')).factory,
  redaction: async () => (await import('./processors/redaction/index.ts')).factory,
  resource: async () => (await import('./processors/resource/index.ts')).factory,
  resource_detection: async () => (await import('./processors/resource_detection/index.ts')).factory,
  transform: async () => (await import('./processors/transform/index.ts')).factory,
};

/** Of each type of receiver. */
export const decoders: Readonly<Record<string, () => Promise<Decoder>>> = {
  intercom: async () => (await import('./receivers/intercom/decode.ts')).decoder,
};
