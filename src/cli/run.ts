import { Agent } from '../agent/agent.ts';
import { systemClock } from '../clock.ts';
import type { AgentConfig } from '../config/model.ts';
import { type ConfigurationOptions, requireConfig } from './configuration.ts';
import { CommandError } from './exit.ts';
import { agentLogger } from './logger.ts';
import { Command, withConfig } from './options.ts';
import { version } from './package.ts';

/** From the signal to the end of the process, at most; orchestrators kill after 30 s. */
const STOP_MS = 23_000;

export function runCommand(): Command {
  return withConfig(new Command('run'))
    .description('Runs the agent. SIGTERM and SIGINT drain and stop it, a second one at once; SIGHUP reopens files.')
    .action(async (options: ConfigurationOptions) => runAgent(await requireConfig(options)));
}

/** Runs until a signal. Resolves when everything is stopped. */
async function runAgent(config: AgentConfig): Promise<void> {
  const logger = agentLogger(config.service.telemetry);
  const { log } = logger;
  const agent = new Agent({ config, version, log, clock: systemClock, random: Math.random });
  const signals = stopSignal();
  const reopen = () => {
    log.info('SIGHUP: reopening files.');
    void agent.reopen();
  };
  process.on('SIGHUP', reopen);
  try {
    await agent.start();
  } catch (error) {
    throw new CommandError(error instanceof Error ? error.message : String(error));
  }
  const signal = await signals;
  log.info('Stopping.', { signal });
  const deadline = new AbortController();
  const timer = systemClock.schedule(STOP_MS, () => deadline.abort());
  // A person at a terminal waits for nobody's load balancer.
  await agent.shutdown({ deadline: deadline.signal, delayed: signal === 'SIGTERM' });
  timer.cancel();
  process.off('SIGHUP', reopen);
  await logger.shutdown();
}

/** Resolves with the first signal to stop; a second one ends the process at once. */
export function stopSignal(): Promise<'SIGTERM' | 'SIGINT'> {
  return new Promise((resolve) => {
    let asked = false;
    for (const [signal, number] of [
      ['SIGTERM', 15],
      ['SIGINT', 2],
    ] as const) {
      process.on(signal, () => {
        if (asked) process.exit(128 + number);
        asked = true;
        resolve(signal);
      });
    }
  });
}
