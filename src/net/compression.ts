/** Compression of request bodies, off the main thread and without crowding the journal out of the thread pool. */
import { promisify } from 'node:util';
import zlib from 'node:zlib';
import type { Compression } from '../config/blocks/http.ts';
import { Slots } from './client-slots.ts';

type ZstdCompress = (data: Uint8Array, options: { params: Record<number, number> }) => Promise<Buffer>;

interface ZstdRuntime {
  zstdCompress?: unknown;
  constants: { ZSTD_c_compressionLevel?: number };
}

const gzip = promisify<Uint8Array, zlib.ZlibOptions, Buffer>(zlib.gzip);
const deflate = promisify<Uint8Array, zlib.ZlibOptions, Buffer>(zlib.deflate);
const runtime = zlib as unknown as ZstdRuntime;
const zstd =
  typeof runtime.zstdCompress === 'function'
    ? (promisify(runtime.zstdCompress as (...args: unknown[]) => void) as unknown as ZstdCompress)
    : undefined;

/** zstd came with Node.js 22.15. */
export const zstdAvailable = zstd !== undefined;
export const NO_ZSTD = `zstd needs Node.js 22.15 or newer; this is ${process.version}`;

/** Measured: one or two compressions at a time leave the sync's latency alone, eight raise it tenfold and more. */
const slots = new Slots(2);

/** Fastest levels: bodies are small JSON, and higher levels cost twice the time for a tenth of the size. */
const DEFAULT_LEVEL = 1;
const HIGHEST_ZSTD_LEVEL = 22;
/** Go's name for no search for repetitions at all. */
const HUFFMAN_ONLY = -2;

/** Why requests are compressed with gzip although this was asked for; undefined where it is what happens. */
export function insteadOf(compression: Compression): string | undefined {
  if (compression === 'zstd') return zstdAvailable ? undefined : NO_ZSTD;
  const isForeign = compression === 'snappy' || compression === 'x-snappy-framed' || compression === 'lz4';
  return isForeign ? `Node.js has no ${compression}` : undefined;
}

/** Whether the Collector takes the level: 0 is the default, and zstd takes any as the nearest that it has. */
export function takesLevel(compression: Compression, level: number): boolean {
  switch (compression) {
    case 'gzip':
    case 'zlib':
    case 'deflate':
      return level >= HUFFMAN_ONLY && level <= 9;
    case 'snappy':
    case 'x-snappy-framed':
    case 'lz4':
      return level === 0;
    default:
      return true;
  }
}

/** The levels that there are, in words. */
export function levelsOf(compression: Compression): string {
  return compression === 'gzip' || compression === 'zlib' || compression === 'deflate'
    ? `${compression} has the levels ${HUFFMAN_ONLY} to 9`
    : `${compression} has no levels`;
}

/** Value of the Content-Encoding header; undefined when bodies go as they are. */
export function contentEncoding(compression: Compression): 'gzip' | 'zstd' | 'deflate' | 'zlib' | undefined {
  if (compression === 'none' || compression === '') return undefined;
  if (compression === 'zstd') return zstdAvailable ? 'zstd' : 'gzip';
  return compression === 'deflate' || compression === 'zlib' ? compression : 'gzip';
}

/** Resolves with the compressed bytes, or with `data` itself where there is nothing to do. */
export async function compress(data: Uint8Array, compression: Compression, level = 0): Promise<Uint8Array> {
  const encoding = contentEncoding(compression);
  switch (encoding) {
    case 'gzip':
      // A level was meant for what is not used here.
      return slots.run(() => gzip(data, levelOptions(compression === 'gzip' ? level : 0)));
    case 'deflate':
    case 'zlib':
      return slots.run(() => deflate(data, levelOptions(level)));
    case 'zstd':
      return zstdCompress(data, level);
    default:
      return data;
  }
}

/** One frame of zstd. @param level 0 is the default; others are taken as the nearest that there is */
export async function zstdCompress(data: Uint8Array, level: number): Promise<Uint8Array> {
  if (!zstd) throw new Error('BUG: zstd without a runtime that has it passed the check of the configuration');
  const key = runtime.constants.ZSTD_c_compressionLevel as number;
  const params = { [key]: level > 0 ? Math.min(level, HIGHEST_ZSTD_LEVEL) : DEFAULT_LEVEL };
  return slots.run(() => zstd(data, { params }));
}

function levelOptions(level: number): zlib.ZlibOptions {
  if (level === HUFFMAN_ONLY) return { strategy: zlib.constants.Z_HUFFMAN_ONLY };
  return { level: level || DEFAULT_LEVEL };
}
