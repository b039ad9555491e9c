import type { ProcessorFactory } from '../../component.ts';
import { config, type ResourceDetectionConfig } from './config.ts';
import { thisMachine } from './machine.ts';
import { createResourceDetection } from './resource-detection.ts';

export const factory: ProcessorFactory<ResourceDetectionConfig> = {
  kind: 'processor',
  type: 'resource_detection',
  aliases: ['resourcedetection'],
  stability: 'beta',
  summary: 'Adds attributes of the machine and of the environment to resources.',
  config,
  check: ({ refresh_interval: interval }) =>
    interval > 0
      ? [
          {
            severity: 'warning',
            path: ['refresh_interval'],
            message: 'has no effect: what is found at the start stays',
          },
        ]
      : [],
  create: (settings, _context, next) =>
    createResourceDetection(settings, { environment: process.env, machine: thisMachine }, next),
};
