import type { ExporterFactory } from '../../component.ts';
import { rulesOf, sendingPolicy } from '../../config/blocks/delivery.ts';
import { examineOtlp } from '../otlp-examination.ts';
import { config, type OtlpHttpConfig } from './config.ts';
import { checkOtlpHttp, createOtlpHttp } from './otlp-http.ts';

export const factory: ExporterFactory<OtlpHttpConfig> = {
  kind: 'exporter',
  type: 'otlp_http',
  aliases: ['otlphttp'],
  stability: 'beta',
  summary: 'Sends records to any backend that takes OTLP over HTTP.',
  config,
  check: checkOtlpHttp,
  policy: (settings) =>
    sendingPolicy(settings.sending_queue, settings.retry_on_failure, {
      maxBytes: settings.max_request_bytes,
      timeoutMs: settings.timeout,
      rules: rulesOf(settings),
    }),
  create: (settings, context) => createOtlpHttp(settings, context),
  examine: (settings, context, examination) =>
    examineOtlp({ ...examination, create: () => createOtlpHttp(settings, context) }, context),
};
