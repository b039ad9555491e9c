// Makes a fresh clone ready: installs what the lockfile names and builds what is older than its sources. Used by every
// script of package.json, so that each works alone.
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = fileURLToPath(new URL('..', import.meta.url));

/** Runs a program with our output; ends this process with its exit code when it fails. */
export function run(command, args, options = {}) {
  const result = spawnSync(command, args, { cwd: root, stdio: 'inherit', ...options });
  if (result.error) throw result.error;
  if (result.status !== 0) process.exit(result.status ?? 1);
}

function newest(path) {
  if (!existsSync(path)) return 0;
  const stat = statSync(path);
  if (!stat.isDirectory()) return stat.mtimeMs;
  return Math.max(stat.mtimeMs, ...readdirSync(path).map((name) => newest(join(path, name))));
}

export function install() {
  const [major, minor] = process.versions.node.split('.').map(Number);
  if (major < 20 || (major === 20 && minor < 19)) {
    process.stderr.write(`intercom-otel-agent needs Node.js 20.19 or newer; this is ${process.version}.\n`);
    process.exit(1);
  }
  const installed = join(root, 'node_modules/.package-lock.json');
  if (newest(installed) >= newest(join(root, 'package-lock.json'))) return;
  process.stderr.write('Installing dependencies (once) ...\n');
  // npm's own talk goes to stderr, so that data on stdout stays clean.
  const npm = (...args) =>
    spawnSync('npm', [...args, '--no-audit', '--no-fund', '--loglevel=error'], {
      cwd: root,
      stdio: ['ignore', 2, 2],
      shell: process.platform === 'win32',
    }).status === 0;
  // npm ci insists on optional packages for other platforms, which a mirror of the registry may not have.
  if (npm('ci') || npm('install', '--no-save')) return;
  process.stderr.write('Installing failed; npm says above why.\n');
  process.exit(1);
}

/** The linter and its like: see tools/package.json. */
export function installTools() {
  const tools = join(root, 'tools');
  if (newest(join(tools, 'node_modules/.package-lock.json')) >= newest(join(tools, 'package.json'))) return;
  run('npm', ['install', '--no-package-lock', '--no-audit', '--no-fund', '--loglevel=error'], {
    cwd: tools,
    stdio: ['ignore', 2, 2],
    shell: process.platform === 'win32',
  });
}

const tsc = join(root, 'node_modules/typescript/bin/tsc');

/** Compiles src/ to dist/, and puts what the command line runs into few files: see bundle.mjs. */
export async function build({ clean = false } = {}) {
  install();
  if (clean) rmSync(join(root, 'dist'), { recursive: true, force: true });
  const sources = Math.max(
    newest(join(root, 'src')),
    newest(join(root, 'tsconfig.json')),
    newest(join(root, 'package-lock.json')),
  );
  if (newest(join(root, 'dist/bundle/main.js')) > sources) return;
  process.stderr.write('Building (once) ...\n');
  rmSync(join(root, 'dist'), { recursive: true, force: true });
  run(process.execPath, [tsc, '-p', 'tsconfig.json'], { stdio: ['ignore', 2, 2] });
  // Not before the packages are there.
  const { bundle } = await import('./bundle.mjs');
  await bundle(root);
}

/** Compiles sources and tests together into .build/. */
export function buildTests() {
  install();
  run(process.execPath, [tsc, '-p', 'test/tsconfig.json'], { stdio: ['ignore', 2, 2] });
}
