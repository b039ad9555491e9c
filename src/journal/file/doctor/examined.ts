import type { FileSystem } from '../fs.ts';

/** What is examined. */
export interface Examined {
  readonly fs: FileSystem;
  /** The data directory. */
  readonly directory: string;
  /** An agent may be writing. */
  readonly isRunning: boolean;
}
