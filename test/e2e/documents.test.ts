// biome-ignore-all lint/suspicious/noTemplateCurlyInString: references of the configuration language, not of JavaScript
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { describe, it } from 'node:test';
import { parseAllDocuments, parse as parseYaml } from 'yaml';
import { formatDiagnostics } from '../../src/config/diagnostics.ts';
import { loadConfig } from '../../src/config/load.ts';
import { factories } from '../../src/registry.ts';
import { configuration, verdictsOf } from '../config-tests/trying.ts';
import { cli, command, freePort, temporaryDirectory } from '../support/agent-process.ts';
import { codeBlocks, documents } from '../support/markdown.ts';
import { OtlpSink } from '../support/otlp-sink.ts';
import { repository } from '../support/shared.ts';

/** Values for every variable that the examples name. */
const env = {
  INTERCOM_CLIENT_SECRET: 'secret-1',
  PRIVACY_KEY: '0123456789abcdef0123456789abcdef',
  CORALOGIX_PRIVATE_KEY: 'key-1',
  GRAFANA_TOKEN: 'token-1',
  REDACTION_KEY: '0123456789abcdef0123456789abcdef',
  SALES_CLIENT_SECRET: 'secret-2',
  SALES_OLD_CLIENT_SECRET: 'secret-3',
  TOKEN_NEW: 'token-2',
  TOKEN_OLD: 'token-1',
};

/** What a fragment lacks to be a configuration. */
function complete(fragment: Record<string, Record<string, unknown> | null>): string {
  const receivers = fragment.receivers ?? {
    intercom: {
      integrations: [{ name: 'a', client_secret: '${env:INTERCOM_CLIENT_SECRET}', application_name: 'acme' }],
    },
  };
  const exporters = fragment.exporters ?? { nop: null };
  const processors = fragment.processors ?? {};
  const connectors = fragment.connectors ?? {};
  const extensions = fragment.extensions ?? {};
  const service = fragment.service ?? {
    extensions: Object.keys(extensions),
    pipelines: {
      logs: {
        receivers: Object.keys(receivers),
        processors: Object.keys(processors),
        exporters: Object.keys(exporters),
      },
    },
  };
  return JSON.stringify({ receivers, processors, exporters, connectors, extensions, service });
}

describe('every YAML block of the documents is valid', async () => {
  for (const file of await documents()) {
    // What tests are about: the configuration above them.
    let above = '';
    for (const { line, language, text } of await codeBlocks(file)) {
      if (language !== 'yaml') continue;
      const tree = parseYaml(text) as Record<string, Record<string, unknown>>;
      if (tree.tests) {
        const config = above;
        it(`${file}:${line}`, async () => {
          for (const { test, failures } of await verdictsOf(await configuration(config, env), text))
            assert.deepEqual(failures, [], test.name);
        });
        continue;
      }
      above = complete(tree);
      it(`${file}:${line}`, async (t) => {
        const path = join(await temporaryDirectory(t), 'agent.yaml');
        // A service section alone names components that it does not show.
        const shown = Object.keys(tree).join() === 'service' ? { ...tree, ...named(tree) } : tree;
        await writeFile(path, complete(shown));
        await assertValid(path);
      });
    }
  }
});

/** As `validate`, in this process: there are many. */
async function assertValid(path: string): Promise<void> {
  const { config, diagnostics } = await loadConfig({
    ...{ sources: [path], environment: env, factories },
    readFile: (name) => readFile(name, 'utf8'),
  });
  assert.ok(config, formatDiagnostics(diagnostics, { color: false }));
}

function named(tree: Record<string, Record<string, unknown>>): Record<string, Record<string, unknown>> {
  const { logs } = (tree.service as Record<string, unknown>).pipelines as { logs: { exporters: string[] } };
  const coralogix = {
    domain: 'eu2.coralogix.com',
    private_key: '${env:CORALOGIX_PRIVATE_KEY}',
    application_name: 'acme',
  };
  return {
    exporters: Object.fromEntries(
      logs.exporters.map((id) => [id, id === 'coralogix' ? coralogix : { endpoint: 'https://otlp.example.net' }]),
    ),
    extensions: { health_check: null as unknown, file_storage: null } as Record<string, unknown>,
  } as Record<string, Record<string, unknown>>;
}

