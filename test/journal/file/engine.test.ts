import { nodeFileSystem } from '../../../src/journal/file/fs.ts';
import { journalSuite } from '../suite.ts';
import { setting } from './harness.ts';

journalSuite('file', (t, options) => setting(t).open({ ...options, fs: nodeFileSystem }));

journalSuite('small-segmented file', (t, options) => setting(t, { segmentBytes: 8_192 }).open(options));

journalSuite('file, with its last entries in memory,', (t, options) =>
  setting(t, { recentBytes: 1_000_000 }).open(options),
);
