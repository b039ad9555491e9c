import type { Clock } from '../clock.ts';
import { type CursorInfo, type Journal, JournalError, type StoredJournal } from '../journal/journal.ts';
import { deliveryName, isDeliveryName, isOfDelivery, sortedByName } from './delivery-names.ts';
import type { EntryFacts } from './entry-facts.ts';
import { LetterOperations, StoredLetterOperations } from './letters.ts';
import { countMatches } from './mentions.ts';
import {
  type Ledger,
  type Letter,
  type LetterDetails,
  type LetterFilter,
  OperationError,
  type Operations,
  type ReplayAnswer,
  type ReplayRequest,
} from './operations.ts';
import { pendingOf } from './pending.ts';
import { parseReplayName } from './replay-request.ts';
import { countReplays, createReplays, type ReplayTarget } from './replays.ts';
import { skipPending } from './skipping.ts';
import { storedLedger } from './stored-ledger.ts';
import type { TapLine } from './taps.ts';

/** How the journal is opened; whoever asks closes it. */
export interface JournalAccess {
  /** Reads alone; not a byte changes. */
  stored(): Promise<StoredJournal>;
  /** As the directory's owner. @throws {JournalError} also while an agent runs there */
  owned(): Promise<Journal>;
}

export interface DirectoryOptions {
  readonly journal: JournalAccess;
  readonly facts: EntryFacts;
  /** Names of the deliveries in the configuration, where it is known. */
  readonly configured?: ReadonlySet<string>;
  /** Most bytes that the journal of the configuration takes, where that is known. */
  readonly maxBytes?: number;
  readonly clock: Clock;
  readonly random: () => number;
}

/**
 * The operations on the directory of an agent that does not run. Each opens the journal, does its work and closes it: to
 * read, without changing a byte; to change, as the directory's owner, so that no agent starts in between. Trouble with the
 * journal is refused in words.
 */
export class DirectoryOperations implements Operations {
  readonly #options: DirectoryOptions;

  constructor(options: DirectoryOptions) {
    this.#options = options;
  }

  ledger(): Promise<Ledger> {
    const { configured, maxBytes, facts, clock } = this.#options;
    return this.#reading((journal) => storedLedger(journal, { configured, maxBytes, facts, now: clock.now() }));
  }

  letters(filter: LetterFilter): Promise<Letter[]> {
    return this.#reading((journal) => this.#storedLetters(journal).list(filter));
  }

