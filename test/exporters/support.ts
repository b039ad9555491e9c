/** What exporters' tests share: records of our invention, a context, and the loading of a block as the agent does it. */

import { systemClock } from '../../src/clock.ts';
import type { ComponentContext, ConfigRemark, ExporterFactory } from '../../src/component.ts';
import { noAuthenticators } from '../../src/net/auth.ts';
import { type Resource, resourceFromAttributes, SeverityNumber } from '../../src/otel.ts';
import { hrTimeFromMillis, LogRecord, type LogRecordFields } from '../../src/record/log-record.ts';
import { silentLog } from '../../src/telemetry/log.ts';

export const NOW = Date.UTC(2026, 4, 6, 7, 8, 9);

export const scope = { name: 'receivers/test', version: '1.2.3' };

export const resource: Resource = resourceFromAttributes({
  'service.namespace': 'garden',
  'service.name': 'greenhouse',
  'cx.application.name': 'garden',
  'cx.subsystem.name': 'greenhouse',
});

export function record(fields: Partial<LogRecordFields> = {}): LogRecord {
  return new LogRecord({
    hrTime: hrTimeFromMillis(NOW),
    hrTimeObserved: hrTimeFromMillis(NOW + 1500),
    severityNumber: SeverityNumber.INFO,
    severityText: 'INFO',
    eventName: 'plant.watered',
    body: { plant: { name: 'fern', litres: 2 } },
    attributes: { 'plant.kind': 'fern' },
    resource,
    instrumentationScope: scope,
    ...fields,
  });
}

export function context(overrides: Partial<ComponentContext> = {}): ComponentContext {
  return {
    ...{ id: 'test', log: silentLog, clock: systemClock, random: Math.random, version: '9.8.7' },
    authenticators: noAuthenticators,
    ...overrides,
  };
}

/** The block as its schema gives it. Throws what the schema objects to. */
export function parse<Config>(factory: ExporterFactory<Config>, block: object): Config {
  return factory.config.parse(block);
}

/** What `check` says about a block that passes the schema. */
export function remarks<Config>(factory: ExporterFactory<Config>, block: object): ConfigRemark[] {
  return factory.check?.(parse(factory, block)) ?? [];
}

/** The schema's own objections: path and message. */
export function objections<Config>(factory: ExporterFactory<Config>, block: object): string[] {
  const result = factory.config.safeParse(block);
  return (result.error?.issues ?? []).map(({ path, message }) => `${path.join('.')}: ${message}`);
}

export const never = new AbortController().signal;

export function errors(list: readonly ConfigRemark[]): string[] {
  return list
    .filter(({ severity }) => severity === 'error')
    .map(({ path, message }) => `${path.join('.')}: ${message}`);
}

export function warnings(list: readonly ConfigRemark[]): string[] {
  return list.filter(({ severity }) => severity === 'warning').map(({ path }) => path.join('.'));
}
