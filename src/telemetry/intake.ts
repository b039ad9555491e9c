import type { RefusalReason } from './status.ts';

/** Counts at the doors, since the start of the process. Records for `accepted`, requests for the others. */
export class IntakeCounts {
  accepted = 0;
  duplicates = 0;
  readonly #refused = new Map<RefusalReason, number>();

  refuse(reason: RefusalReason): void {
    this.#refused.set(reason, (this.#refused.get(reason) ?? 0) + 1);
  }
  get refused(): Partial<Record<RefusalReason, number>> {
    return Object.fromEntries(this.#refused);
  }
}
