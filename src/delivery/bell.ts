/** Wakes the one loop of a delivery: something may be different now. */
export class Bell {
  #next: AbortController | undefined;

  ring(): void {
    this.#next?.abort();
  }

  /** Aborts at the next ring; the one that was given before does not any more. */
  listen(): AbortController {
    this.#next = new AbortController();
    return this.#next;
  }
}
