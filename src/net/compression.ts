/** Compression of request bodies, off the main thread and without crowding the journal out of the thread pool. */
import { promisify } from 'node:util';
import zlib from 'node:zlib';
import { Slots } from './client-slots.ts';

export type Compression = 'gzip' | 'zstd' | 'none' | '';

type ZstdCompress = (data: Uint8Array, options: { params: Record<number, number> }) => Promise<Buffer>;

interface ZstdRuntime {
  zstdCompress?: unknown;
  constants: { ZSTD_c_compressionLevel?: number };
}

const gzip = promisify<Uint8Array, zlib.ZlibOptions, Buffer>(zlib.gzip);
const runtime = zlib as unknown as ZstdRuntime;
const zstd =
  typeof runtime.zstdCompress === 'function'
    ? (promisify(runtime.zstdCompress as (...args: unknown[]) => void) as unknown as ZstdCompress)
    : undefined;

/** zstd came with Node.js 22.15. */
export const zstdAvailable = zstd !== undefined;

/** Measured: one or two compressions at a time leave the sync's latency alone, eight raise it tenfold and more. */
const slots = new Slots(2);

/** Fastest levels: bodies are small JSON, and higher levels cost twice the time for a tenth of the size. */
const DEFAULT_LEVEL = 1;

/** Levels that the runtime takes, for checks of a configuration. */
export const LEVELS: Readonly<Record<'gzip' | 'zstd', readonly [lowest: number, highest: number]>> = {
  gzip: [-1, 9],
  zstd: [1, 22],
};

/** Value of the Content-Encoding header; undefined when bodies go as they are. */
export function contentEncoding(compression: Compression): 'gzip' | 'zstd' | undefined {
  return compression === 'gzip' || compression === 'zstd' ? compression : undefined;
}

/** Resolves with the compressed bytes, or with `data` itself where there is nothing to do. */
export async function compress(data: Uint8Array, compression: Compression, level = DEFAULT_LEVEL): Promise<Uint8Array> {
  switch (compression) {
    case 'gzip':
      return slots.run(() => gzip(data, { level }));
    case 'zstd': {
      if (!zstd) throw new Error('BUG: zstd without a runtime that has it passed the check of the configuration');
      const key = runtime.constants.ZSTD_c_compressionLevel as number;
      return slots.run(() => zstd(data, { params: { [key]: level } }));
    }
    default:
      return data;
  }
}
