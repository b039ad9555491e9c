/** Stuck for ever after a start that looks well: for watchdog.test.ts. */
import { startWatchdog } from '../../src/agent/watchdog.ts';

startWatchdog(Number(process.argv[2]));
setTimeout(() => {
  process.stdout.write('stuck\n');
  if (process.argv[3] === 'never') return;
  for (;;);
}, 50);
if (process.argv[3] === 'never') setTimeout(() => process.exit(0), 4000);
