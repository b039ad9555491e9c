/** What a `tls` block means for OpenSSL: versions, cipher suites and curves, whose names are Go's. */
import { createSecureContext, type SecureContextOptions, type SecureVersion } from 'node:tls';
import type { ClientTls, ServerTls } from '../config/blocks/tls.ts';

type Tls = ClientTls | ServerTls;

/** Those that Go takes: its list of secure ones. */
const CIPHERS: Readonly<Record<string, string>> = {
  TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA: 'ECDHE-ECDSA-AES128-SHA',
  TLS_ECDHE_ECDSA_WITH_AES_256_CBC_SHA: 'ECDHE-ECDSA-AES256-SHA',
  TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA: 'ECDHE-RSA-AES128-SHA',
  TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA: 'ECDHE-RSA-AES256-SHA',
  TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256: 'ECDHE-ECDSA-AES128-GCM-SHA256',
  TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384: 'ECDHE-ECDSA-AES256-GCM-SHA384',
  TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256: 'ECDHE-RSA-AES128-GCM-SHA256',
  TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384: 'ECDHE-RSA-AES256-GCM-SHA384',
  TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256: 'ECDHE-RSA-CHACHA20-POLY1305',
  TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256: 'ECDHE-ECDSA-CHACHA20-POLY1305',
};

/** As in Go, no list of ciphers takes these away: a list without them would switch TLS 1.3 off. */
const OF_TLS_1_3 = ['TLS_AES_128_GCM_SHA256', 'TLS_AES_256_GCM_SHA384', 'TLS_CHACHA20_POLY1305_SHA256'];

const CURVES: Readonly<Record<string, string>> = {
  X25519MLKEM768: 'X25519MLKEM768',
  X25519: 'X25519',
  P256: 'P-256',
  P384: 'P-384',
  P521: 'P-521',
};

export interface TlsProblem {
  readonly severity: 'error' | 'warning';
  /** Inside the `tls` block. */
  readonly path: readonly (string | number)[];
  readonly message: string;
  readonly suggestion?: string;
}

/** What is wrong with these settings, found without opening a file. */
export function tlsProblems(tls: Tls): TlsProblem[] {
  const problems: TlsProblem[] = [];
  const add = (severity: TlsProblem['severity'], path: TlsProblem['path'], message: string, suggestion?: string) =>
    problems.push({ severity, path, message, ...(suggestion && { suggestion }) });
  const { min, max } = versionsOf(tls);
  if (max !== undefined && max < min) {
    add('error', ['max_version'], 'invalid TLS configuration: min_version cannot be greater than max_version');
  } else if (min < '1.2') {
    const message =
      'TLS 1.0 and 1.1 can be broken by whoever is on the way, and OpenSSL takes them with weak ciphers only';
    add('warning', ['min_version'], message, "'1.2'");
  }
  for (const [index, name] of (tls.cipher_suites ?? []).entries()) {
    if (Object.hasOwn(CIPHERS, name) || OF_TLS_1_3.includes(name)) continue;
    const known = Object.keys(CIPHERS).join(', ');
    add('error', ['cipher_suites', index], `invalid TLS cipher suite: ${JSON.stringify(name)}`, `there are: ${known}`);
  }
  const curves = tls.curve_preferences ?? [];
  const known = Object.keys(CURVES).filter(isAvailable);
  const hasOther = curves.some((name) => known.includes(name));
  for (const [index, name] of curves.entries()) {
    if (known.includes(name)) continue;
    const path = ['curve_preferences', index];
    const help = `there are: ${known.join(', ')}`;
    if (!Object.hasOwn(CURVES, name)) add('error', path, `invalid curve type: ${JSON.stringify(name)}`, help);
    else add(hasOther ? 'warning' : 'error', path, `this Node.js does not have ${name}: it is left out`, help);
  }
  if (tls.tpm?.enabled) {
    add('error', ['tpm', 'enabled'], 'this agent has no TPM support', 'key_file: a file with the key');
  }
  return problems;
}

/** For `createSecureContext` and `createServer`. Names that `tlsProblems` objects to are left out. */
export function tlsOptions(tls: Tls): SecureContextOptions {
  const { min, max } = versionsOf(tls);
  const chosen = tls.cipher_suites?.length ? tls.cipher_suites.flatMap((name) => CIPHERS[name] ?? []) : undefined;
  // OpenSSL signs nothing with SHA-1 at its usual level, so that the old versions could never be agreed on.
  const old = min < '1.2' ? ['@SECLEVEL=0'] : [];
  const ciphers = chosen ? [...OF_TLS_1_3, ...chosen, ...old] : old.length > 0 ? ['DEFAULT', ...old] : [];
  const curves = (tls.curve_preferences ?? []).filter(isAvailable).map((name) => CURVES[name]);
  return {
    minVersion: nodeVersion(min),
    maxVersion: max === undefined ? undefined : nodeVersion(max),
    ...(ciphers.length > 0 && { ciphers: ciphers.join(':') }),
    ...(curves.length > 0 && { ecdhCurve: curves.join(':') }),
  };
}

function versionsOf(tls: Tls): { min: string; max: string | undefined } {
  return { min: tls.min_version || '1.2', max: tls.max_version || undefined };
}

const nodeVersion = (version: string) => (version === '1.0' ? 'TLSv1' : `TLSv${version}`) as SecureVersion;

const available = new Map<string, boolean>();

/** Known here, and to the OpenSSL that this Node.js has. */
function isAvailable(name: string): boolean {
  const curve = Object.hasOwn(CURVES, name) ? CURVES[name] : undefined;
  if (curve === undefined) return false;
  let found = available.get(curve);
  if (found === undefined) {
    try {
      createSecureContext({ ecdhCurve: curve });
      found = true;
    } catch {
      found = false;
    }
    available.set(curve, found);
  }
  return found;
}
