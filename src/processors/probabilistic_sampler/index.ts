import type { ProcessorFactory } from '../../component.ts';
import { config, type SamplerConfig } from './config.ts';
import { createSampler } from './sampler.ts';

export const factory: ProcessorFactory<SamplerConfig> = {
  kind: 'processor',
  type: 'probabilistic_sampler',
  stability: 'beta',
  summary: 'Keeps so many records of a hundred, by a hash or by the randomness of their trace.',
  config,
  create: (settings, _context, next) => createSampler(settings, next),
};