describe('every example', async () => {
  const folders = await readdir(join(repository, 'examples'));
  for (const folder of folders) {
    it(`in examples/${folder} has a configuration that is valid`, async (t) => {
      const directory = await temporaryDirectory(t);
      const configs: string[] = [];
      for (const file of await readdir(join(repository, 'examples', folder))) {
        const path = join(repository, 'examples', folder, file);
        const texts = await readFile(path, 'utf8');
        for (const document of parseAllDocuments(texts)) {
          assert.deepEqual(document.errors, [], file);
          const tree = document.toJS() as { kind?: string; data?: Record<string, string>; service?: object };
          if (tree.service) configs.push(path);
          if (tree.kind === 'ConfigMap') {
            const text = String(tree.data?.['agent.yaml']).replaceAll('/run/secrets/intercom-otel-agent', directory);
            const extracted = join(directory, 'agent.yaml');
            await writeFile(extracted, text);
            await writeFile(join(directory, 'intercom_client_secret'), 'secret\n');
            await writeFile(join(directory, 'coralogix_private_key'), 'key\n');
            configs.push(extracted);
          }
        }
      }
      assert.ok(configs.length > 0, 'no configuration in it');
      for (const config of configs) {
        const { code, stderr } = await command(['validate', '--strict', '--config', config], { env });
        assert.equal(code, 0, stderr);
      }
      // Without any of its secrets.
      for (const config of configs) {
        const args = ['test', '--config', config, join(repository, 'examples', folder)];
        const { code, stdout, stderr } = await command(args);
        assert.equal(code, 0, `${stdout}${stderr}`);
        assert.match(stdout, /[2-9] tests passed/);
      }
    });
  }

  it('of redaction fails its tests without its processors', async () => {
    const folder = join(repository, 'examples/redaction');
    const unset = ['--set', 'service.pipelines.logs.processors=[]', '--output', 'json'];
    const { code, stdout } = await cli(['test', '--config', join(folder, 'agent.yaml'), folder, ...unset]);
    const { tests } = JSON.parse(stdout) as { tests: { name: string; result: string }[] };
    assert.equal(code, 1);
    assert.deepEqual(
      tests.filter(({ result }) => result === 'passed').map(({ name }) => name),
      ['addresses of our own people stay'],
    );
  });
});

it('every link between the documents leads somewhere', async () => {
  for (const file of await documents()) {
    const text = await readFile(join(repository, file), 'utf8');
    for (const [, target] of text.matchAll(/\]\((?!https?:|#)([^)#]+)(?:#[^)]*)?\)/g)) {
      assert.ok(existsSync(join(repository, dirname(file), target as string)), `${file}: ${target}`);
    }
  }
});

it("the README's commands work, one after the other", async (t) => {
  const sink = await OtlpSink.start();
  t.after(() => sink.close());
  const directory = await temporaryDirectory(t);
  const [door, healthPort] = await Promise.all([freePort(), freePort()]);
  const local = (text: string) =>
    text
      .replaceAll(/(?<![\w/])agent\.yaml/g, join(directory, 'agent.yaml'))
      .replaceAll('localhost:8080', `localhost:${door}`)
      .replaceAll('localhost:13133', `localhost:${healthPort}`)
      .replaceAll('http://localhost:4318', sink.url)
      .replaceAll('./data', join(directory, 'data'))
      .replaceAll('intercom-otel-agent urls', 'npm run --silent agent -- urls');
  const blocks = await codeBlocks('README.md');
  const whole = blocks.find(({ language, text }) => language === 'yaml' && text.includes('service:'));
  await writeFile(
    join(directory, 'agent.yaml'),
    local(whole?.text ?? '').replace('  health_check:\n', `  health_check: { endpoint: 'localhost:${healthPort}' }\n`),
  );

  let agent: ReturnType<typeof shell> | undefined;
  t.after(() => agent?.stop());
  const outputs: string[] = [];
  for (const { text, line } of blocks.filter(({ language }) => language === 'sh')) {
    // The suite that this test belongs to, and a demo that stays up: both are run elsewhere.
    if (['npm test\n', 'npm start\n'].includes(text)) continue;
    const command = shell(local(text));
    if (/ run --config/.test(text)) {
      agent = command;
      await agent.says(/Everything is ready/);
      continue;
    }
    const { code, output } = await command.end;
    assert.equal(code, 0, `README.md:${line}: ${text}\n${output}`);
    outputs.push(output);
  }
  assert.ok(agent, 'the README runs the agent');
  assert.match(outputs.join('\n'), /https:\/\/hooks\.acme\.example\/intercom\/[\w-]{32}/);
  assert.match(outputs.join('\n'), /200 in \d+ ms: conversation\.user\.replied/);
  assert.match(outputs.join('\n'), /"status":"Server available"/);
  await sink.received(1);
  assert.equal(sink.records[0]?.eventName, 'intercom.conversation.user.replied');
});

function shell(script: string) {
  const child = spawn('bash', ['-euo', 'pipefail', '-c', script], {
    cwd: repository,
    env: { ...process.env, ...env, NO_COLOR: '1' },
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  });
  let output = '';
  const look = new Set<() => void>();
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      output += text;
      for (const listener of look) listener();
    });
  }
  const end = new Promise<{ code: number | null; output: string }>((resolve) =>
    child.once('close', (code) => resolve({ code, output })),
  );
  return {
    end,
    says: (pattern: RegExp) =>
      new Promise<void>((resolve, reject) => {
        look.add(() => pattern.test(output) && resolve());
        void end.then(() => reject(new Error(output)));
      }),
    async stop() {
      // The whole group: npm starts a shell of its own.
      if (child.exitCode === null) process.kill(-(child.pid as number), 'SIGTERM');
      await end;
    },
  };
}
