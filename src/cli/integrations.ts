import { existsSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { AgentConfig } from '../config/model.ts';
import { dataDirectoryOf } from '../control/data-directory.ts';
import type { IntercomConfig } from '../receivers/intercom/config.ts';
import { integrationUrls, resolveUrlKey } from '../receivers/intercom/urls.ts';
import { CommandError, EXIT } from './exit.ts';

type Integration = IntercomConfig['integrations'][number];

/** One integration of a configuration, with all that a command needs to reach it. */
export interface Target {
  readonly receiver: string;
  readonly config: IntercomConfig;
  readonly integration: Integration;
  /** Path on the door. A secret as far as logs are concerned. */
  readonly path: string;
  /** What goes into Intercom. */
  readonly url: string;
}

/**
 * The integrations of every `intercom` receiver, in the order of the file. Makes the data directory and its key of URLs
 * when they are missing, so that the URLs are those that the agent will have.
 */
export async function targets(config: AgentConfig): Promise<Target[]> {
  const found: Target[] = [];
  for (const { id, type, config: settings } of config.receivers.values()) {
    if (type !== 'intercom') continue;
    const receiver = settings as IntercomConfig;
    const directory = dataDirectoryOf(config);
    const needsKey = !receiver.url_key && receiver.integrations.some(({ path }) => path === undefined);
    if (needsKey) await mkdir(directory, { recursive: true, mode: 0o700 });
    if (needsKey && !existsSync(join(directory, 'url_key'))) {
      process.stderr.write(
        `A new key of URLs was made: ${join(directory, 'url_key')}. These URLs hold for an agent that uses this directory.\nElsewhere they differ: run this where the agent runs, or set receivers::${id}::url_key.\n`,
      );
    }
    const urls = integrationUrls(receiver, await resolveUrlKey(receiver, directory));
    for (const [index, integration] of receiver.integrations.entries()) {
      const { path, url } = urls[index] as (typeof urls)[number];
      found.push({ receiver: id, config: receiver, integration, path, url });
    }
  }
  if (found.length === 0)
    throw new CommandError('the configuration has no receiver of the type "intercom"', EXIT.usage);
  return found;
}

/** The secret that signs: the first of several, which is the one that stays. */
export function signingSecret({ client_secret, client_secrets }: Integration): string | undefined {
  return (client_secret ?? client_secrets?.[0])?.reveal();
}
