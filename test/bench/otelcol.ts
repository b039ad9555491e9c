import { join } from 'node:path';
import { freePort } from '../support/agent-process.ts';
import { repository } from '../support/shared.ts';
import { startPeer } from './peer.ts';
import type { StartSubject } from './subject.ts';

export type Queue = 'memory' | 'file' | 'file synced';

/** The Collector with the configuration of test/bench/otelcol/. */
export function otelcol(binary: string, queue: Queue): StartSubject {
  return async ({ directory, sinkUrl }) => {
    const port = await freePort();
    const data = join(directory, 'data');
    const files = ['base.yaml', ...(queue === 'memory' ? [] : ['file-storage.yaml'])];
    const program = await startPeer({
      binary,
      sign: { url: `http://127.0.0.1:${port}/health_check`, status: 200 },
      args: files.flatMap((file) => ['--config', join(repository, 'test/bench/otelcol', file)]),
      env: {
        ...{ BENCH_PORT: String(port), BENCH_SINK: sinkUrl, BENCH_DATA: data },
        BENCH_FSYNC: String(queue === 'file synced'),
      },
    });
    return { ...program, port, paths: ['/events'], secret: '', ...(queue !== 'memory' && { data }) };
  };
}
