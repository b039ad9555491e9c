/** The entry that is stored of a body: what the door writes, and what commands that try a configuration out read. */
import { createHash } from 'node:crypto';
import type { NewEntry } from '../../journal/journal.ts';
import { scanTopLevel } from '../../record/json.ts';
import type { IntegrationConfig, IntercomConfig } from './config.ts';

/** A longer id is remembered as its hash. */
const MAX_ID = 256;

/** The names that an integration gives its records. */
interface Names {
  readonly application_name: string;
  readonly subsystem_name: string;
}

/** What is found in a body without reading it whole. */
export type Members = ReturnType<typeof readMembers>;

export function readMembers(body: Uint8Array) {
  return scanTopLevel(body, ['id', 'app_id', 'topic', 'workspace_id']);
}

export interface Stored {
  /** Milliseconds since the epoch. */
  readonly receivedAt: number;
  readonly kind: 'notification' | 'uninstall';
  /** Why its content encoding could not be undone. */
  readonly encodingError?: string;
}

/** Makes the entries of one integration. */
export class Entries {
  readonly #receiver: string;
  readonly #integration: string;
  readonly #names: Names;
  readonly #workspaces: ReadonlyMap<string, Names>;

  constructor(receiver: string, { name, application_name, subsystem_name, workspaces }: IntegrationConfig) {
    this.#receiver = receiver;
    this.#integration = name;
    this.#names = { application_name, subsystem_name: subsystem_name ?? name };
    this.#workspaces = new Map(
      Object.entries(workspaces).map(([appId, names]) => [
        appId,
        {
          application_name: names.application_name ?? this.#names.application_name,
          subsystem_name: names.subsystem_name ?? this.#names.subsystem_name,
        },
      ]),
    );
  }

  of(body: Uint8Array, members: Members, { receivedAt, kind, encodingError }: Stored): NewEntry {
    const { application_name, subsystem_name } = this.#workspaces.get(String(members.app_id)) ?? this.#names;
    return {
      source: this.#receiver,
      receivedAt,
      records: 1,
      metadata: {
        integration: this.#integration,
        application_name,
        subsystem_name,
        kind,
        ...(encodingError !== undefined && { encoding_error: encodingError }),
      },
      body,
      dedupKey: this.#dedupKey(members.id),
    };
  }

  /** Neither the receiver's id nor the integration's name holds a NUL, so the parts can't run into each other. */
  #dedupKey(id: Members['id']): string | undefined {
    if (id === undefined || id === null || id === '') return undefined;
    const text = String(id);
    const [kind, value] =
      text.length <= MAX_ID ? ['id', text] : ['sha256', createHash('sha256').update(text).digest('hex')];
    return [this.#receiver, this.#integration, kind, value].join('\0');
  }
}

/** See `ReceiverFactory.entryOf`. */
export function entryOf(
  config: IntercomConfig,
  body: Uint8Array,
  { receiver, integration, receivedAt }: { receiver: string; integration?: string; receivedAt: number },
): NewEntry {
  const names = config.integrations.map(({ name }) => name);
  const found = config.integrations.find(({ name }) => integration === undefined || name === integration);
  if (!found) throw new RangeError(`no integration is named "${integration}"; there are: ${names.join(', ')}`);
  return new Entries(receiver, found).of(body, readMembers(body), { receivedAt, kind: 'notification' });
}
