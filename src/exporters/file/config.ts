import { z } from 'zod';
import { withoutEffect } from '../../config/blocks/accepted.ts';
import { recordRules, retryOnFailure, sendingQueue } from '../../config/blocks/delivery.ts';
import { duration } from '../../config/blocks/scalars.ts';
import { isBad, parseId } from '../../config/ids.ts';

/** What the Collector makes of 0. */
const FLUSH_MS = 1000;

export const config = z.strictObject({
  path: z
    .string({ error: ({ input }) => (input === undefined || input === null ? 'path must be non-empty' : undefined) })
    .min(1, 'path must be non-empty')
    .describe('File to write to; with `group_by` it has one `*`.'),
  append: z.boolean().default(true).describe('Always true: what the file holds is never thrown away.'),
  rotation: z
    .strictObject({
      max_megabytes: z.number().int().default(100).describe('Size (MiB) at which a new file is begun; 0 is 100.'),
      max_days: z.number().int().default(0).describe('Older files are deleted; 0: never for their age.'),
      max_backups: z.number().int().default(100).describe('How many old files are kept; 0: all.'),
      localtime: z.boolean().default(false).describe('Local time in the names of old files, instead of UTC.'),
    })
    .optional()
    .describe('Begin new files by size, and delete old ones. Absent: one file that grows.'),
  format: z
    .enum(['json', 'proto'], {
      error: ({ input }) =>
        typeof input === 'string' ? 'format type is not supported: write json or proto' : undefined,
    })
    .default('json')
    .describe('json: OTLP/JSON, a LogsData for each batch; proto: the same as protobuf.'),
  compression: z
    .enum(['', 'zstd'], {
      error: ({ input }) =>
        typeof input === 'string' ? 'compression is not supported: write zstd or nothing' : undefined,
    })
    .default('')
    .describe('zstd, where Node.js has it (22.15 or newer); each batch is a frame of its own.'),
  compression_params: z
    .strictObject({ level: z.number().int().default(0).describe('1 to 22, or the nearest; 0 is the fastest.') })
    .prefault({})
    .describe('Level of the compression.'),
  encoding: z
    .string()
    .superRefine((id, context) => {
      const parsed = parseId(id);
      if (isBad(parsed)) context.addIssue({ code: 'custom', message: parsed.problem });
    })
    .optional()
    .describe('Refused: this agent has no encoding extensions. Use `format`.'),
  group_by: z
    .strictObject({
      enabled: z.boolean().default(false).describe('Write a file for each value of the attribute.'),
      resource_attribute: z
        .string()
        .default('fileexporter.path_segment')
        .describe('Attribute of the resource, a text, that stands for the `*`. Records without it: `missing`.'),
      max_open_files: z.number().int().default(100).describe('Files kept open; others are opened again when needed.'),
    })
    .prefault({})
    .describe('Several files, by an attribute of the resource.'),
  create_directory: z
    .boolean()
    .default(false)
    .describe('Make the directory of the file when it is not there. With `group_by` it always is.'),
  directory_permissions: z
    .string()
    .optional()
    .describe("Permissions of directories that are made, less the umask, such as '0700'; '0755' when absent."),
  flush_interval: withoutEffect(
    duration('1s').transform((ms) => ms || FLUSH_MS),
    'every batch is synced to the disk before it counts as delivered.',
  ),
  ...recordRules,
  sending_queue: sendingQueue.prefault({}).describe('How records become batches.'),
  retry_on_failure: retryOnFailure.prefault({}).describe('What follows trouble that passes.'),
});

export type FileConfig = z.output<typeof config>;
