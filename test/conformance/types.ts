/**
 * The component types of the cases: those of this build; stand-ins for what most cases only pass through, and are then about
 * something else; and those that are missing.
 */
import { z } from 'zod';
import type { AnyFactory } from '../../src/component.ts';
import { factories as ours } from '../../src/registry.ts';
import type { ConfigCase } from './cases.ts';

/** Takes any settings, so nothing that is said of them is compared. */
function standIn(kind: 'receiver' | 'processor' | 'extension', type: string): AnyFactory {
  const create = () => {
    throw new Error('BUG: a stand-in cannot be created');
  };
  const config = z.looseObject({});
  return { kind, type, stability: 'alpha', summary: 'Stands in.', config, create, decoder: create } as AnyFactory;
}

const STAND_INS = [standIn('receiver', 'otlp'), standIn('extension', 'zpages')].filter(
  ({ kind, type }) => !ours.some((factory) => factory.kind === kind && factory.type === type),
);

export const factories: readonly AnyFactory[] = [...ours, ...STAND_INS];

/** The processors of a case that a stand-in stands for. */
export function standInProcessors(processors: object): string[] {
  const types = new Set(Object.keys(processors).map(typeIn));
  return STAND_INS.filter(({ kind, type }) => kind === 'processor' && types.has(type)).map(
    ({ type }) => `processor ${type}`,
  );
}

/** True where the case says something about the settings of a stand-in. */
export function leansOnStandIn({ error = '', effective }: ConfigCase): boolean {
  return STAND_INS.some(({ kind, type }) => {
    const told = sectionOf(effective, `${kind}s`);
    return (
      new RegExp(`for "${type}[/"]|'\\[?${type}\\]?'|${kind}s::${type}[:/]`).test(error) ||
      Object.keys(told).some((id) => typeIn(id) === type)
    );
  });
}

const SECTIONS = {
  receivers: 'receiver',
  processors: 'processor',
  exporters: 'exporter',
  connectors: 'connector',
  extensions: 'extension',
};

const KNOWN: ReadonlySet<string> = new Set(
  factories.flatMap(({ kind, type, aliases }) => [type, ...(aliases ?? [])].map((name) => `${kind} ${name}`)),
);

/** Those of the Collector and its contrib distribution that stand in the recorded cases. */
const THEIRS: ReadonlySet<string> = new Set(
  `receiver otlp; receiver nop; receiver webhook_event; receiver webhookevent; receiver filelog; receiver file_log;
  processor batch; processor memory_limiter; processor attributes; processor resource; processor filter; processor transform;
  processor redaction; processor probabilistic_sampler; processor groupbyattrs; processor groupby_attrs; processor log_dedup;
  processor logdedup; processor resourcedetection; processor resource_detection; exporter otlp; exporter otlp_grpc;
  exporter coralogix; extension zpages; extension health_check; extension healthcheckv2; extension pprof;
  extension basicauth; extension basic_auth; extension bearertokenauth; extension bearer_token_auth;
  extension headers_setter; extension file_storage; extension memory_limiter`
    .split(';')
    .map((text) => text.trim()),
);

/** The Collector's components in a configuration that neither this build has nor a stand-in replaces. */
export function missingTypes(resolved: unknown): string[] {
  const missing = new Set<string>();
  for (const [section, kind] of Object.entries(SECTIONS)) {
    for (const id of Object.keys(sectionOf(resolved, section))) {
      const name = `${kind} ${typeIn(id)}`;
      if (THEIRS.has(name) && !KNOWN.has(name)) missing.add(name);
    }
  }
  return [...missing];
}

const typeIn = (id: string) => (id.split('/')[0] as string).trim();

function sectionOf(configuration: unknown, section: string): object {
  const value = (configuration as Record<string, unknown> | undefined)?.[section];
  return value !== null && typeof value === 'object' ? value : {};
}
