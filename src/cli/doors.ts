/** The integrations of a configuration for those who only look: no key of URLs is made for it. */
import type { AgentConfig } from '../config/model.ts';
import type { Door } from '../doctor/url.ts';
import type { IntercomConfig } from '../receivers/intercom/config.ts';
import { findUrlKey, integrationUrls } from '../receivers/intercom/urls.ts';
import { signingSecret } from './integrations.ts';
import { localOrigin } from './webhook.ts';

/** @param known their URLs are wanted. @throws {Error} in words, where the key for them is not to be had */
export async function doorsOf(config: AgentConfig, directory: string, known: boolean): Promise<Door[]> {
  const doors: Door[] = [];
  for (const receiver of receiversOf(config)) {
    if (!known) {
      doors.push(...receiver.integrations.map(({ name }) => ({ integration: name })));
      continue;
    }
    const key = needsKey(receiver) ? (receiver.url_key ?? (await keyIn(directory))) : undefined;
    const origin = localOrigin(receiver);
    for (const [index, { name, path, url }] of integrationUrls(receiver, key).entries()) {
      const secret = signingSecret(receiver.integrations[index] as IntercomConfig['integrations'][number]);
      doors.push({
        integration: name,
        ...(receiver.public_url !== undefined && { publicUrl: new URL(url) }),
        // Port 0 is whichever was free.
        ...(!origin.endsWith(':0') && { localUrl: new URL(`${origin}${path}`) }),
        ...(secret !== undefined && { secret }),
      });
    }
  }
  return doors;
}

/** Some path of the configuration comes from the key in the data directory. */
export function usesUrlKey(config: AgentConfig): boolean {
  return receiversOf(config).some((receiver) => needsKey(receiver) && !receiver.url_key);
}

function receiversOf({ receivers, service }: AgentConfig): IntercomConfig[] {
  const used = new Set(service.pipelines.flatMap((pipeline) => pipeline.receivers));
  return [...receivers.values()]
    .filter(({ id, type }) => type === 'intercom' && used.has(id))
    .map(({ config }) => config as IntercomConfig);
}

const needsKey = ({ integrations }: IntercomConfig) => integrations.some(({ path }) => path === undefined);

async function keyIn(directory: string) {
  const key = await findUrlKey(directory);
  if (key) return key;
  throw new Error(`the key of the URLs is gone from ${directory}, though an agent runs there: restore url_key`);
}
