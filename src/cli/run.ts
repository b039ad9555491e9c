import { availableParallelism } from 'node:os';
import { Agent } from '../agent/agent.ts';
import { startWatchdog } from '../agent/watchdog.ts';
import { delay, systemClock } from '../clock.ts';
import type { ConfigurationOptions } from './configuration.ts';
import { EXIT } from './exit.ts';
import { reloadableLogger } from './logger.ts';
import { Command, withConfig } from './options.ts';
import { version } from './package.ts';
import { ConfigurationReader } from './reloading.ts';

/** From the signal to the end of the process at most: orchestrators kill after 30 s, and users were promised 25. */
const END_MS = 24_000;
/** When what is still under way is cut. Every component has a second more to notice. */
const CUT_MS = 18_000;
/** The agent's own talk is worth this much waiting. */
const LAST_WORDS_MS = 1000;

export function runCommand(): Command {
  return withConfig(new Command('run'))
    .description(
      'Runs the agent. SIGTERM and SIGINT drain and stop it, a second one at once; SIGHUP reloads the configuration and reopens files.',
    )
    .option('--watch', 'reload the configuration when a local file that it is read from changes')
    .action(runAgent);
}

/** Runs until a signal, then ends the process: something that hangs must not keep it. */
async function runAgent(options: ConfigurationOptions & { watch?: boolean }): Promise<void> {
  const reader = new ConfigurationReader(options, systemClock);
  const config = await reader.first();
  const logger = reloadableLogger(config.service.telemetry);
  const { log } = logger;
  const agent = new Agent({
    ...{ config, version, log, clock: systemClock, random: Math.random },
    offload: availableParallelism() > 1 && !options.featureGates?.on.has('agent.singleThread'),
    onTelemetry: (telemetry) => logger.switchTo(telemetry),
  });
  const reload = () => agent.reload(() => reader.again(log));
  // Also when the disk that takes the log is full: the events are worth more than the talk about them.
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => {});
  const end = async (code: number) => {
    await Promise.race([logger.shutdown(), delay(systemClock, LAST_WORDS_MS)]);
    process.exit(code);
  };
  startWatchdog();
  const signals = stopSignal();
  const starting = agent.start();
  // A start that fails is told below.
  const started = starting.catch(() => new Promise<never>(() => {}));
  process.on('SIGHUP', () => {
    logger.reopen();
    log.info('SIGHUP: reopening files and reloading the configuration.');
    void agent.reopen();
    void started.then(reload);
  });
  const stopping = Promise.race([signals, agent.lost, starting.then(() => new Promise<never>(() => {}))]);
  try {
    await Promise.race([starting, stopping]);
  } catch (error) {
    log.error('The agent could not start.', { reason: error instanceof Error ? error.message : String(error) });
    return end(EXIT.failed);
  }
  if (options.watch) void started.then(() => reader.watch(log, reload));
  const why = await stopping;
  systemClock.schedule(END_MS, () => process.exit(EXIT.done));
  if (why instanceof Error) log.error('The agent cannot go on and stops.', { reason: why.message });
  else log.info('Stopping.', { signal: why });
  const deadline = new AbortController();
  systemClock.schedule(CUT_MS, () => deadline.abort());
  // A person at a terminal waits for nobody's load balancer.
  await agent.shutdown({ deadline: deadline.signal, delayed: why === 'SIGTERM' });
  return end(why instanceof Error ? EXIT.failed : EXIT.done);
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
