import { type FileSystem, nodeFileSystem } from '../../../src/journal/file/fs.ts';

/**
 * The real file system without its syncs, which take most of the time and change nothing that a test could see in files. That
 * they are asked for, and when, is what faulty-fs.ts records; what they are worth is what power-loss/ is about.
 */
export const unsyncedFileSystem: FileSystem = {
  ...nodeFileSystem,
  async open(path, mode) {
    const file = await nodeFileSystem.open(path, mode);
    return {
      read: (target, offset) => file.read(target, offset),
      write: (data, offset) => file.write(data, offset),
      writeNow: (data, offset) => file.writeNow(data, offset),
      sync: async () => {},
      truncate: (bytes) => file.truncate(bytes),
      size: () => file.size(),
      close: () => file.close(),
    };
  },
  syncDirectory: async () => {},
};
