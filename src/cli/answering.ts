/** Who answers a command: the agent that runs on a data directory, or, when none does, the directory itself. */
import { existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { systemClock } from '../clock.ts';
import type { AgentConfig } from '../config/model.ts';
import { AuditLog, audited, thisPerson } from '../control/audit.ts';
import { ControlClient } from '../control/client.ts';
import { journalLimitOf } from '../control/data-directory.ts';
import { configuredDeliveries, DirectoryOperations } from '../control/directory.ts';
import { entryFacts } from '../control/entry-facts.ts';
import { fileAccess } from '../control/file-access.ts';
import type { Operations } from '../control/operations.ts';
import { socketPath, socketState, unusable } from '../control/socket.ts';
import { factories } from '../registry.ts';
import { createLogger } from '../telemetry/logger.ts';
import { wantsColour } from './configuration.ts';
import { type DataOptions, dataOf } from './data-options.ts';
import { CommandError } from './exit.ts';
import { say } from './printing.ts';

export interface Answering {
  readonly operations: Operations;
  /** An agent runs there, and answers. */
  readonly running: boolean;
  readonly directory: string;
}

/** @throws {CommandError} in words when there is neither an agent nor a journal, or this user may not ask */
export async function answering(options: DataOptions): Promise<Answering> {
  const { directory, config } = await dataOf(options);
  return answeringAt(directory, config);
}

/** @param tell hears, for people, who it is that answers when it is not the agent. @throws as `answering` */
export async function answeringAt(
  directory: string,
  config?: AgentConfig,
  tell: (text: string) => void = say,
): Promise<Answering> {
  const socket = socketPath(directory);
  const state = unusable(socket) === undefined ? await socketState(socket, systemClock) : 'none';
  if (state === 'forbidden') throw new CommandError(forbidden(directory));
  if (state === 'live') {
    return { operations: new ControlClient({ socket, who: thisPerson() }), running: true, directory };
  }
  if (!existsSync(join(directory, 'journal'))) {
    throw new CommandError(`${directory} holds no journal: it is no data directory, or no agent has run there yet`);
  }
  return { operations: onDirectory(directory, config, tell), running: false, directory };
}

function onDirectory(directory: string, config: AgentConfig | undefined, tell: (text: string) => void): Operations {
  const { log } = createLogger({
    level: 'warn',
    encoding: 'console',
    colour: wantsColour(process.stderr),
    write: (line) => process.stderr.write(line),
  });
  const journal = fileAccess({ directory, clock: systemClock, random: Math.random, log });
  const operations = new DirectoryOperations({
    journal: {
      async stored() {
        const stored = await journal.stored();
        tell(
          stored.running
            ? `An agent runs in ${directory}, but does not answer commands; this is what its directory says.`
            : `No agent runs in ${directory}; this is what the directory says.`,
        );
        return stored;
      },
      async owned() {
        const owned = await journal.owned();
        tell(`No agent runs in ${directory}; the directory itself is changed.`);
        return owned;
      },
    },
    facts: entryFacts(factories),
    ...(config && { configured: configuredDeliveries(config.service.pipelines), maxBytes: journalLimitOf(config) }),
    clock: systemClock,
    random: Math.random,
  });
  return audited(operations, new AuditLog({ directory, clock: systemClock, log }), thisPerson());
}

function forbidden(directory: string): string {
  const { uid } = statSync(directory, { throwIfNoEntry: false }) ?? {};
  const owner = uid === undefined ? 'another user' : `the user with the id ${uid}`;
  return `${directory} belongs to ${owner}: run the command as that user`;
}
