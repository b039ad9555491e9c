import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { freePort } from '../support/agent-process.ts';
import { repository } from '../support/shared.ts';
import type { StartSubject } from './subject.ts';

export type Queue = 'memory' | 'file' | 'file synced';

/** The Collector with the configuration of test/bench/otelcol/. */
export function otelcol(binary: string, queue: Queue): StartSubject {
  return async ({ directory, sinkUrl }) => {
    const port = await freePort();
    const data = join(directory, 'data');
    const files = ['base.yaml', ...(queue === 'memory' ? [] : ['file-storage.yaml'])];
    const child = spawn(
      binary,
      files.flatMap((file) => ['--config', join(repository, 'test/bench/otelcol', file)]),
      {
        stdio: ['ignore', 'ignore', 'pipe'],
        env: {
          ...process.env,
          ...{ BENCH_PORT: String(port), BENCH_SINK: sinkUrl, BENCH_DATA: data },
          BENCH_FSYNC: String(queue === 'file synced'),
        },
      },
    );
    let said = '';
    child.stderr.on('data', (chunk: Buffer) => {
      said = (said + chunk.toString()).slice(-4000);
    });
    const ended = once(child, 'exit');
    for (let attempt = 0; !(await answers(`http://127.0.0.1:${port}/health_check`)); attempt++) {
      if (attempt > 100 || child.exitCode !== null) throw new Error(`the Collector does not run: ${said}`);
      await sleep(100);
    }
    return {
      ...{ pid: child.pid as number, port, paths: ['/events'], secret: '' },
      ...(queue !== 'memory' && { data }),
      stop: () => {
        child.kill('SIGKILL');
        return ended;
      },
    };
  };
}

async function answers(url: string): Promise<boolean> {
  try {
    return (await fetch(url)).ok;
  } catch {
    return false;
  }
}
