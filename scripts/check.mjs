// npm run check: format and lint, types of sources and tests, unused code and dependencies.
import { join } from 'node:path';
import { install, root, run } from './prepare.mjs';

install();
const bin = (path) => join(root, 'node_modules', path);
run(process.execPath, [bin('@biomejs/biome/bin/biome'), 'check', '--error-on-warnings']);
run(process.execPath, [bin('typescript/bin/tsc'), '-p', 'test/tsconfig.json', '--noEmit']);
run(process.execPath, [bin('knip/bin/knip.js')]);
