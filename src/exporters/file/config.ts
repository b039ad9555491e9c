import { z } from 'zod';
import { recordRules, retryOnFailure, sendingQueue } from '../../config/blocks/delivery.ts';
import { duration } from '../../config/blocks/scalars.ts';

export const config = z.strictObject({
  path: z
    .string({ error: () => 'path must be non-empty' })
    .min(1, 'path must be non-empty')
    .describe('File to write to.'),
  append: z.boolean().default(true).describe('Always true: what the file holds is never thrown away.'),
  rotation: z
    .strictObject({
      max_megabytes: z.number().int().min(1).default(100).describe('Size (MiB) at which a new file is begun.'),
      max_days: z.number().int().min(0).default(0).describe('Older files are deleted; 0: never for their age.'),
      max_backups: z.number().int().min(0).default(100).describe('How many old files are kept; 0: all.'),
      localtime: z.boolean().default(false).describe('Local time in the names of old files, instead of UTC.'),
    })
    .optional()
    .describe('Begin new files by size, and delete old ones. Absent: one file that grows.'),
  format: z
    .enum(['json', 'proto'])
    .default('json')
    .describe('json: one OTLP/JSON LogsData per line, a line per batch.'),
  compression: z.enum(['', 'none', 'zstd']).default('').describe('None so far.'),
  create_directory: z.boolean().default(false).describe('Make the directory of the file when it is not there.'),
  directory_permissions: z
    .string()
    .regex(/^0?[0-7]{3}$/, "directory_permissions value must be a valid octal representation, such as '0755'")
    .optional()
    .describe("Permissions of directories that are made, less the umask; '0755' when absent."),
  flush_interval: duration('1s').describe('Accepted; every batch is synced to the disk before it counts as delivered.'),
  ...recordRules,
  sending_queue: sendingQueue.prefault({}).describe('How records become lines.'),
  retry_on_failure: retryOnFailure.prefault({}).describe('What follows trouble that passes.'),
});

export type FileConfig = z.output<typeof config>;
