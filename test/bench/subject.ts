/** What takes webhooks and is measured: our agent, a floor, a peer. */
export interface Subject {
  readonly pid: number;
  readonly port: number;
  /** Webhooks are posted to them in turns. */
  readonly paths: readonly string[];
  readonly secret: string;
  /** What it keeps on disk. */
  readonly data?: string;
  /** Ends it at once. */
  stop(): Promise<unknown>;
}

/** Where a subject works. */
export interface Place {
  /** Empty, and deleted afterwards. */
  readonly directory: string;
  readonly sinkUrl: string;
}

/** Resolves when webhooks are taken. */
export type StartSubject = (place: Place) => Promise<Subject>;
