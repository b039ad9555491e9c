/**
 * Runs one command after the other in one process, for starting one takes longer than what it does. Each evaluates the
 * program's main module anew, with its own command line and what it prints kept apart.
 */
import { pathToFileURL } from 'node:url';

export interface Asked {
  readonly args: readonly string[];
  readonly cwd: string;
  readonly env: NodeJS.ProcessEnv;
}

const [, , main = ''] = process.argv;
let number = 0;

/** Main listens for errors of both. */
process.stdout.setMaxListeners(0);
process.stderr.setMaxListeners(0);

process.on('message', (asked: Asked) => {
  void run(asked).then((ended) => process.send?.(ended));
});

async function run({ args, cwd, env }: Asked) {
  const printed = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr'] as const) {
    process[name].write = (chunk: string | Uint8Array) => {
      printed[name] += typeof chunk === 'string' ? chunk : Buffer.from(chunk).toString();
      return true;
    };
  }
  process.chdir(cwd);
  process.env = { ...env };
  process.argv = [process.execPath, main, ...args];
  process.exitCode = undefined;
  await import(`${pathToFileURL(main).href}?${number++}`);
  const code = process.exitCode ?? 0;
  process.exitCode = undefined;
  return { code, ...printed };
}
