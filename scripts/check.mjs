// npm run check: format and lint, types of sources and tests, unused code and dependencies.
import { join } from 'node:path';
import { install, installTools, root, run } from './prepare.mjs';

install();
installTools();
run(process.execPath, [join(root, 'tools/node_modules/@biomejs/biome/bin/biome'), 'check', '--error-on-warnings']);
run(process.execPath, [join(root, 'node_modules/typescript/bin/tsc'), '-p', 'test/tsconfig.json', '--noEmit']);
run(process.execPath, [join(root, 'tools/node_modules/knip/bin/knip.js')]);