  async *letterDetails(filter: LetterFilter): AsyncGenerator<LetterDetails> {
    const journal = await inWords(this.#options.journal.stored());
    try {
      yield* this.#storedLetters(journal).details(filter);
    } catch (error) {
      throw worded(error);
    } finally {
      await journal.close();
    }
  }

  retryLetters(filter: LetterFilter): Promise<{ letters: number; left: number }> {
    return this.#changing(async (journal) => {
      const known = new Set(journal.cursors().map(({ name }) => name));
      const { letters, left } = await this.#letters(journal).retry(filter, (name) => known.has(name));
      return { letters, left };
    });
  }

  discardLetters(filter: LetterFilter): Promise<{ letters: number }> {
    return this.#changing(async (journal) => ({ letters: (await this.#letters(journal).discard(filter)).length }));
  }

  replay(request: ReplayRequest): Promise<ReplayAnswer[]> {
    const { facts, random } = this.#options;
    if (request.dry_run) {
      return this.#reading((journal) => countReplays({ journal, facts }, this.#targets(journal, request), request));
    }
    return this.#changing((journal) =>
      createReplays({ journal, facts, random }, this.#targets(journal, request), request),
    );
  }

  cancelReplay(id: string): Promise<void> {
    return this.#changing(async (journal) => {
      const found = journal.cursors().find(({ name }) => parseReplayName(name)?.id === id);
      if (!found) throw new OperationError(`There is no replay ${JSON.stringify(id)}. \`replay list\` shows them.`);
      await journal.forget(found.name);
    });
  }

  renameDelivery(from: string, to: string): Promise<void> {
    if (!isDeliveryName(to)) {
      const message = `${JSON.stringify(to)} is no name of a delivery: expected "pipeline exporter", such as "logs coralogix".`;
      return Promise.reject(new OperationError(message));
    }
    return this.#changing(async (journal) => {
      const { name } = deliveryIn(journal, from);
      if (journal.cursors().some((cursor) => cursor.name === to)) {
        throw new OperationError(
          `There is a delivery "${to}" already, with counts of its own. \`deliveries forget\` gives it up.`,
        );
      }
      await journal.rename(name, to);
    });
  }

  forgetDelivery(name: string): Promise<{ undelivered: number }> {
    return this.#changing(async (journal) => {
      const found = deliveryIn(journal, name);
      if (this.#options.configured?.has(name)) {
        throw new OperationError(
          `"${name}" is in the configuration, so it would begin anew at the next start. \`deliveries skip\` settles what is pending.`,
        );
      }
      const { records } = await pendingOf(journal, found, journal.deadLetters.list());
      await journal.forget(name);
      return { undelivered: records };
    });
  }

  skipDelivery(name: string, options: { discard: boolean }): Promise<{ records: number }> {
    const { clock } = this.#options;
    return this.#changing(async (journal) => {
      const found = deliveryIn(journal, name);
      if (found.state.retiredAt !== undefined) return { records: 0 };
      return { records: await skipPending({ journal, clock }, found, options) };
    });
  }

  erase(person: string, { dry_run }: { dry_run: boolean }): Promise<{ entries: number; letters: number }> {
    const { mentions } = this.#options.facts;
    const matches = (entry: Parameters<typeof mentions>[0]) => mentions(entry, person);
    return dry_run
      ? this.#reading((journal) => countMatches(journal, matches))
      : this.#changing((journal) => journal.erase(matches));
  }

  tap(): AsyncIterable<TapLine> {
    throw new OperationError('No agent runs there: nothing passes that could be watched.');
  }

  drain(): Promise<{ pending: number }> {
    return Promise.reject(
      new OperationError('No agent runs there: nothing is sent until one does. `ledger` shows what is pending.'),
    );
  }

  #storedLetters(journal: StoredJournal): StoredLetterOperations {
    return new StoredLetterOperations(journal.deadLetters, this.#options.facts);
  }

  #letters(journal: Journal): LetterOperations {
    return new LetterOperations(journal.deadLetters, this.#options.facts);
  }

  #targets(journal: StoredJournal, { exporter: wanted }: ReplayRequest): ReplayTarget[] {
    const deliveries = deliveriesIn(journal);
    const targets = deliveries.filter(({ name }) => isOfDelivery(name, wanted));
    if (targets.length === 0) throw unknownDelivery(wanted, deliveries);
    return targets.map(({ name, state }) => {
      const [pipeline = '', exporter = ''] = name.split(' ');
      return { pipeline, exporter, state };
    });
  }

  async #reading<Result>(work: (journal: StoredJournal) => Promise<Result>): Promise<Result> {
    return using(await inWords(this.#options.journal.stored()), work);
  }

  async #changing<Result>(work: (journal: Journal) => Promise<Result>): Promise<Result> {
    return using(await inWords(this.#options.journal.owned()), work);
  }
}

/** Names of the deliveries that a configuration has. */
export function configuredDeliveries(
  pipelines: readonly { readonly id: string; readonly exporters: readonly string[] }[],
): ReadonlySet<string> {
  return new Set(pipelines.flatMap(({ id, exporters }) => exporters.map((exporter) => deliveryName(id, exporter))));
}

function deliveriesIn(journal: StoredJournal): CursorInfo[] {
  return sortedByName(journal.cursors().filter(({ name }) => isDeliveryName(name)));
}

function deliveryIn(journal: StoredJournal, name: string): CursorInfo {
  const deliveries = deliveriesIn(journal);
  const found = deliveries.find((cursor) => cursor.name === name);
  if (!found) throw unknownDelivery(name, deliveries);
  return found;
}

function unknownDelivery(name: string, known: readonly CursorInfo[]): OperationError {
  const names = known.map((cursor) => `"${cursor.name}"`).join(', ');
  return new OperationError(
    `There is no delivery ${JSON.stringify(name)} in this directory. ${names ? `There are: ${names}.` : 'There is none at all.'}`,
  );
}

async function using<J extends StoredJournal, Result>(
  journal: J,
  work: (journal: J) => Promise<Result>,
): Promise<Result> {
  try {
    return await inWords(work(journal));
  } finally {
    await inWords(journal.close());
  }
}

function inWords<Result>(work: Promise<Result>): Promise<Result> {
  return work.catch((error: unknown) => {
    throw worded(error);
  });
}

function worded(error: unknown): unknown {
  return error instanceof JournalError ? new OperationError(error.message) : error;
}
