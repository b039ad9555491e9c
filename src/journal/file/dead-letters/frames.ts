/**
 * What a frame of this log says. All of them are frames of entries (../frame.ts) to whoever scans the file: each uses up a
 * number, so one that is missing is noticed. The metadata is JSON, and its `t` tells them apart:
 *
 *    letter   a letter. Times of the frame: when its entry was received, when it became a letter. Body: the records as
 *             they would have been sent, the backend's answer as a JSON string, the entry's raw bytes.
 *             d delivery, p position, a attempts, w cause without the answer, n [bytes of the records, of the answer] (-1: there
 *             is none), e entry {s source, m metadata, x erased}, y it is to be sent again
 *    remove   the letters of the delivery d at the positions in the body are no more: [first, distance to the next, ...]
 *    retry    those are to be sent again
 *    rename   the letters of d become letters of n
 *    erase    the frames in the body are overwritten from now on: [[segment, offset, bytes, number], ...]
 *    erased   what they are overwritten with, and then zeros; the header says so too
 *    closed   the log was closed after all that lies before
 *
 * All but the letters speak of letters before them only, by delivery and position.
 *
 * Frames of one write are a group: all count or none. In each but the first one `g` is the number of those before it, so a
 * frame that a loss of power kept out of a group is told from one that was damaged later.
 */
import type { Cause, DeadLetter, LetterInfo, LetterKey } from '../../dead-letters.ts';
import { JournalError, type Position } from '../../journal.ts';
import {
  bodyOf,
  ENTRY,
  encodeFrame,
  FRAME_HEADER_BYTES,
  type Frame,
  frameBytes,
  MAX_PAYLOAD_BYTES,
  MAX_POSITION,
  MIN_FRAME_BYTES,
  receivedAtOf,
  type Salt,
  storedAtOf,
} from '../frame.ts';

/** A frame without a place. */
export interface Draft {
  readonly metadata: string;
  readonly body: Uint8Array;
  readonly records: number;
  readonly receivedAt: number;
  readonly storedAt: number;
  /** Of the whole frame. */
  readonly bytes: number;
}

/** What is known of a letter wherever it lies. */
export type LetterHead = Omit<LetterInfo, 'bytes'>;

/** Where a frame lies. */
export interface FramePlace {
  /** First number of its segment. */
  readonly first: number;
  readonly offset: number;
  readonly bytes: number;
  readonly number: number;
}

export type Change =
  | { readonly type: 'letter'; readonly head: LetterHead }
  | { readonly type: 'remove' | 'retry'; readonly delivery: string; readonly positions: readonly Position[] }
  | { readonly type: 'rename'; readonly from: string; readonly to: string }
  | { readonly type: 'erase'; readonly places: readonly FramePlace[] }
  | { readonly type: 'erased' | 'closed' };

type LetterJson = {
  t: 'letter';
  d: string;
  p: Position;
  a: number;
  w: Omit<Cause, 'body'>;
  n: [sent: number, answer: number];
  e: { s: string; m: Record<string, string>; x?: true };
  y?: true;
};
type Json = (
  | LetterJson
  | { t: 'remove' | 'retry'; d: string }
  | { t: 'rename'; d: string; n: string }
  | { t: 'erase' | 'erased' | 'closed' }
) & { g?: number };

/** A removal or a mark of more letters is several frames. */
const POSITIONS_PER_FRAME = 50_000;
const PLACES_PER_FRAME = 10_000;
const ERASED_METADATA = JSON.stringify({ t: 'erased' } satisfies Json);

