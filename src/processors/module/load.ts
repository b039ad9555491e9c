import { createRequire } from 'node:module';
import { resolve } from 'node:path';
import { types } from 'node:util';
import type { ModuleConfig } from './config.ts';

/**
 * What the module exports under the name. Node keeps what it has loaded: a changed file is seen after a restart.
 * @throws {Error} that names the module and what to do
 */
export function loadExport({ path, package: name, export: wanted }: ModuleConfig, directory: string): unknown {
  const what = path ?? (name as string);
  const from = resolve(directory);
  const module = path === undefined ? requirePackage(what, from) : requireOne(resolve(from, path), from, what);
  const exports = isObject(module) ? module : {};
  if (wanted in exports) return exports[wanted];
  // A CommonJS module is its own default.
  if (wanted === 'default' && !('__esModule' in exports) && !types.isModuleNamespaceObject(module)) return module;
  const names = Object.keys(exports).filter((key) => key !== '__esModule');
  throw new Error(`${what} exports no ${JSON.stringify(wanted)}: it has ${names.join(', ') || 'nothing'}`);
}

function requirePackage(name: string, directory: string): unknown {
  try {
    return requireOne(name, directory, name);
  } catch (error) {
    if (!(error instanceof Error) || codeOf(error.cause) !== 'MODULE_NOT_FOUND') throw error;
    try {
      return createRequire(import.meta.url)(name);
    } catch {
      throw error;
    }
  }
}

function requireOne(what: string, directory: string, shown: string): unknown {
  try {
    return createRequire(resolve(directory, 'agent.yaml'))(what);
  } catch (error) {
    throw new Error(`${shown} can't be loaded: ${reason(error)}`, { cause: error });
  }
}

function reason(error: unknown): string {
  switch (codeOf(error)) {
    case 'MODULE_NOT_FOUND':
      return `${firstLine(error)}. Paths are relative to the folder of the configuration file, packages are installed there`;
    case 'ERR_REQUIRE_ASYNC_MODULE':
      return 'it awaits something while it loads (top-level await): do that in the factory, or before';
    default:
      return firstLine(error);
  }
}

const firstLine = (error: unknown) => (error instanceof Error ? error.message : String(error)).split('\n')[0] as string;
const codeOf = (error: unknown) => (error as NodeJS.ErrnoException | undefined)?.code;

function isObject(value: unknown): value is Record<string, unknown> {
  return (typeof value === 'object' && value !== null) || typeof value === 'function';
}
