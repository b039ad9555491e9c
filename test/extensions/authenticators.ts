/** Authenticators as a configuration makes them, for tests of what uses them. */
import type { TestContext } from 'node:test';
import type { Clock } from '../../src/clock.ts';
import type { ConfigRemark, Extension, ExtensionContext, ExtensionFactory } from '../../src/component.ts';
import { noAuthenticators } from '../../src/net/auth.ts';
import { type Log, silentLog } from '../../src/telemetry/log.ts';
import { FakeClock } from '../support/fake-clock.ts';

/** The extension of this block, started; shut down after the test. */
export async function startExtension<Config>(
  t: Pick<TestContext, 'after'>,
  factory: ExtensionFactory<Config>,
  block: object,
  { clock = new FakeClock(), log = silentLog }: { clock?: Clock; log?: Log } = {},
): Promise<Extension> {
  const context: ExtensionContext = {
    ...{ id: factory.type, log, clock, random: Math.random, version: '0', authenticators: noAuthenticators },
    status: () => {
      throw new Error('nobody asks for the status');
    },
  };
  const extension = factory.create(factory.config.parse(block), context);
  t.after(() => extension.shutdown(AbortSignal.abort()));
  await extension.start();
  return extension;
}

/** `severity path: message` of everything that the schema or the check has to say. */
export function remarksOn<Config>(factory: ExtensionFactory<Config>, block: object): string[] {
  const parsed = factory.config.safeParse(block);
  if (!parsed.success) return parsed.error.issues.map(({ path, message }) => `error ${path.join('.')}: ${message}`);
  const text = ({ severity, path, message }: ConfigRemark) => `${severity} ${path.join('.')}: ${message}`;
  return (factory.check?.(parsed.data) ?? []).map(text);
}
