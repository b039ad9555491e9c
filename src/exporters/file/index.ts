import type { ExporterFactory } from '../../component.ts';
import { rulesOf, sendingPolicy } from '../../config/blocks/delivery.ts';
import { checkFile } from './check.ts';
import { config, type FileConfig } from './config.ts';
import { examineFile } from './examine.ts';
import { createFile, MAX_BATCH_BYTES } from './file.ts';

export const factory: ExporterFactory<FileConfig> = {
  kind: 'exporter',
  type: 'file',
  stability: 'beta',
  summary: 'Writes records to files, as OTLP/JSON or protobuf.',
  config,
  check: checkFile,
  policy: (settings) =>
    sendingPolicy(settings.sending_queue, settings.retry_on_failure, {
      maxBytes: MAX_BATCH_BYTES,
      timeoutMs: 0,
      rules: rulesOf(settings),
    }),
  create: (settings, context) => createFile(settings, context),
  examine: (settings) => examineFile(settings),
};
