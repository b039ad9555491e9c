import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Subject } from './subject.ts';

const ATTEMPTS = 100;
const BETWEEN_MS = 100;

/** Where programs of others are, that we are measured against; see docs/benchmarks.md. */
export interface Peers {
  readonly otelcol?: string;
  readonly benthos?: string;
}

export interface PeerProgram {
  readonly binary: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  /** A GET of this has that answer when it works. */
  readonly sign: { readonly url: string; readonly status: number };
}

/** Resolves when it works. @throws {Error} with its last words when it does not */
export async function startPeer({ binary, args, env, sign }: PeerProgram): Promise<Pick<Subject, 'pid' | 'stop'>> {
  const child = spawn(binary, args, { stdio: ['ignore', 'ignore', 'pipe'], env: { ...process.env, ...env } });
  let said = '';
  child.stderr.on('data', (chunk: Buffer) => {
    said = (said + chunk.toString()).slice(-4000);
  });
  const ended = once(child, 'exit');
  for (let attempt = 0; !(await isGiven(sign)); attempt++) {
    if (attempt > ATTEMPTS || child.exitCode !== null) throw new Error(`${binary} does not run: ${said}`);
    await sleep(BETWEEN_MS);
  }
  return {
    pid: child.pid as number,
    stop: () => {
      child.kill('SIGKILL');
      return ended;
    },
  };
}

async function isGiven({ url, status }: PeerProgram['sign']): Promise<boolean> {
  try {
    const answer = await fetch(url);
    await answer.arrayBuffer();
    return answer.status === status;
  } catch {
    return false;
  }
}
