import { appendFile } from 'node:fs/promises';
import type { Writable } from 'node:stream';

/** Somewhere to print. */
export interface Output {
  /** Resolves when the text was handed over. Rejects with Node.js' error (EPIPE, ENOSPC ...). */
  write(text: string): Promise<void>;
  close(): void;
}

/** Owner reads and writes, group reads: records are what customers wrote. */
const FILE_MODE = 0o640;

/** `stdout`, `stderr`, or the path of a file that is appended to. */
export function openOutput(path: string): Output {
  if (path === 'stdout') return streamOutput(process.stdout);
  if (path === 'stderr') return streamOutput(process.stderr);
  return { write: (text) => appendFile(path, text, { mode: FILE_MODE }), close: () => {} };
}

/** A stream that stays open: it belongs to the process. */
export function streamOutput(stream: Writable): Output {
  // A reader that went away is an error of the write, and must not bring the process down.
  const ignore = () => {};
  stream.on('error', ignore);
  return {
    write: (text) =>
      new Promise((resolve, reject) => {
        stream.write(text, (error) => (error ? reject(error) : resolve()));
      }),
    close: () => {
      stream.off('error', ignore);
    },
  };
}
