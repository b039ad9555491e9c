// `npm start` is `node scripts/start.mjs demo`: the agent's own command line, after installing and building if need be.
import { build } from './prepare.mjs';

build();
process.argv.splice(1, 1, 'intercom-otel-agent');
await import('../dist/cli/main.js');
