import type { DeadLetter, LetterKey, StoredLetters } from '../../../src/journal/dead-letters.ts';
import type { Entry } from '../../../src/journal/journal.ts';

export const DELIVERY = 'logs -> coralogix';
export const AT = Date.UTC(2026, 0, 1);

/** A letter that tells its number in every part. */
export function letter(number: number, extra: Partial<DeadLetter> = {}): DeadLetter {
  const entry: Entry = {
    position: number,
    source: 'intercom',
    receivedAt: AT - 1_000 + number,
    records: 1 + (number % 3),
    metadata: { integration: 'support', number: String(number) },
    body: Buffer.from(`{"notification":"${number}"}`),
  };
  return {
    delivery: DELIVERY,
    position: number,
    entry,
    sent: Buffer.from(`{"resourceLogs":["${number}"]}`),
    cause: { kind: 'rejected', summary: 'answered 400', status: 400, body: `no good: ${number}` },
    at: AT + number,
    attempts: 2,
    ...extra,
  };
}

/** A letter whose entry has so many bytes, none of them zero. */
export function sized(number: number, bytes: number, extra: Partial<DeadLetter> = {}): DeadLetter {
  const { entry } = letter(number);
  return letter(number, {
    entry: { ...entry, body: Buffer.alloc(bytes, 1 + (number % 255)) },
    sent: undefined,
    ...extra,
  });
}

export function keyOf({ delivery, position }: LetterKey): LetterKey {
  return { delivery, position };
}

/** For comparing: bytes as text, and nothing that is undefined. */
export function plain(found: DeadLetter | undefined): unknown {
  if (!found) return undefined;
  const text = (bytes: Uint8Array) => Buffer.from(bytes).toString('latin1');
  const { sent, entry, cause, ...rest } = found;
  const { metadata, body, ...fields } = entry;
  return {
    ...rest,
    cause: { ...cause },
    entry: { ...fields, metadata: Object.entries(metadata), body: text(body) },
    ...(sent && { sent: text(sent) }),
  };
}

/** Every letter, as `plain`, with its mark. Fails for one that is listed and cannot be read. */
export async function everything(letters: StoredLetters): Promise<unknown[]> {
  return Promise.all(
    letters.list().map(async (info) => {
      const found = await letters.get(info);
      if (!found) throw new Error(`${info.delivery} ${info.position} is listed and cannot be read`);
      return { ...(plain(found) as object), retrying: info.retrying };
    }),
  );
}

/** What `everything` finds where exactly these are kept. */
export function expected(kept: readonly DeadLetter[], retrying: readonly DeadLetter[] = []): unknown[] {
  return kept.map((one) => ({ ...(plain(one) as object), retrying: retrying.includes(one) }));
}

export function positions(letters: StoredLetters, delivery = DELIVERY): number[] {
  return letters
    .list()
    .filter((info) => info.delivery === delivery)
    .map(({ position }) => position);
}
