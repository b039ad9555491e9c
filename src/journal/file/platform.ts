/** The one place of this engine that knows operating systems: who runs where, and what kind of volume a directory is on. */
import { execFileSync } from 'node:child_process';
import { readFileSync, readlinkSync } from 'node:fs';
import { hostname } from 'node:os';

export interface Platform {
  readonly pid: number;
  readonly host: string;
  /**
   * Equal for two processes exactly when they can see each other's PIDs: the boot, and on Linux the PID namespace (two
   * containers both have a process 1). Empty where the system does not say: then nobody is ever taken for dead by PID.
   */
  readonly scope: string;
  /** When the process with this PID started, in some fixed spelling; undefined when there is none that runs. */
  startOf(pid: number): string | undefined;
}

export const systemPlatform: Platform = {
  pid: process.pid,
  host: hostname(),
  get scope() {
    ownScope ??= readScope();
    return ownScope;
  },
  startOf(pid) {
    if (!runs(pid)) return undefined;
    return process.platform === 'linux' ? startOnLinux(pid) : startElsewhere(pid);
  },
};

/** Spelling for a process that runs and whose start cannot be seen: equal to itself, so that it counts as alive. */
const UNSEEN = 'unseen';

function runs(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // EPERM: it runs, as another user.
    return !(error instanceof Error && 'code' in error && error.code === 'ESRCH');
  }
}

function startOnLinux(pid: number): string | undefined {
  let stat: string;
  try {
    stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
  } catch {
    return runs(pid) ? UNSEEN : undefined;
  }
  // The second field is the program's name in parentheses and may hold anything; the state follows it, and 19 fields
  // later the start in clock ticks since the boot.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const dead = fields[0] === 'Z' || fields[0] === 'X';
  return dead ? undefined : fields[19];
}

function startElsewhere(pid: number): string | undefined {
  return output('ps', ['-o', 'lstart=', '-p', String(pid)]) || (runs(pid) ? UNSEEN : undefined);
}

let ownScope: string | undefined;

function readScope(): string {
  if (process.platform !== 'linux') return output('sysctl', ['-n', 'kern.bootsessionuuid']);
  try {
    return `${readFileSync('/proc/sys/kernel/random/boot_id', 'latin1').trim()} ${readlinkSync('/proc/self/ns/pid')}`;
  } catch {
    return '';
  }
}

function output(command: string, args: readonly string[]): string {
  try {
    return execFileSync(command, args, {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
      timeout: 5_000,
    }).trim();
  } catch {
    return '';
  }
}

/** statfs(2) types of Linux on which a synced write may still be lost, and how. */
const HOLLOW = new Map<number, string>([
  [0x01021994, 'tmpfs: it lies in memory and is gone after a restart of the machine or container'],
  [0x858458f6, 'ramfs: it lies in memory and is gone after a restart of the machine'],
  [0x794c7630, "overlay: the container's own layer, gone when the container is replaced"],
  [0x6969, 'NFS: what a sync promises depends on the server and its mount options'],
  [0x65735546, 'FUSE: what a sync promises depends on the program behind it'],
  [0xff534d42, 'SMB: what a sync promises depends on the server and its mount options'],
  [0xfe534d42, 'SMB: what a sync promises depends on the server and its mount options'],
  [0x01021997, '9p: what a sync promises depends on the host'],
]);

/** A warning for people, where the volume makes "durable" mean little. */
export function hollowVolume(directory: string, type: number, platform: string = process.platform): string | undefined {
  const what = platform === 'linux' ? HOLLOW.get(type >>> 0) : undefined;
  if (what === undefined) return undefined;
  return `${directory} is on ${what}. Give the agent a directory on a volume of its own.`;
}
