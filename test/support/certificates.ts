import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface Certificate {
  readonly cert: string;
  readonly key: string;
}

export interface Certificates {
  /** The authority that signed the others. */
  readonly ca: Certificate;
  /** For localhost and 127.0.0.1. */
  readonly valid: Certificate;
  readonly expired: Certificate;
  /** For other.example. */
  readonly otherName: Certificate;
  /** An authority that signed nothing. */
  readonly otherCa: Certificate;
}

/** The reason to skip where Node.js cannot be helped: it reads certificates, and cannot make them. */
export const opensslMissing = ((): string | false => {
  try {
    execFileSync('openssl', ['version'], { stdio: 'ignore' });
    return false;
  } catch {
    return 'skipped: the openssl command is not here to make certificates';
  }
})();

/** New certificates, valid for a day. */
export function makeCertificates(): Certificates {
  const directory = mkdtempSync(join(tmpdir(), 'certificates-'));
  const openssl = (...args: string[]) => execFileSync('openssl', args, { cwd: directory, stdio: 'pipe' });
  const read = (name: string): Certificate => ({
    cert: readFileSync(join(directory, `${name}.pem`), 'utf8'),
    key: readFileSync(join(directory, `${name}.key`), 'utf8'),
  });
  const newKey = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];
  const authority = (name: string): Certificate => {
    const basics = ['-subj', `/CN=${name}`, '-days', '1', '-addext', 'keyUsage=critical,keyCertSign'];
    openssl('req', '-x509', ...newKey, '-keyout', `${name}.key`, '-out', `${name}.pem`, ...basics);
    return read(name);
  };
  const signed = (name: string, names: string, days: string): Certificate => {
    openssl('req', '-new', ...newKey, '-keyout', `${name}.key`, '-out', `${name}.csr`, '-subj', `/CN=${name}`);
    writeFileSync(join(directory, `${name}.ext`), `subjectAltName=${names}\n`);
    const by = ['-CA', 'ca.pem', '-CAkey', 'ca.key', '-CAcreateserial', '-extfile', `${name}.ext`];
    openssl('x509', '-req', '-in', `${name}.csr`, '-out', `${name}.pem`, '-days', days, ...by);
    return read(name);
  };
  try {
    const here = 'DNS:localhost,IP:127.0.0.1';
    return {
      ca: authority('ca'),
      valid: signed('valid', here, '1'),
      expired: signed('expired', here, '-1'),
      otherName: signed('other-name', 'DNS:other.example', '1'),
      otherCa: authority('other-ca'),
    };
  } finally {
    rmSync(directory, { recursive: true });
  }
}
