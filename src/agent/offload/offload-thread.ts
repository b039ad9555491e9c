/** The thread of thread.ts: entries in, encoded records out, by the same routes as a delivery's. */
import { type MessagePort, parentPort, workerData } from 'node:worker_threads';
import { systemClock } from '../../clock.ts';
import type { ProcessorFactory, ReceiverFactory } from '../../component.ts';
import type { Configured } from '../../config/model.ts';
import { Routes } from '../../delivery/routes.ts';
import type { Entry } from '../../journal/journal.ts';
import { noAuthenticators } from '../../net/auth.ts';
import { decoders, processors } from '../../processing-registry.ts';
import type { LogRecord } from '../../record/log-record.ts';
import type { Log, LogFields } from '../../telemetry/log.ts';
import { decodingBySource, routesOf } from '../components.ts';
import type { Block } from './blueprint.ts';
import { unpackEntries } from './entries.ts';
import { fromPortable } from './portable.ts';
import type { FromThread, Job, ThreadData, ToThread } from './protocol.ts';
import { RecordPacker } from './records.ts';

const port = parentPort as MessagePort;
const { blueprint } = workerData as ThreadData;
const { version, directory } = blueprint;
const log = logTo({});
const config = { processors: new Map(await Promise.all(blueprint.processors.map(loadProcessor))) };
const createDecode = new Map(await Promise.all(Object.entries(decoders).map(loadDecoder)));
const settings = new Map(blueprint.receivers.map((receiver) => [receiver.id, fromPortable(receiver.config)]));
const decode = decodingBySource((source) => {
  const create = createDecode.get(typeOf(source));
  if (!create) throw new Error(`no receiver of the type "${typeOf(source)}"`);
  return create(settings.get(source), { version });
});
const pipelines = new Map(
  blueprint.pipelines.map((pipeline) => [pipeline.id, new Routes(routesOf(config, pipeline, contextOf), stray)]),
);
const packer = new RecordPacker();

port.on('message', (message: ToThread) => {
  if (message.kind === 'end') process.exit();
  work(message);
});
send({ kind: 'ready' });

function work({ number, pipeline, encoding, entries }: Job): void {
  const routes = pipelines.get(pipeline) as Routes;
  const records = packer.pack(unpackEntries(entries), encoding, (entry) => make(routes, entry));
  send({ kind: 'done', number, records }, [records.bytes.buffer]);
}

/** undefined where it fails: the delivery does the same again, and sees why. */
function make(routes: Routes, entry: Entry): LogRecord[] | undefined {
  try {
    return routes.run(entry, decode);
  } catch {
    return undefined;
  }
}

function contextOf(kind: string, id: string) {
  return {
    ...{ id, version, log: log.with({ [kind]: id }), clock: systemClock, random: Math.random },
    authenticators: noAuthenticators,
    ...(directory !== undefined && { configDirectory: directory }),
  };
}

async function loadProcessor({ id, type, config: portable }: Block): Promise<[string, Configured<ProcessorFactory>]> {
  const factory = await processors[type]?.();
  if (!factory) throw new Error(`BUG: no processor of the type ${type}`);
  return [id, { id, type, factory, config: fromPortable(portable) }];
}

async function loadDecoder([type, load]: [string, () => Promise<ReceiverFactory['decoder']>]) {
  return [type, await load()] as const;
}

function typeOf(source: string): string {
  return source.split('/')[0] as string;
}

function stray(): void {
  log.error('BUG: a processor forwarded a record after its onEmit had returned; it was counted as filtered.');
}

function logTo(fields: LogFields): Log {
  const at = (level: 'debug' | 'info' | 'warn' | 'error') => (message: string, more?: LogFields) =>
    send({ kind: 'log', level, message, fields: { ...fields, ...more } });
  return {
    ...{ debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') },
    with: (more) => logTo({ ...fields, ...more }),
  };
}

function send(message: FromThread, transfer: readonly ArrayBuffer[] = []): void {
  port.postMessage(message, transfer);
}
