/** What one process does on the journal under measure, and what it finds. */
export type Step = 'fill' | 'reopen' | 'take over' | 'read' | 'delete';

export interface StepOptions {
  readonly step: Step;
  readonly directory: string;
  readonly entries: number;
  readonly segmentBytes: number;
}

export interface Figures {
  /** Milliseconds. */
  readonly [name: string]: number;
}

/** Bytes of a body. */
export const BODY_BYTES = 200;
