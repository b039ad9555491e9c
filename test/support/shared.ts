import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The repository's root, from .build/test/support. */
export const repository = fileURLToPath(new URL('../../..', import.meta.url));

/** Data beside the repository that some tests compare with; they skip with `sharedMissing` as the reason where it is absent. */
export const shared = join(repository, '../shared');
export const sharedMissing = existsSync(join(shared, 'intercom')) ? false : 'skipped: the folder ../shared is not here';
