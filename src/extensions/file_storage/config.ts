import { z } from 'zod';
import { duration, size } from '../../config/blocks/scalars.ts';

export const config = z.strictObject({
  directory: z
    .string()
    .min(1)
    .default('./data')
    .describe(
      'Where the journal, the cursors and the key of the URLs lie. Made when missing. One agent per directory.',
    ),
  max_bytes: size('0').describe(
    'Most that the journal takes; 0 is 10 GiB or half of the free space, whichever is less, and more when room is made. Beyond it Intercom is answered 429.',
  ),
  segment_bytes: size('64MiB').describe('Size of one segment file; segments are deleted whole.'),
  retention: z
    .strictObject({
      max_age: duration('24h').describe('How long entries stay after every backend has them.'),
      max_bytes: size('0').describe('At most so much of them stays; 0 is no limit but `max_bytes` of the journal.'),
    })
    .prefault({})
    .describe('What is kept of settled entries, for replay. Unsettled ones are deleted by nobody.'),
  dead_letters: z
    .strictObject({
      max_age: duration('720h').describe(
        'How long they are kept. What is deleted for its age is told in the log; 0 is for ever.',
      ),
      max_bytes: size('1GiB').describe(
        'Most that they take; 0 is no limit. Beyond it nothing is deleted: a delivery that needs room for one holds, and says so.',
      ),
    })
    .prefault({})
    .describe('What no backend took.'),
  orphan_max_age: duration('168h').describe(
    'How long entries are kept for an exporter that has left the configuration. It goes on where it was when it comes back. 0 is for ever. When the journal is full they go first.',
  ),
  fsync: z.boolean().optional().describe('Accepted; the journal is always synced.'),
  timeout: duration('1s').describe('Accepted for Collector files.'),
  create_directory: z.boolean().optional().describe('Accepted; the directory is always made.'),
});

export type FileStorageConfig = z.output<typeof config>;
