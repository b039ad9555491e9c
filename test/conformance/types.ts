/** Which component types a configuration uses that this build does not have. */
import { factories } from '../../src/registry.ts';

const SECTIONS = { receivers: 'receiver', processors: 'processor', exporters: 'exporter', extensions: 'extension' };

const OURS: ReadonlySet<string> = new Set(
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

export function missingTypes(resolved: unknown): string[] {
  const missing = new Set<string>();
  for (const [section, kind] of Object.entries(SECTIONS)) {
    for (const id of keysOf((resolved as Record<string, unknown>)[section])) {
      const name = `${kind} ${(id.split('/')[0] as string).trim()}`;
      if (THEIRS.has(name) && !OURS.has(name)) missing.add(name);
    }
  }
  if (keysOf((resolved as Record<string, unknown>).connectors).length > 0) missing.add('connector');
  return [...missing];
}

function keysOf(value: unknown): string[] {
  return value !== null && typeof value === 'object' ? Object.keys(value) : [];
}