/** Takes copies. @throws {JournalError} `failed` for a letter that no frame holds */
export function letterDraft(letter: DeadLetter): Draft {
  const { delivery, position, entry, sent, cause, at, attempts } = letter;
  const { source, records, receivedAt, metadata } = entry;
  if (!Number.isInteger(position) || position < 0 || position > MAX_POSITION || entry.position !== position) {
    throw new TypeError(`BUG: a dead letter of position ${position} holds the entry at ${entry.position}`);
  }
  if (!Number.isInteger(records) || records < 0 || records >= 2 ** 32) {
    throw new TypeError(`BUG: a dead letter of ${delivery} stands for ${records} records`);
  }
  const { body: answer, ...why } = cause;
  const answerBytes = answer === undefined ? undefined : Buffer.from(JSON.stringify(answer));
  const json: LetterJson = {
    t: 'letter',
    d: delivery,
    p: position,
    a: attempts,
    w: { kind: why.kind, summary: why.summary, status: why.status },
    n: [sent?.length ?? -1, answerBytes?.length ?? -1],
    e: { s: source, m: metadata, ...(entry.erased && { x: true }) },
  };
  const body = Buffer.concat([sent ?? Buffer.alloc(0), answerBytes ?? Buffer.alloc(0), entry.body]);
  const draft = draftOf(json, body, { records, receivedAt, storedAt: at });
  if (draft.bytes > MAX_PAYLOAD_BYTES) {
    throw new JournalError(
      'failed',
      `a dead letter of ${draft.bytes} bytes is over the limit of ${MAX_PAYLOAD_BYTES} for one letter`,
    );
  }
  return draft;
}

/** The same letter for another place, as it is known now. */
export function copyOf(frame: Frame, { delivery, retrying }: LetterHead): Draft {
  const { y: _, g: __, ...json } = jsonOf(frame) as LetterJson & { g?: number };
  const times = { receivedAt: receivedAtOf(frame), storedAt: storedAtOf(frame) };
  const renewed: LetterJson = { ...json, d: delivery, ...(retrying && { y: true }) };
  return draftOf(renewed, Buffer.from(bodyOf(frame)), { records: frame.records, ...times });
}

export function positionsDrafts(type: 'remove' | 'retry', keys: readonly LetterKey[], now: number): Draft[] {
  const drafts: Draft[] = [];
  for (const [delivery, positions] of byDelivery(keys)) {
    for (let at = 0; at < positions.length; at += POSITIONS_PER_FRAME) {
      let previous = 0;
      const distances = positions.slice(at, at + POSITIONS_PER_FRAME).map((position) => {
        const distance = position - previous;
        previous = position;
        return distance;
      });
      drafts.push(noteDraft({ t: type, d: delivery }, now, distances));
    }
  }
  return drafts;
}

export function renameDraft(from: string, to: string, now: number): Draft {
  return noteDraft({ t: 'rename', d: from, n: to }, now);
}

export function eraseDrafts(places: readonly FramePlace[], now: number): Draft[] {
  const drafts: Draft[] = [];
  for (let at = 0; at < places.length; at += PLACES_PER_FRAME) {
    const rows = places.slice(at, at + PLACES_PER_FRAME);
    drafts.push(
      noteDraft(
        { t: 'erase' },
        now,
        rows.map(({ first, offset, bytes, number }) => [first, offset, bytes, number]),
      ),
    );
  }
  return drafts;
}

export function closedDraft(now: number): Draft {
  return noteDraft({ t: 'closed' }, now);
}

/** The frame that has so many of its group before it. */
export function inGroup(draft: Draft, index: number): Draft {
  if (index === 0) return draft;
  const mark = `{"g":${index},`;
  return { ...draft, metadata: mark + draft.metadata.slice(1), bytes: draft.bytes + mark.length - 1 };
}

/** The frame that is written over another one. */
export function erasedFrame({ offset, bytes, number }: FramePlace, salt: Salt): Buffer {
  const body = Buffer.alloc(bytes - frameBytes(ERASED_METADATA.length, 0));
  const target = Buffer.alloc(bytes);
  const rest = { kind: ENTRY, records: 0, more: false, erased: true, receivedAt: 0, storedAt: 0 };
  encodeFrame(target, 0, offset, salt, { ...rest, position: number, metadata: ERASED_METADATA, body });
  return target;
}

/**
 * What a frame says, and how many frames of its group lie before it.
 * @throws {JournalError} `failed` for a frame that this log never wrote, or that a later version did.
 */
export function changeOf(frame: Frame, path: string): { change: Change; index: number } {
  if (frame.erased) return { change: { type: 'erased' }, index: 0 };
  const json = jsonOf(frame);
  return { change: parsed(frame, json, path), index: json?.g ?? 0 };
}

