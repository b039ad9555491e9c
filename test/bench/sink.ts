import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { LaneCount, SinkQuestion } from './sink.process.ts';

/** Numbers of notifications of one scenario are below it. */
const NUMBERS = 100_000_000;
const LOOK_MS = 25;

export class Sink {
  readonly #child: ChildProcess;
  readonly url: string;

  static async start(): Promise<Sink> {
    const child = fork(fileURLToPath(new URL('./sink.process.js', import.meta.url)));
    const [url] = (await once(child, 'message')) as [string];
    return new Sink(child, url);
  }

  private constructor(child: ChildProcess, url: string) {
    this.#child = child;
    this.url = url;
  }

  forget(lanes: number): Promise<LaneCount[]> {
    return this.#ask({ ask: 'forget', numbers: NUMBERS, lanes });
  }

  counts(): Promise<LaneCount[]> {
    return this.#ask({ ask: 'count' });
  }

  refuse(refuse: boolean): Promise<LaneCount[]> {
    return this.#ask({ ask: refuse ? 'refuse' : 'accept' });
  }

  /** Resolves when every lane has so many distinct notifications; fails when for half a minute nothing comes. */
  async reached(distinct: number): Promise<readonly LaneCount[]> {
    let before = -1;
    for (let since = Date.now(); ; ) {
      const lanes = await this.counts();
      const least = Math.min(...lanes.map((lane) => lane.distinct));
      if (least >= distinct) return lanes;
      const sum = lanes.reduce((total, lane) => total + lane.distinct, 0);
      if (sum !== before) since = Date.now();
      before = sum;
      if (Date.now() - since > 30_000) throw new Error(`only ${least} of ${distinct} notifications arrived`);
      await sleep(LOOK_MS);
    }
  }

  stop(): void {
    this.#child.kill('SIGKILL');
  }

  async #ask(question: SinkQuestion): Promise<LaneCount[]> {
    this.#child.send(question);
    const [answer] = (await once(this.#child, 'message')) as [LaneCount[]];
    return answer;
  }
}
