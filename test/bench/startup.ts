/** How long `run` takes to be ready, what it loads for that, and what the package and each dependency take on disk and to load. */
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { executable } from '../support/agent-process.ts';
import { repository } from '../support/shared.ts';
import { agentConfiguration } from './agent.ts';
import { bytesIn } from './disk-use.ts';
import { median } from './figures.ts';
import type { Row } from './rows.ts';

const ROUNDS = 7;
const MIB = 2 ** 20;

export async function benchStartup(): Promise<Row[]> {
  const bare = await timesOf(() => nodeTime(['-e', '0']));
  return [
    { name: 'Node.js alone, from spawn to its end', value: bare, unit: 'ms' },
    { name: '--version', value: await timesOf(() => nodeTime([executable, '--version'])), unit: 'ms' },
    { name: 'run, from spawn to ready', value: await timesOf(() => readyTime()), unit: 'ms' },
    ...(await coldRows()),
    ...(await installedRows(bare)),
  ];
}

async function timesOf(once: () => Promise<number>): Promise<number> {
  const times: number[] = [];
  for (let round = 0; round < ROUNDS; round++) times.push(await once());
  return median(times);
}

async function nodeTime(args: readonly string[]): Promise<number> {
  const began = performance.now();
  const child = spawn(process.execPath, args, { stdio: 'ignore' });
  const [code] = (await once(child, 'exit')) as [number | null];
  if (code !== 0) throw new Error(`node ${args.join(' ')} ended with ${code}`);
  return performance.now() - began;
}

/** With one integration and one exporter, on an empty directory. */
async function readyTime(): Promise<number> {
  const directory = await mkdtemp(join(tmpdir(), 'intercom-otel-agent-bench-'));
  try {
    const file = join(directory, 'agent.yaml');
    await writeFile(file, JSON.stringify(agentConfiguration({}, { directory, sinkUrl: 'http://127.0.0.1:9' })));
    const began = performance.now();
    const child = spawn(process.execPath, [executable, 'run', '--config', file], {
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    const ended = once(child, 'exit');
    let said = '';
    for await (const chunk of child.stderr) {
      said += String(chunk);
      if (said.includes('Everything is ready')) break;
    }
    const taken = performance.now() - began;
    child.kill('SIGKILL');
    await ended;
    if (!said.includes('Everything is ready')) throw new Error(`the agent did not start: ${said}`);
    return taken;
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

/** Its files dropped from the system's cache, one by one, as far as the system does it; Node.js itself stays. */
async function coldRows(): Promise<Row[]> {
  const drop = ['-c', 'find "$@" -type f -exec dd if={} iflag=nocache count=0 status=none \\;', 'drop'];
  const places = [join(repository, 'dist'), ...(await dependencies()).map(({ path }) => join(repository, path))];
  if (process.platform !== 'linux' || spawnSync('sh', [...drop, join(repository, 'dist')]).status !== 0) return [];
  const value = await timesOf(() => {
    spawnSync('sh', [...drop, ...places]);
    return readyTime();
  });
  return [{ name: 'run, from spawn to ready, its files not cached', value, unit: 'ms' }];
}

interface Dependency {
  readonly path: string;
  readonly isDirect: boolean;
}

/** What `npm install` of the package brings, by the lockfile. */
async function dependencies(): Promise<Dependency[]> {
  const read = async (file: string) => JSON.parse(await readFile(join(repository, file), 'utf8'));
  const { packages } = (await read('package-lock.json')) as {
    packages: Record<string, { dev?: boolean; devOptional?: boolean; optional?: boolean }>;
  };
  const { dependencies: direct } = (await read('package.json')) as { dependencies: Record<string, string> };
  return Object.entries(packages)
    .filter(([path, { dev, devOptional }]) => path.startsWith('node_modules/') && !dev && !devOptional)
    .map(([path]) => ({ path, isDirect: path.slice('node_modules/'.length) in direct }));
}

/** @param bare what Node.js alone takes, in ms */
async function installedRows(bare: number): Promise<Row[]> {
  const all = await dependencies();
  const sizes = await Promise.all(
    all.map(async ({ path, isDirect }) => ({
      ...{ path, isDirect, name: path.slice('node_modules/'.length) },
      bytes: await bytesIn(join(repository, path)).catch(() => 0),
    })),
  );
  const own = await bytesIn(join(repository, 'dist'));
  const rows: Row[] = [
    { name: 'dist', value: own / MIB, unit: 'MiB' },
    { name: `${all.length} packages`, value: sizes.reduce((sum, { bytes }) => sum + bytes, 0) / MIB, unit: 'MiB' },
  ];
  for (const { name, bytes } of sizes.sort((a, b) => b.bytes - a.bytes).filter((one) => one.bytes > MIB / 4))
    rows.push({ name: `  ${name}`, value: bytes / MIB, unit: 'MiB' });
  for (const { name } of sizes.filter(({ isDirect }) => isDirect)) {
    const load = ['--input-type=module', '-e', `await import(${JSON.stringify(name)})`];
    // Some have nothing to import but files of data.
    const value = await timesOf(() => nodeTime(load)).catch(() => undefined);
    if (value !== undefined) rows.push({ name: `loading ${name} alone`, value: value - bare, unit: 'ms' });
  }
  return rows;
}
