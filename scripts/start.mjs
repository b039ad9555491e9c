// `npm start` is `node scripts/start.mjs demo`: the agent's own command line, after installing and building if need be.
import { build } from './prepare.mjs';

await build();
// npm runs scripts in the package's folder; paths on the command line are meant from where the user stands.
if (process.env.INIT_CWD) process.chdir(process.env.INIT_CWD);
process.argv.splice(1, 1, 'intercom-otel-agent');
await import('../dist/bundle/main.js');
