import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { loadConfig } from '../../src/config/load.ts';
import { factories } from '../../src/registry.ts';

interface Parts {
  readonly exporter?: string;
  readonly door?: string;
  readonly extensions?: string;
  readonly listed?: string;
}

/** What loading says of a configuration in which an exporter or a door names an authenticator. */
async function problems({ exporter = '', door = '', extensions = '', listed = '' }: Parts): Promise<string[]> {
  const auth = (id: string) => (id === '' ? '' : `, auth: { authenticator: ${id} }`);
  const yaml = `
receivers:
  intercom: { integrations: [{ name: a, application_name: a, signature: none }]${auth(door)} }
exporters:
  otlp_http: { endpoint: 'https://otlp.example.com'${auth(exporter)} }
extensions: { file_storage: , ${extensions} }
service:
  extensions: [file_storage, ${listed}]
  pipelines: { logs: { receivers: [intercom], exporters: [otlp_http] } }
`;
  const { diagnostics } = await loadConfig({
    sources: ['agent.yaml'],
    factories,
    environment: { AUTHENTICATOR: 'bearertokenaut', TOKEN: 'the-token' },
    readFile: async () => yaml,
  });
  return diagnostics
    .filter(({ severity }) => severity === 'error')
    .map(({ path, place, message, suggestion }) => `${place?.line} ${path}: ${message} | ${suggestion ?? ''}`);
}

const TOKEN = `bearertokenauth: { token: '\${env:TOKEN}' }`;
const CLIENT = `basicauth/out: { client_auth: { username: a, password: '\${env:TOKEN}' } }`;
const SERVER = `basicauth/in: { htpasswd: { inline: '\${env:AUTHENTICATOR}:\${env:TOKEN}' } }`;

describe('an authenticator', () => {
  it('is found by its id, whatever name of its type is written', async () => {
    const both = { extensions: TOKEN, listed: 'bearertokenauth' };
    assert.deepEqual(await problems({ ...both, exporter: 'bearertokenauth', door: 'bearer_token_auth' }), []);
    const listed = 'basic_auth/out, basicauth/in';
    const sides = { extensions: `${CLIENT}, ${SERVER}`, listed, exporter: 'basicauth/out', door: 'basic_auth/in' };
    assert.deepEqual(await problems(sides), []);
  });

  it('that is not configured is an error with its place, and the name that was meant', async () => {
    const both = { extensions: TOKEN, listed: 'bearertokenauth' };
    assert.deepEqual(await problems({ ...both, exporter: 'bearertokenaut' }), [
      '5 exporters::otlp_http::auth::authenticator: references authenticator "bearertokenaut" which is not configured | did you mean "bearertokenauth"?',
    ]);
    assert.deepEqual(await problems({ door: 'x' }), [
      '3 receivers::intercom::auth::authenticator: references authenticator "x" which is not configured | add a bearertokenauth or a basicauth under extensions, and to service::extensions',
    ]);
    const [hidden] = await problems({ ...both, exporter: `'\${env:AUTHENTICATOR}'` });
    assert.match(
      hidden ?? '',
      /authenticator that the environment variable AUTHENTICATOR gives which is not configured/,
    );
  });

  it('that service::extensions does not list is an error', async () => {
    assert.deepEqual(await problems({ extensions: TOKEN, exporter: 'bearertokenauth' }), [
      '5 exporters::otlp_http::auth::authenticator: the authenticator "bearertokenauth" is configured, but service::extensions does not list it | extensions: [file_storage, bearertokenauth]',
    ]);
  });

  it('of the other side, or that is none, is an error in words', async () => {
    const sides = { extensions: `${CLIENT}, ${SERVER}`, listed: 'basicauth/out, basicauth/in' };
    const [client] = await problems({ ...sides, exporter: 'basicauth/in' });
    assert.match(
      client ?? '',
      /"basicauth\/in" checks who calls this agent; .* \| configured for this: basicauth\/out$/,
    );
    const [server] = await problems({ ...sides, door: 'basicauth/out' });
    assert.match(
      server ?? '',
      /"basicauth\/out" tells backends who this agent is; .* \| configured for this: basicauth\/in$/,
    );
    const [none] = await problems({ exporter: 'file_storage' });
    assert.match(none ?? '', /the extension "file_storage" is no authenticator/);
  });

  it('with errors of its own brings no second one', async () => {
    const [only, ...more] = await problems({
      extensions: 'bearertokenauth:',
      listed: 'bearertokenauth',
      exporter: 'bearertokenauth',
    });
    assert.match(only ?? '', /extensions::bearertokenauth: no bearer token provided/);
    assert.deepEqual(more, []);
  });
});
