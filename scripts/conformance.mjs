// npm run conformance: the recorded cases of the Collector, see test/conformance/main.ts.
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { buildTests, root } from './prepare.mjs';

buildTests();
const program = join(root, '.build/test/conformance/main.js');
const { status } = spawnSync(process.execPath, ['--enable-source-maps', program], {
  cwd: root,
  stdio: 'inherit',
  env: { ...process.env, TEST_ARGS: JSON.stringify(process.argv.slice(2)) },
});
process.exit(status ?? 1);
