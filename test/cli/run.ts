/** Runs commands: those that were compiled together with the test, so that no build is needed before. */
import { type ChildProcess, fork, spawn } from 'node:child_process';
import { once } from 'node:events';
import { after } from 'node:test';
import { fileURLToPath } from 'node:url';
import type { Asked } from './commands.process.ts';

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));
const env = { ...process.env, NO_COLOR: '1' };

export interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

let helper: { child: ChildProcess; exited: Promise<undefined> } | undefined;
let last: Promise<unknown> = Promise.resolve();
after(() => helper?.child.kill());

/** To its end. Commands that are asked for at the same time run one after the other. */
export function run(args: readonly string[], { cwd = process.cwd() }: { cwd?: string } = {}): Promise<Ended> {
  const turn = last.then(async () => {
    helper ??= startHelper();
    const { child, exited } = helper;
    const answered = new Promise<Ended>((resolve) => child.once('message', resolve));
    child.send({ args, cwd } satisfies Asked);
    const ended = await Promise.race([answered, exited]);
    if (!ended) throw new Error(`the process ended during ${args.join(' ')}`);
    return ended;
  });
  last = turn.catch(() => {});
  return turn;
}

function startHelper() {
  const child = fork(here('./commands.process.js'), { env, stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
  return { child, exited: once(child, 'exit').then(() => undefined) };
}

export interface Running {
  readonly ended: Promise<Ended>;
  /** Resolves when what it has printed matches, or it has ended. */
  printed(pattern: RegExp): Promise<void>;
  stop(): void;
}

/** In a process of its own: for what goes on until it is stopped. */
export function start(args: readonly string[]): Running {
  const child = spawn(process.execPath, [here('../../src/cli/main.js'), ...args], {
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const printed = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr'] as const) {
    child[name].setEncoding('utf8').on('data', (text: string) => {
      printed[name] += text;
    });
  }
  const ended = new Promise<Ended>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => resolve({ code, ...printed }));
  });
  return {
    ended,
    printed: (pattern) =>
      new Promise((resolve) => {
        const look = () => pattern.test(printed.stdout) && resolve();
        child.stdout.on('data', look);
        void ended.finally(resolve);
        look();
      }),
    stop: () => void child.kill(),
  };
}
