import { join } from 'node:path';
import { freePort, SECRET } from '../support/agent-process.ts';
import { repository } from '../support/shared.ts';
import { startPeer } from './peer.ts';
import type { StartSubject } from './subject.ts';

/** Benthos with the configuration of test/bench/benthos/. */
export function benthos(binary: string): StartSubject {
  return async ({ sinkUrl }) => {
    const port = await freePort();
    const program = await startPeer({
      binary,
      // It takes nothing but a POST.
      sign: { url: `http://127.0.0.1:${port}/events`, status: 405 },
      args: ['-c', join(repository, 'test/bench/benthos/base.yaml')],
      env: { BENCH_PORT: String(port), BENCH_SINK: sinkUrl, BENCH_SECRET: SECRET },
    });
    return { ...program, port, paths: ['/events'], secret: SECRET };
  };
}
