import { readFileSync } from 'node:fs';
import type { NetworkInterfaceInfo } from 'node:os';
import * as os from 'node:os';
import type { Value, ValueMap } from '../../record/value.ts';
import type { SystemAttribute } from './config.ts';

/** What is asked of the operating system: `node:os`, and the id of the machine, undefined where it has none. */
export interface Machine {
  hostname(): string;
  platform(): string;
  arch(): string;
  type(): string;
  release(): string;
  version(): string;
  machine(): string;
  cpus(): readonly { readonly model: string }[];
  networkInterfaces(): NodeJS.Dict<NetworkInterfaceInfo[]>;
  id(): string | undefined;
}

export const thisMachine: Machine = { ...os, id: machineId };

/** The attributes that are wanted, as far as the machine tells them. */
export function fromMachine(machine: Machine, isWanted: (name: SystemAttribute) => boolean): ValueMap {
  const attributes: ValueMap = {};
  for (const [name, find] of Object.entries(FINDERS) as [SystemAttribute, (machine: Machine) => Value][]) {
    const value = isWanted(name) ? find(machine) : undefined;
    if (value !== undefined && value !== '') attributes[name] = value;
  }
  return attributes;
}

const FINDERS: Readonly<Record<SystemAttribute, (machine: Machine) => Value>> = {
  'host.name': (machine) => machine.hostname(),
  'os.type': (machine) => OS_TYPES[machine.platform()] ?? machine.platform(),
  'host.id': (machine) => machine.id(),
  'host.arch': (machine) => ARCHITECTURES[machine.arch()] ?? machine.arch(),
  'host.ip': (machine) => interfaces(machine).flatMap(([, addresses]) => addresses.map(({ address }) => address)),
  'host.mac': (machine) => [...new Set(interfaces(machine).map(([, addresses]) => macOf(addresses)))],
  'host.interface': (machine) => interfaces(machine).map(([name]) => name),
  'host.cpu.model.name': (machine) => machine.cpus()[0]?.model,
  'os.description': (machine) =>
    [machine.type(), machine.hostname(), machine.release(), machine.version(), machine.machine()].join(' '),
};

/** Where OpenTelemetry's names are not those of Node.js. */
const OS_TYPES: Readonly<Record<string, string>> = { win32: 'windows', sunos: 'solaris' };
const ARCHITECTURES: Readonly<Record<string, string>> = {
  x64: 'amd64',
  ia32: 'x86',
  arm: 'arm32',
  ppc: 'ppc32',
};

function interfaces(machine: Machine): [string, NetworkInterfaceInfo[]][] {
  return Object.entries(machine.networkInterfaces()).flatMap(([name, addresses = []]) => {
    const outside = addresses.filter(({ internal }) => !internal);
    return outside.length > 0 ? [[name, outside] as [string, NetworkInterfaceInfo[]]] : [];
  });
}

/** With hyphens and in upper case, as the conventions want it. */
function macOf(addresses: readonly NetworkInterfaceInfo[]): string {
  return (addresses[0]?.mac ?? '').replaceAll(':', '-').toUpperCase();
}

/** Of Linux: other systems tell it to commands only. */
function machineId(): string | undefined {
  for (const path of ['/etc/machine-id', '/var/lib/dbus/machine-id']) {
    try {
      const id = readFileSync(path, 'utf8').trim();
      if (id !== '') return id;
    } catch {
      // The next one may be there.
    }
  }
  return undefined;
}
