import type { Entry } from '../journal/journal.ts';
import type { LogRecord } from '../record/log-record.ts';

/** Of one entry: its records as the pipeline lets them through, sealed (`KeptEncoder`). Undefined: make them here. */
export type MadeElsewhere = readonly LogRecord[] | undefined;

/**
 * Decodes, processes and encodes entries elsewhere, so that this thread is free for the doors. It promises nothing but that
 * what it gives is what this thread would have made: whatever is out of the ordinary, a processor that throws, a thread that
 * dies, comes back undefined, and the delivery makes it itself, with all that it knows of failures.
 *
 * Called by a delivery with entries of its own, in order. Undefined: not now. What is promised never rejects, and comes within some
 * seconds.
 */
export type Offload = (entries: readonly Entry[]) => Promise<readonly MadeElsewhere[]> | undefined;
