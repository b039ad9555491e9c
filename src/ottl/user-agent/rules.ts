/** The rules by which user agents are known: those of uap-core, of which the Collector may have a newer copy. */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { parse } from 'yaml';

export interface Rule {
  readonly regex: string;
  readonly flag?: string;
  /** With `$1` for a group; the first group where it is left out. */
  readonly name?: string;
  /** By part; the following groups where they are left out. */
  readonly versions?: readonly (string | null)[];
}

export interface Rules {
  readonly agents: readonly Rule[];
  readonly systems: readonly Rule[];
}

let rules: Rules | undefined;

/** Read when they are needed first, and kept. */
export function userAgentRules(): Rules {
  rules ??= read();
  return rules;
}

type Entry = Readonly<Record<string, string>>;

function read(): Rules {
  const file = createRequire(import.meta.url).resolve('uap-core/regexes.yaml');
  const lists = parse(readFileSync(file, 'utf8')) as Readonly<Record<string, readonly Entry[]>>;
  const agents = (lists.user_agent_parsers ?? []).map((entry) =>
    ruleOf(entry, 'family_replacement', ['v1_replacement', 'v2_replacement', 'v3_replacement']),
  );
  const parts = [1, 2, 3, 4].map((part) => `os_v${part}_replacement`);
  const systems = (lists.os_parsers ?? []).map((entry) => ruleOf(entry, 'os_replacement', parts));
  return { agents, systems };
}

function ruleOf(entry: Entry, name: string, versions: readonly string[]): Rule {
  return {
    regex: entry.regex ?? '',
    ...(entry.regex_flag && { flag: entry.regex_flag }),
    ...(entry[name] && { name: entry[name] }),
    versions: versions.map((key) => entry[key] || null),
  };
}
