/**
 * What commands may ask of an agent: of a running one over the socket in its data directory (`client.ts`, `server.ts`), or
 * of the directory itself when none runs. Both implement this contract, so a command does not care which one it has.
 *
 * Everything here is JSON: names as in the ledger, times as RFC 3339, counts of records unless said otherwise.
 */
import type { CauseKind } from '../journal/dead-letters.ts';
import type { DeadLetterFigures, DeliveryStatus, JournalFigures, ReplayStatus } from '../telemetry/status.ts';
import type { TapLine, TapRequest } from './taps.ts';

/** `ledger --json`. */
export interface Ledger {
  /** Since the start of the process; null when no agent runs. */
  readonly accepted: number | null;
  readonly duplicates: number | null;
  readonly refused: Readonly<Record<string, number>> | null;
  readonly deliveries: readonly DeliveryStatus[];
  readonly replays: readonly ReplayStatus[];
  readonly dead_letters: DeadLetterFigures;
  readonly journal: JournalFigures;
  /** As on the health page; empty when no agent runs. */
  readonly degraded: readonly string[];
}

/** Which dead letters: all conditions hold. Empty: all of them. */
export interface LetterFilter {
  /** As `dead-letters list` prints them. */
  readonly ids?: readonly string[];
  /** Id of an exporter, or `pipeline exporter`. */
  readonly delivery?: string;
  readonly kind?: CauseKind;
  /** `*` stands for any characters. */
  readonly topic?: string;
  /** When it became a letter: at or after, before. RFC 3339. */
  readonly since?: string;
  readonly until?: string;
}

export interface Letter {
  /** Names it in commands: stable, and made of letters, digits, `-` only. */
  readonly id: string;
  readonly pipeline: string;
  readonly exporter: string;
  readonly position: number;
  readonly kind: CauseKind;
  readonly reason: string;
  readonly status: number | null;
  readonly at: string;
  readonly received_at: string;
  readonly attempts: number;
  readonly records: number;
  readonly bytes: number;
  readonly topic: string | null;
  readonly retrying: boolean;
}

/** `dead-letters show` and each line of `export`. */
export interface LetterDetails extends Letter {
  readonly source: string;
  readonly metadata: Readonly<Record<string, string>>;
  /** What the backend wrote; untrusted. */
  readonly answer: string | null;
  /** OTLP/JSON as it would have been sent; null where no record came out. */
  readonly record: unknown;
  /** The notification: text, or base64 where it is no UTF-8. */
  readonly body: string;
  readonly body_encoding: 'utf8' | 'base64';
}

export interface ReplayRequest {
  /** Id of an exporter, or `pipeline exporter`. */
  readonly exporter: string;
  /** Received at or after, before; RFC 3339. Default: all that the journal has. */
  readonly from?: string;
  readonly to?: string;
  /** `*` stands for any characters. */
  readonly topic?: string;
  /** Records a second at most. */
  readonly rate: number;
  /** Only counts. */
  readonly dry_run: boolean;
}

export interface ReplayAnswer {
  /** One for each pipeline that the exporter stands in. null in a dry run. */
  readonly id: string | null;
  readonly pipeline: string;
  readonly exporter: string;
  /** Records that it will send, before processors. */
  readonly records: number;
}

export interface Operations {
  ledger(): Promise<Ledger>;
  /** In order of time. */
  letters(filter: LetterFilter): Promise<Letter[]>;
  /** One after the other, for large stores. */
  letterDetails(filter: LetterFilter): AsyncIterable<LetterDetails>;
  /**
   * They become pending; on a directory without an agent, at its next start. Resolves with how many. `left`: letters that
   * match and stay as they are, because there is no delivery of their name that would send them.
   */
  retryLetters(filter: LetterFilter): Promise<{ letters: number; left?: number }>;
  discardLetters(filter: LetterFilter): Promise<{ letters: number }>;
  replay(request: ReplayRequest): Promise<ReplayAnswer[]>;
  /** Ends a replay; what it has not sent is not sent. */
  cancelReplay(id: string): Promise<void>;
  /** Names are `pipeline exporter`. Neither may be in the running configuration. */
  renameDelivery(from: string, to: string): Promise<void>;
  /** An orphan is forgotten, with its counts. */
  forgetDelivery(name: string): Promise<{ undelivered: number }>;
  /** What is pending now becomes dead letters, or expires (`discard`). */
  skipDelivery(name: string, options: { discard: boolean }): Promise<{ records: number }>;
  /** Id or e-mail address of a person. */
  erase(person: string, options: { dry_run: boolean }): Promise<{ entries: number; letters: number }>;
  /**
   * Looks at records as they pass, beside the deliveries. Ends soon after `gone` aborts; the agent ends it too, with a word,
   * when it stops or when a reload takes away what is looked at. Whoever reads slowly gets less, not late.
   */
  tap(request: TapRequest, gone: AbortSignal): AsyncIterable<TapLine>;
  /** Closes the doors. Resolves with what is still pending then; ask the ledger for progress. */
  drain(): Promise<{ pending: number }>;
}

/** A refusal in words for the person who asked: nothing like that, not now, not in this state. */
export class OperationError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'OperationError';
  }
}
