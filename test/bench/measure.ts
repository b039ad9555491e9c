import { setTimeout as sleep } from 'node:timers/promises';
import { cpuMicros } from '../support/process-cpu.ts';
import { anonymousMemory, MemoryWatch, residentMemory } from '../support/process-memory.ts';
import type { SendingResult } from '../support/sender.process.ts';
import { startSending } from '../support/sender.ts';
import { bytesIn } from './disk-use.ts';
import type { Figures } from './figures.ts';
import type { Sink } from './sink.ts';
import type { Subject } from './subject.ts';

export interface Lengths {
  readonly warmUpSeconds: number;
  readonly closedSeconds: number;
  /** 0: there is no open loop. */
  readonly openSeconds: number;
  /** Of the open loop, in a second. */
  readonly rate: number;
}

export interface Load extends Lengths {
  readonly bytes: number;
  readonly connections: number;
  /** Exporters, each with a lane of the sink; 0: nothing comes out of the subject. */
  readonly lanes: number;
}

/** Numbers of notifications go on from part to part: none is sent twice. */
interface Course {
  next: number;
  accepted: number;
}

/** A closed loop for what it can do and costs, then an open one for how long answers take. Nothing else may run. */
export async function measure(subject: Subject, sink: Sink, load: Load): Promise<Figures> {
  await sink.forget(Math.max(1, load.lanes));
  const course: Course = { next: 0, accepted: 0 };
  const part = (seconds: number, rate?: number) => run(subject, sink, load, course, seconds, rate);
  await part(load.warmUpSeconds);
  const watches = [residentMemory, anonymousMemory].map((read) => new MemoryWatch(subject.pid, 100, read));
  const kept = await diskOf(subject);
  const closed = await part(load.closedSeconds);
  const keptAfter = await diskOf(subject);
  const open = load.openSeconds > 0 ? await part(load.openSeconds, load.rate) : undefined;
  const [rss, anonymous] = await Promise.all(watches.map((watch) => watch.peak()));
  for (const watch of watches) watch.stop();
  const { result } = closed;
  return {
    cpu: closed.micros / closed.accepted,
    ...(load.lanes > 0 && { throughput: (closed.accepted * 1000) / (closed.arrived - result.began) }),
    intake: (closed.accepted * 1000) / (result.ended - result.began),
    closedP99: result.answer.p99,
    ...(open && {
      openCpu: open.micros / open.accepted,
      openP50: open.result.answer.p50,
      openP99: open.result.answer.p99,
      openP999: open.result.answer.p999,
    }),
    ...(rss !== undefined && { rss }),
    ...(anonymous !== undefined && { anonymous }),
    ...(subject.data && { kept: (keptAfter - kept) / closed.accepted }),
  };
}

interface Part {
  readonly result: SendingResult;
  readonly accepted: number;
  /** CPU of the subject until everything had arrived. */
  readonly micros: number;
  /** When the last notification arrived, milliseconds since the epoch. */
  readonly arrived: number;
}

async function run(
  { pid, port, paths, secret }: Subject,
  sink: Sink,
  { bytes, connections, lanes }: Load,
  course: Course,
  seconds: number,
  rate?: number,
): Promise<Part> {
  const before = await cpuMicros(pid);
  const sending = { port, paths, secret, seconds, connections, bytes, first: course.next };
  const result = await startSending(rate === undefined ? sending : { ...sending, rate }).result;
  course.next += result.sent;
  const { statuses, broken } = result;
  const accepted = statuses[200] ?? 0;
  if (accepted === 0 || accepted !== result.sent)
    throw new Error(
      `of ${result.sent} not all were accepted: ${JSON.stringify(statuses)}, ${broken} connections broke`,
    );
  course.accepted += accepted;
  const arrived = lanes > 0 ? await sink.reached(course.accepted) : [];
  // What follows the last request belongs to it: cursors are saved, garbage is collected.
  await sleep(300);
  return {
    ...{ result, accepted, micros: (await cpuMicros(pid)) - before },
    arrived: arrived.reduce((last, lane) => Math.max(last, lane.lastAt), 0),
  };
}

async function diskOf({ data }: Subject): Promise<number> {
  return data === undefined ? 0 : bytesIn(data);
}
