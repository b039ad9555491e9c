import { readdir, readFile } from 'node:fs/promises';

/** Linux counts in ticks for /proc, a hundred a second. */
const TICK_MICROS = 10_000;

/** User and system time of a process and its threads, in microseconds; exact to 10 ms. */
export async function cpuMicros(pid: number): Promise<number> {
  return ticks(await readFile(`/proc/${pid}/stat`, 'utf8')) * TICK_MICROS;
}

export interface ThreadTime {
  readonly thread: number;
  /** As the system calls it; the first of Node.js is `node`. */
  readonly name: string;
  readonly micros: number;
}

/** The same of each thread that lives. */
export async function threadMicros(pid: number): Promise<ThreadTime[]> {
  const threads = await readdir(`/proc/${pid}/task`);
  return Promise.all(
    threads.map(async (thread) => {
      const stat = await readFile(`/proc/${pid}/task/${thread}/stat`, 'utf8');
      const name = stat.slice(stat.indexOf('(') + 1, stat.lastIndexOf(')'));
      return { thread: Number(thread), name, micros: ticks(stat) * TICK_MICROS };
    }),
  );
}

function ticks(stat: string): number {
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return Number(fields[11]) + Number(fields[12]);
}