function parsed(frame: Frame, json: Json | undefined, path: string): Change {
  switch (json?.t) {
    case 'letter':
      return { type: 'letter', head: headOf(frame, json) };
    case 'remove':
    case 'retry':
      return { type: json.t, delivery: json.d, positions: positionsOf(frame) };
    case 'rename':
      return { type: 'rename', from: json.d, to: json.n };
    case 'erase':
      return { type: 'erase', places: placesOf(frame) };
    case 'erased':
    case 'closed':
      return { type: json.t };
    default:
      throw new JournalError(
        'failed',
        `${path} holds something that is no dead letter: it is a segment of the journal itself, or a newer version of the agent ` +
          'wrote it. Nothing was changed. If it was moved here, move it back; else start the newer version on this directory.',
      );
  }
}

/** The letter in a frame, under the name that its delivery has now. Its bytes are views of the frame's. */
export function letterOf(frame: Frame, delivery: string): DeadLetter {
  const json = jsonOf(frame) as LetterJson;
  const body = bodyOf(frame);
  const [sentBytes, answerBytes] = json.n;
  const answerAt = Math.max(0, sentBytes);
  const entryAt = answerAt + Math.max(0, answerBytes);
  const { kind, summary, status } = json.w;
  return {
    delivery,
    position: json.p,
    entry: {
      position: json.p,
      source: json.e.s,
      receivedAt: receivedAtOf(frame),
      records: frame.records,
      metadata: json.e.m,
      body: body.subarray(entryAt),
      ...(json.e.x && { erased: true }),
    },
    ...(sentBytes >= 0 && { sent: body.subarray(0, sentBytes) }),
    cause: {
      kind,
      summary,
      ...(status !== undefined && { status }),
      ...(answerBytes >= 0 && { body: JSON.parse(body.toString('utf8', answerAt, entryAt)) as string }),
    },
    at: storedAtOf(frame),
    attempts: json.a,
  };
}

function headOf(frame: Frame, { d, p, a, w, y }: LetterJson): LetterHead {
  const { records } = frame;
  return { delivery: d, position: p, kind: w.kind, at: storedAtOf(frame), attempts: a, records, retrying: y === true };
}

function positionsOf(frame: Frame): Position[] {
  let position = 0;
  return (JSON.parse(bodyOf(frame).toString()) as number[]).map((distance) => {
    position += distance;
    return position;
  });
}

function placesOf(frame: Frame): FramePlace[] {
  const rows = JSON.parse(bodyOf(frame).toString()) as [number, number, number, number][];
  return rows.map(([first, offset, bytes, number]) => ({ first, offset, bytes, number }));
}

function byDelivery(keys: readonly LetterKey[]): Map<string, Position[]> {
  const sorted = new Map<string, Position[]>();
  for (const { delivery, position } of keys) {
    const positions = sorted.get(delivery);
    if (positions) positions.push(position);
    else sorted.set(delivery, [position]);
  }
  for (const positions of sorted.values()) positions.sort((a, b) => a - b);
  return sorted;
}

function noteDraft(json: Json, now: number, body?: readonly unknown[]): Draft {
  const bytes = body ? Buffer.from(JSON.stringify(body)) : Buffer.alloc(0);
  return draftOf(json, bytes, { records: 0, receivedAt: now, storedAt: now });
}

function draftOf(json: Json, body: Buffer, rest: Pick<Draft, 'records' | 'receivedAt' | 'storedAt'>): Draft {
  const metadata = JSON.stringify(json);
  return { metadata, body, ...rest, bytes: frameBytes(Buffer.byteLength(metadata), body.length) };
}

/** undefined for metadata that is not JSON. */
function jsonOf(frame: Frame): Json | undefined {
  const from = MIN_FRAME_BYTES - FRAME_HEADER_BYTES;
  try {
    return JSON.parse(frame.payload.toString('utf8', from, from + frame.metadataBytes)) ?? undefined;
  } catch {
    return undefined;
  }
}
