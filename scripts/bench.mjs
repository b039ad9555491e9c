// npm run bench: figures of speed, see test/bench/main.ts. The agent that is measured is the built one.
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { build, buildTests, root } from './prepare.mjs';

await build();
buildTests();
const { status } = spawnSync(process.execPath, ['--enable-source-maps', join(root, '.build/test/bench/main.js')], {
  stdio: 'inherit',
  env: { ...process.env, TEST_ARGS: JSON.stringify(process.argv.slice(2)) },
});
process.exit(status ?? 1);
