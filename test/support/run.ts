/** Runs commands without a process for each, for starting one takes longer than what most commands do. */
import { type ChildProcess, fork, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { Asked } from './commands.process.ts';

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));
const main = here('../../src/cli/main.js');
const env = { ...process.env, NO_COLOR: '1' };

export interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

interface Options {
  readonly cwd?: string;
  /** Over the environment of the tests. */
  readonly env?: NodeJS.ProcessEnv;
}

/** To its end. Commands that are asked for at the same time run one after the other. */
export type Run = (args: readonly string[], options?: Options) => Promise<Ended>;

/** Those that were compiled together with the test, so that no build is needed before. */
export const run = commandsOf(main);

/** @param program path of a module that is the command line */
export function commandsOf(program: string): Run {
  let helper: { child: ChildProcess; exited: Promise<undefined> } | undefined;
  let last: Promise<unknown> = Promise.resolve();
  return (args, { cwd = process.cwd(), env: more } = {}) => {
    const turn = last.then(async () => {
      helper ??= startHelper(program);
      const { child, exited } = helper;
      child.channel?.ref();
      const answered = new Promise<Ended>((resolve) => child.once('message', resolve));
      child.send({ args, cwd, env: { ...env, ...more } } satisfies Asked);
      const ended = await Promise.race([answered, exited]);
      child.channel?.unref();
      if (!ended) throw new Error(`the process ended during ${args.join(' ')}`);
      return ended;
    });
    last = turn.catch(() => {});
    return turn;
  };
}

/** It ends when this process does, and does not keep it. */
function startHelper(program: string) {
  const child = fork(here('./commands.process.js'), [program], { env, stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
  child.unref();
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
  const child = spawn(process.execPath, [main, ...args], {
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
