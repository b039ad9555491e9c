/**
 * How commands talk to a running agent: HTTP/1.1 over the socket `agent.sock` in its data directory.
 *
 *     POST /v1/<operation>    {"who": {...}, "arguments": {...}}
 *     200 application/json    {"result": ...}
 *     200 application/x-ndjson, for lists: {"item": ...} a line, at the end {"end": true}, or {"error": ..., "bug": ...}
 *     400, 404, 409, 413, 429, 500    {"error": "text for a person"}; 500 alone is our mistake
 *     GET /v1                 {"version": "..."}, for whether anyone answers
 */
import { z } from 'zod';
import { CAUSES } from '../journal/dead-letters.ts';
import type { Operations } from './operations.ts';
import { MAX_TAP_RATE } from './taps.ts';

/** Grows when an older client or server would misunderstand. */
export const BASE_PATH = '/v1';
/** Bytes of a request: some 40,000 ids of letters. */
export const MAX_REQUEST_BYTES = 1024 * 1024;

export const person = z.object({ uid: z.number().nullable(), user: z.string().max(256).nullable() });

const name = z.string().min(1).max(4096);
const filter = z.object({
  ids: z.array(z.string().max(64)).optional(),
  delivery: name.optional(),
  kind: z.enum(CAUSES).optional(),
  topic: name.optional(),
  since: name.optional(),
  until: name.optional(),
});
const replayRequest = z.object({
  exporter: name,
  from: name.optional(),
  to: name.optional(),
  topic: name.optional(),
  rate: z.number().positive(),
  dry_run: z.boolean(),
});

const tapRequest = z.object({
  at: name.optional(),
  pipeline: name.optional(),
  topic: name.optional(),
  from: name.optional(),
  rate: z.number().positive().max(MAX_TAP_RATE),
});

export interface Call {
  /** `wrong` where the arguments are not understood, with the reason. @param gone aborts when nobody waits for the answer */
  run(
    operations: Operations,
    given: unknown,
    gone: AbortSignal,
  ): Promise<unknown> | AsyncIterable<unknown> | { readonly wrong: string };
  /** One line for each item, however many. */
  readonly list?: boolean;
  /** A list that goes on, also in silence, until who asked goes away. It takes no turn of the other calls. */
  readonly endless?: boolean;
  /** It may read, or overwrite, the whole journal. */
  readonly slow?: boolean;
  /** One at a time. */
  readonly exclusive?: boolean;
}

function call<Arguments>(
  schema: z.ZodType<Arguments>,
  run: (operations: Operations, given: Arguments, gone: AbortSignal) => Promise<unknown> | AsyncIterable<unknown>,
  traits: Omit<Call, 'run'> = {},
): Call {
  return {
    ...traits,
    run(operations, given, gone) {
      const parsed = schema.safeParse(given);
      if (parsed.success) return run(operations, parsed.data, gone);
      const [issue] = parsed.error.issues;
      return { wrong: `${issue?.path.join('.') || 'the request'}: ${issue?.message}` };
    },
  };
}

const CHANGE = { exclusive: true };
const LONG_CHANGE = { exclusive: true, slow: true };

/** Every operation, by the name that stands in the path. */
export const CALLS: Readonly<Record<keyof Operations, Call>> = {
  ledger: call(z.object({}), (operations) => operations.ledger()),
  letters: call(z.object({ filter }), (operations, given) => operations.letters(given.filter), {
    list: true,
    slow: true,
  }),
  letterDetails: call(z.object({ filter }), (operations, given) => operations.letterDetails(given.filter), {
    list: true,
    slow: true,
  }),
  retryLetters: call(z.object({ filter }), (operations, given) => operations.retryLetters(given.filter), LONG_CHANGE),
  discardLetters: call(
    z.object({ filter }),
    (operations, given) => operations.discardLetters(given.filter),
    LONG_CHANGE,
  ),
  replay: call(
    z.object({ request: replayRequest }),
    (operations, given) => operations.replay(given.request),
    LONG_CHANGE,
  ),
  cancelReplay: call(z.object({ id: name }), (operations, given) => operations.cancelReplay(given.id), CHANGE),
  renameDelivery: call(
    z.object({ from: name, to: name }),
    (operations, given) => operations.renameDelivery(given.from, given.to),
    CHANGE,
  ),
  forgetDelivery: call(z.object({ name }), (operations, given) => operations.forgetDelivery(given.name), CHANGE),
  skipDelivery: call(
    z.object({ name, discard: z.boolean() }),
    (operations, given) => operations.skipDelivery(given.name, { discard: given.discard }),
    LONG_CHANGE,
  ),
  erase: call(
    z.object({ person: name, dry_run: z.boolean() }),
    (operations, given) => operations.erase(given.person, { dry_run: given.dry_run }),
    LONG_CHANGE,
  ),
  tap: call(z.object({ request: tapRequest }), (operations, given, gone) => operations.tap(given.request, gone), {
    list: true,
    endless: true,
  }),
  // Never behind another change: it is asked for in a hurry.
  drain: call(z.object({}), (operations) => operations.drain()),
};

export function isOperation(name: string): name is keyof Operations {
  return Object.hasOwn(CALLS, name);
}
