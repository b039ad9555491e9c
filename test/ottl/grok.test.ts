import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Grok } from '../../src/ottl/grok/grok.ts';
import { PATTERNS } from '../../src/ottl/grok/patterns.ts';

const SAMPLES: Readonly<Record<string, readonly string[]>> = {
  IPV6: ['::1', '::', '2001:db8::', '2001:db8::8a2e:370:7334', 'fe80::1%eth0', '::ffff:1.2.3.4', '1:2:3:4:5:6:7:8'],
  IP: ['10.0.0.1', '::1'],
  HOSTPORT: ['example.com:80'],
  MAC: ['00:11:22:aa:bb:cc', '00-11-22-aa-bb-cc', '0011.22aa.bbcc'],
  NUMBER: ['-1.5', '.5', '+3'],
  BASE16FLOAT: ['0x1f.a'],
  UUID: ['123e4567-e89b-12d3-a456-426614174000'],
  EMAILADDRESS: ['a.b+c@mail.example.com'],
  QS: ['"a \\" b"', "'x'"],
  URN: ['urn:isbn:0451450523'],
  WINPATH: ['C:\\a\\b.txt'],
  UNIXPATH: ['/usr/local/bin'],
  LOGLEVEL: ['WARN', 'error', 'Critical'],
  HTTPDATE: ['10/Oct/2000:13:55:36 -0700'],
  TIMESTAMP_ISO8601: ['2024-05-01T10:00:00Z', '2024-05-01 10:00:00.123+02:00'],
  DATESTAMP: ['05/01/2024 10:00:00', '31.12.2024-10:00:60'],
  DATESTAMP_RFC2822: ['Mon, 25 Dec 2023 10:00:00 +0100'],
  SYSLOGBASE: ['May  1 10:00:00 web-1 nginx[12]:'],
};

test('every definition compiles, and matches what its name says', () => {
  for (const name of PATTERNS.keys()) {
    const grok = new Grok(`^%{${name}:whole}$`, { namedCapturesOnly: true, definitions: new Map() });
    for (const sample of SAMPLES[name] ?? []) assert.equal(grok.parse(sample).whole, sample, name);
  }
  for (const name of Object.keys(SAMPLES)) assert.ok(PATTERNS.has(name), name);
});
