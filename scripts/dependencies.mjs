// Fails where a runtime dependency has an install script or is not pinned exactly, or where a lockfile names a registry.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './prepare.mjs';

const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
const lock = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8'));
const problems = [];

for (const [name, range] of Object.entries(manifest.dependencies)) {
  if (!/^\d+\.\d+\.\d+$/.test(range)) problems.push(`${name}: ${range} is not an exact version`);
}
let runtime = 0;
for (const [path, { dev, hasInstallScript, resolved }] of Object.entries(lock.packages)) {
  if (path === '') continue;
  if (!dev) runtime++;
  if (hasInstallScript && !dev) problems.push(`${path}: has an install script`);
  if (resolved) problems.push(`${path}: the lockfile names where it was fetched`);
}
for (const problem of problems) process.stderr.write(`${problem}\n`);
process.stdout.write(`${Object.keys(manifest.dependencies).length} runtime dependencies, ${runtime} packages in all\n`);
process.exitCode = problems.length > 0 ? 1 : 0;
