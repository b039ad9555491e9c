/** The entry that is stored of a body: what the door writes, and what commands that try a configuration out read. */
import { createHash } from 'node:crypto';
import type { NewEntry } from '../../journal/journal.ts';
import { scanTopLevel } from '../../record/json.ts';
import type { IntegrationConfig, IntercomConfig } from './config.ts';

/** A longer id is remembered as its hash. */
const MAX_ID = 256;

/** Of the entries of one workspace. Made once and frozen: the journal writes the same again faster. */
type Metadata = Readonly<Record<Stored['kind'], NewEntry['metadata']>>;

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
  /** What the keys of its entries begin with. Neither name holds a NUL, so the parts can't run into each other. */
  readonly #keyPrefix: string;
  readonly #usual: Metadata;
  readonly #byWorkspace: ReadonlyMap<string, Metadata>;

  constructor(receiver: string, { name, application_name, subsystem_name = name, workspaces }: IntegrationConfig) {
    this.#receiver = receiver;
    this.#keyPrefix = `${receiver}\0${name}\0`;
    const names = { application_name, subsystem_name };
    this.#usual = metadataOf(name, names);
    this.#byWorkspace = new Map(
      Object.entries(workspaces).map(([appId, own]) => [
        appId,
        metadataOf(name, {
          application_name: own.application_name ?? application_name,
          subsystem_name: own.subsystem_name ?? subsystem_name,
        }),
      ]),
    );
  }

  of(body: Uint8Array, members: Members, { receivedAt, kind, encodingError }: Stored): NewEntry {
    const metadata = (this.#byWorkspace.get(String(members.app_id)) ?? this.#usual)[kind];
    return {
      source: this.#receiver,
      receivedAt,
      records: 1,
      metadata: encodingError === undefined ? metadata : { ...metadata, encoding_error: encodingError },
      body,
      dedupKey: this.#dedupKey(members.id),
    };
  }

  #dedupKey(id: Members['id']): string | undefined {
    if (id === undefined || id === null || id === '') return undefined;
    const text = String(id);
    if (text.length <= MAX_ID) return `${this.#keyPrefix}id\0${text}`;
    return `${this.#keyPrefix}sha256\0${createHash('sha256').update(text).digest('hex')}`;
  }
}

function metadataOf(integration: string, names: { application_name: string; subsystem_name: string }): Metadata {
  const of = (kind: Stored['kind']) => Object.freeze({ integration, ...names, kind });
  return { notification: of('notification'), uninstall: of('uninstall') };
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
