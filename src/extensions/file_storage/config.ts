import { z } from 'zod';
import type { ConfigRemark } from '../../component.ts';
import { withoutEffect } from '../../config/blocks/accepted.ts';
import { modeFault } from '../../config/blocks/file-mode.ts';
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
  fsync: z.boolean().default(true).describe('Always true: the journal is synced before each answer.'),
  timeout: withoutEffect(duration('1s'), 'a directory that another agent has is refused at once.'),
  create_directory: withoutEffect(z.boolean().optional(), 'the directory is always made, with mode 0700.'),
  directory_permissions: withoutEffect(
    z.string().optional(),
    'the directory is made with mode 0700, for its owner alone.',
  ),
  recreate: withoutEffect(
    z.boolean().default(false),
    'damage costs what is damaged, and the journal goes on without it.',
  ),
  max_size: z
    .number()
    .int()
    .optional()
    .describe("Bytes of each of the Collector's files: not the journal's limit, which is `max_bytes`."),
  compaction: withoutEffect(
    z
      .strictObject({
        on_start: z.boolean().default(false).describe('When the Collector starts.'),
        on_rebound: z.boolean().default(false).describe('When a queue has been emptied.'),
        directory: z.string().optional().describe('Where.'),
        rebound_needed_threshold_mib: z.number().int().default(100).describe('From which size.'),
        rebound_trigger_threshold_mib: z.number().int().default(10).describe('Down to which size.'),
        max_transaction_size: z.number().int().default(65_536).describe('In which steps.'),
        check_interval: duration('5s').describe('How often.'),
        cleanup_on_start: z.boolean().default(false).describe('What a crash left of it.'),
      })
      .optional(),
    'segments are deleted whole when every backend has what is in them.',
  ),
});

export type FileStorageConfig = z.output<typeof config>;

/** What the schema can't say. */
export function check({ fsync, max_size: maxSize, ...settings }: FileStorageConfig): ConfigRemark[] {
  const remarks: ConfigRemark[] = [];
  const add = (severity: ConfigRemark['severity'], path: string[], message: string, suggestion?: string) =>
    remarks.push({ severity, path, message, ...(suggestion && { suggestion }) });
  if (!fsync) {
    add(
      'warning',
      ['fsync'],
      'fsync: false is ignored; every entry is synced before it is answered',
      'remove the line',
    );
  }
  if (maxSize) {
    add('warning', ['max_size'], "it limits each of the Collector's files, and nothing here", `max_bytes: ${maxSize}`);
  }
  const { compaction, create_directory: create, directory_permissions: mode } = settings;
  if (compaction && compaction.max_transaction_size < 0) {
    const message = 'max transaction size for compaction cannot be less than 0';
    add('error', ['compaction', 'max_transaction_size'], message);
  }
  if (compaction?.on_rebound && compaction.check_interval <= 0) {
    const message = 'compaction check interval must be positive when rebound compaction is set';
    add('error', ['compaction', 'check_interval'], message);
  }
  const fault = create && mode !== undefined ? modeFault(mode) : undefined;
  if (fault) add('error', ['directory_permissions'], fault, "'0750'");
  return remarks;
}
