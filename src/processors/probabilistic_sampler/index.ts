import type { ConfigRemark, ProcessorFactory } from '../../component.ts';
import { config, type SamplerConfig } from './config.ts';
import { createSampler } from './sampler.ts';

export const factory: ProcessorFactory<SamplerConfig> = {
  kind: 'processor',
  type: 'probabilistic_sampler',
  stability: 'beta',
  summary: 'Keeps so many records of a hundred, by a hash or by the randomness of their trace.',
  config,
  check: remarksOn,
  create: (settings, _context, next) => createSampler(settings, next),
};

/** Settings that are right and drop everything. */
function remarksOn({ mode, sampling_percentage: percentage, ...settings }: SamplerConfig): ConfigRemark[] {
  if (settings.sampling_priority !== '') return [];
  if (percentage === 0) {
    const suggestion = 'write how many of a hundred are kept: sampling_percentage: 15';
    const message = 'drops every record: sampling_percentage is 0';
    return [{ severity: 'warning', path: ['sampling_percentage'], message, suggestion }];
  }
  const isHashing = mode === '' || mode === 'hash_seed';
  if (!settings.fail_closed || (isHashing && settings.from_attribute !== '')) return [];
  const message = 'drops records without a trace id, and those of Intercom have none';
  const suggestion = isHashing
    ? 'name an attribute that decides: from_attribute: intercom.notification.id'
    : 'use mode hash_seed with from_attribute';
  return [{ severity: 'warning', path: [], message, suggestion }];
}
