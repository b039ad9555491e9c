// Run by npm pack: the package carries an npm-shrinkwrap.json with the runtime part of our lockfile, so that whoever installs
// it gets exactly what was tested (an `overrides` of ours would count in this repository only). --remove takes it away again.
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './prepare.mjs';

const target = join(root, 'npm-shrinkwrap.json');
if (process.argv.includes('--remove')) rmSync(target, { force: true });
else {
  const lock = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8'));
  const packages = Object.fromEntries(Object.entries(lock.packages).filter(([, { dev }]) => !dev));
  const { devDependencies: _, ...self } = packages[''];
  writeFileSync(target, `${JSON.stringify({ ...lock, packages: { ...packages, '': self } }, null, 2)}\n`);
}
