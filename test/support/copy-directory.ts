import { cpSync, rmSync } from 'node:fs';

/**
 * Copies a directory that a process may be writing to at this moment, as a kill would leave it. A file that is renamed
 * or deleted between being listed and being copied makes a copy of no moment at all: it is begun anew.
 */
export function copyDirectory(from: string, to: string): void {
  for (let attempts = 100; ; attempts--) {
    try {
      cpSync(from, to, { recursive: true, preserveTimestamps: true });
      return;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT' || attempts === 0) throw error;
      rmSync(to, { recursive: true, force: true });
    }
  }
}
