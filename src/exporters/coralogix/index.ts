import type { ExporterFactory } from '../../component.ts';
import { rulesOf, sendingPolicy } from '../../config/blocks/delivery.ts';
import { examineOtlp } from '../otlp-examination.ts';
import { checkCoralogix } from './check.ts';
import { type CoralogixConfig, config } from './config.ts';
import { createCoralogix, timeoutOf } from './coralogix.ts';
import { hintOf } from './hint.ts';

export const factory: ExporterFactory<CoralogixConfig> = {
  kind: 'exporter',
  type: 'coralogix',
  stability: 'beta',
  summary: 'Sends records to Coralogix.',
  config,
  check: checkCoralogix,
  policy: (settings) =>
    sendingPolicy(settings.sending_queue, settings.retry_on_failure, {
      maxBytes: settings.max_request_bytes,
      timeoutMs: timeoutOf(settings),
      rules: rulesOf(settings),
    }),
  create: (settings, context) => createCoralogix(settings, context),
  examine: (settings, context, examination) =>
    examineOtlp(
      { ...examination, create: () => createCoralogix(settings, context), hint: (probe) => hintOf(settings, probe) },
      context,
    ),
};
