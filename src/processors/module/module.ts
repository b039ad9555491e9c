import type { ComponentContext } from '../../component.ts';
import type { LogRecordProcessor } from '../../otel.ts';
import { LogRecord } from '../../record/log-record.ts';
import { chainSdkProcessor } from '../sdk-processor.ts';
import type { ModuleConfig } from './config.ts';
import { loadExport } from './load.ts';

/**
 * What a module may export as a function. It returns nothing, and the record goes on as it is now; `null`, and it is filtered;
 * a LogRecord or a list of them, which go on instead. To forget to return something must not lose records.
 */
export type RecordFunction = (record: LogRecord, options: unknown) => unknown;

/** @throws {Error} for what can't be loaded, or is no processor */
export function createModuleProcessor(
  config: ModuleConfig,
  { configDirectory = '.' }: Pick<ComponentContext, 'configDirectory'>,
  next: LogRecordProcessor,
): LogRecordProcessor {
  const shown = `${config.path ?? config.package}, export ${config.export}`;
  const exported = loadExport(config, configDirectory);
  const made = config.factory ? call(exported, config.options, shown) : constructed(exported, config.options);
  if (isProcessor(made)) return chainSdkProcessor(made === exported ? lent(made) : made, next);
  if (typeof made === 'function') return functionProcessor(made as RecordFunction, config.options, shown, next);
  throw new Error(
    `${shown} is neither a processor (with onEmit) nor a function${config.factory ? '' : '; a function that makes one needs factory: true'}`,
  );
}

/** Of what a module exports ready-made, which all chains share: how many use it. */
const users = new WeakMap<LogRecordProcessor, number>();

/** It is shut down with the last chain that uses it: others go on when a delivery is changed, or somebody ends to look at it. */
function lent(processor: LogRecordProcessor): LogRecordProcessor {
  users.set(processor, (users.get(processor) ?? 0) + 1);
  let shutdown: Promise<void> | undefined;
  const release = async () => {
    const left = (users.get(processor) ?? 1) - 1;
    users.set(processor, left);
    if (left === 0) await processor.shutdown();
  };
  return {
    onEmit: (record, context) => processor.onEmit(record, context),
    forceFlush: () => processor.forceFlush(),
    shutdown() {
      shutdown ??= release();
      return shutdown;
    },
  };
}

function call(exported: unknown, options: unknown, shown: string): unknown {
  if (typeof exported === 'function' && !isClass(exported)) return exported(options);
  if (isClass(exported)) return new exported(options);
  throw new Error(`${shown} is no function: factory: true calls it`);
}

/** A class is made an instance of, for each delivery; anything else is what it is. */
function constructed(exported: unknown, options: unknown): unknown {
  return isClass(exported) ? new exported(options) : exported;
}

function functionProcessor(
  work: RecordFunction,
  options: unknown,
  shown: string,
  next: LogRecordProcessor,
): LogRecordProcessor {
  return {
    onEmit(record, context) {
      const result: unknown = work(record as LogRecord, options);
      if (result === null) return;
      const records: readonly unknown[] = Array.isArray(result) ? result : [result ?? record];
      for (const one of records) {
        if (!(one instanceof LogRecord)) throw new TypeError(`${shown} gave ${nameOf(one)} instead of a record`);
      }
      for (const one of records) next.onEmit(one as LogRecord, context);
    },
    forceFlush: () => next.forceFlush(),
    shutdown: () => next.shutdown(),
  };
}

function nameOf(value: unknown): string {
  if (value instanceof Promise) return 'a promise (processors are synchronous)';
  return value === null ? 'null in a list' : `a value of type ${typeof value}`;
}

type Class = new (options: unknown) => unknown;

function isClass(value: unknown): value is Class {
  return (
    typeof value === 'function' && typeof (value.prototype as { onEmit?: unknown } | undefined)?.onEmit === 'function'
  );
}

function isProcessor(value: unknown): value is LogRecordProcessor {
  return typeof value === 'object' && value !== null && typeof (value as LogRecordProcessor).onEmit === 'function';
}
