import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';

/** Bytes that the files in a directory take on the volume; of holes none. */
export async function bytesIn(directory: string): Promise<number> {
  const files = await readdir(directory, { recursive: true, withFileTypes: true });
  const sizes = files
    .filter((file) => file.isFile())
    .map((file) => stat(join(file.parentPath, file.name)).catch(() => undefined));
  return (await Promise.all(sizes)).reduce((sum, found) => sum + (found?.blocks ?? 0) * 512, 0);
}
