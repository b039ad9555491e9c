/**
 * What a frame says of its entry beside the bytes: `{"s": source, "m": metadata, "k": deduplication key}`, as JSON, which keeps
 * every string exactly, lone surrogates and a key `__proto__` too.
 *
 * Entries of a receiver differ in little but their keys. So what stands before the key is encoded once for metadata that
 * nobody can change, and read once by whoever reads many.
 */

export interface Origin {
  readonly source: string;
  readonly metadata: Readonly<Record<string, string>>;
}

export interface FrameMetadata extends Origin {
  readonly dedupKey?: string;
}

interface Encoded {
  readonly source: string;
  /** Without the last brace. */
  readonly text: string;
}

/** By frozen metadata. */
const encoded = new WeakMap<Origin['metadata'], Encoded>();

export function encodeMetadata({ source, metadata, dedupKey }: FrameMetadata): string {
  if (!Object.isFrozen(metadata)) return JSON.stringify({ s: source, m: metadata, k: dedupKey });
  let known = encoded.get(metadata);
  if (known?.source !== source) {
    known = { source, text: JSON.stringify({ s: source, m: metadata }).slice(0, -1) };
    encoded.set(metadata, known);
  }
  return dedupKey === undefined ? `${known.text}}` : `${known.text},"k":${JSON.stringify(dedupKey)}}`;
}

export function decodeMetadata(bytes: Buffer): FrameMetadata {
  const { s, m, k } = JSON.parse(bytes.toString());
  return { source: s, metadata: m, dedupKey: k };
}

/** Above any number of integrations and workspaces. */
const MAX_KNOWN = 4096;
const MAX_KNOWN_BYTES = 1024;
/** Inside a string its quotes would be escaped, and "m" holds strings alone: so it is found where the key begins, or nowhere. */
const BEFORE_KEY = '},"k":"';

/** Reads metadata without the keys. Equal ones are the same frozen object, as long as there are not too many. */
export class Origins {
  readonly #known = new Map<string, Origin>();

  of(bytes: Buffer): Origin {
    // One character for each byte: only for comparing.
    const text = bytes.toString('latin1');
    const key = text.lastIndexOf(BEFORE_KEY);
    const origin = key === -1 ? text : text.slice(0, key + 1);
    const known = this.#known.get(origin);
    if (known) return known;
    const { source, metadata } = decodeMetadata(bytes);
    const read = { source, metadata: Object.freeze(metadata) };
    if (origin.length <= MAX_KNOWN_BYTES) {
      if (this.#known.size >= MAX_KNOWN) this.#known.clear();
      this.#known.set(origin, read);
    }
    return read;
  }
}
