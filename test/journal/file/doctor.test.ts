import assert from 'node:assert/strict';
import { appendFileSync, existsSync, mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { describe, test } from 'node:test';
import { checkDirectory, type Finding } from '../../../src/journal/file/doctor.ts';
import type { Platform } from '../../../src/journal/file/platform.ts';
import type { CursorState, Journal } from '../../../src/journal/journal.ts';
import { letterOf, sized } from '../entries.ts';
import { FaultyFileSystem } from './faulty-fs.ts';
import { picture, type Setting, setting } from './harness.ts';

const NAME = 'logs coralogix';

async function filled(at: Setting): Promise<Journal> {
  const journal = await at.open();
  const cursor = await journal.openCursor(NAME);
  for (let number = 1; number <= 30; number++) await journal.append([sized(number, 1_000)]);
  const { entries } = await journal.read(3, { maxEntries: 1, maxBytes: 1 });
  await journal.deadLetters.put(entries.map((found) => letterOf(found, NAME, at.clock.now())));
  cursor.save({ cursor: 4, settled: [[6, 7]], counts: { delivered: 4, dead_lettered: 1 } });
  await cursor.flush();
  return journal;
}

/** On a volume that is not the machine's, and with nothing changed by it. */
async function examine(at: Setting, options: { fs?: FaultyFileSystem; platform?: Platform } = {}): Promise<Finding[]> {
  const before = picture(at.directory);
  const findings: Finding[] = [];
  const { directory, clock } = at;
  for await (const finding of checkDirectory({ directory, clock, fs: new FaultyFileSystem(), ...options })) {
    findings.push(finding);
  }
  assert.deepEqual(picture(directory), before, 'not a byte is changed');
  return findings;
}

/** A stopped agent's directory, in which the delivery has saved these states. */
async function saved(at: Setting, ...states: CursorState[]): Promise<void> {
  const journal = existsSync(join(at.directory, 'journal')) ? await at.open() : await filled(at);
  await journal.closeCursor(NAME);
  const cursor = await journal.openCursor(NAME);
  for (const state of states) {
    cursor.save(state);
    await cursor.flush();
  }
  await journal.close();
}

const options = { segmentBytes: 14_000 };
const texts = (findings: Finding[]) => findings.map(({ severity, file, message }) => `${severity} ${file}: ${message}`);
const bad = (findings: Finding[]) => texts(findings.filter(({ severity }) => severity !== 'ok'));
const stateOf = (at: Setting) => at.states().find((path) => readFileSync(path).includes(NAME)) as string;
const inside = (at: Setting, path: string) => path.slice(at.directory.length + 1);

function overwrite(path: string, offset: number, bytes: Buffer): void {
  const content = readFileSync(path);
  bytes.copy(content, offset);
  writeFileSync(path, content);
}

describe('the doctor of a data directory', () => {
  test('finds nothing amiss after an orderly stop, and says what is there', async (t) => {
    const at = setting(t, options);
    await (await filled(at)).close();
    for (const name of ['url_key', 'audit.log', 'agent.sock']) writeFileSync(join(at.directory, name), '');
    const findings = await examine(at);
    assert.deepEqual(bad(findings), []);
    const all = texts(findings);
    assert.ok(all.includes('ok owner: no agent runs on this directory'));
    assert.ok(
      all.some((text) => /^ok journal\/0{15}1\.log: \d+ entries, 1\d KiB$/.test(text)),
      all.join('\n'),
    );
    assert.ok(all.some((text) => /^ok journal\/0{15}1\.ids: \d+ ids, as in its segment$/.test(text)));
    assert.ok(all.includes(`ok ${inside(at, stateOf(at))}: ${NAME}: at position 4, 2 counts`));
    assert.ok(all.some((text) => /^ok dead-letters: 1 letters, /.test(text)));
    const last = findings.at(-1);
    assert.match(
      last?.message ?? '',
      /^30 entries in \d segments .*positions 1 to 30; 1 deliveries; 1 dead letters; 0 errors, 0 warnings$/,
    );
  });

  test('finds nothing amiss beside a running agent', async (t) => {
    const at = setting(t, options);
    const journal = await filled(at);
    const findings = await examine(at);
    assert.deepEqual(bad(findings), []);
    assert.match(
      texts(findings)[0] ?? '',
      new RegExp(`^ok owner: process ${process.pid} on .* runs on this directory`),
    );
    assert.ok(texts(findings).some((text) => /of zeros at its end, written ahead/.test(text)));
    await journal.close();
  });

  test('tells an owner that is dead, and what a killed process had not finished', async (t) => {
    const at = setting(t, options);
    const platform = (pid: number): Platform => {
      return { pid, host: 'here', scope: 'boot', startOf: (asked) => (asked === pid ? 'noon' : undefined) };
    };
    const journal = await at.open({ platform: platform(7) });
    const cursor = await journal.openCursor(NAME);
    await journal.append([sized(1, 1_000)]);
    cursor.attempting(1);
    const owner = readFileSync(join(at.directory, 'owner'));
    await at.killed(journal);
    writeFileSync(join(at.directory, 'owner'), owner);
    let findings = await examine(at, { platform: platform(8) });
    assert.deepEqual(bad(findings), []);
    assert.match(texts(findings)[0] ?? '', /process 7 on here had this directory and is dead/);
    assert.ok(
      texts(findings).some((text) => text.endsWith(`the last process died while ${NAME} was at work at position 1`)),
    );

    const [log] = at.files('log') as [string];
    const content = readFileSync(log);
    const end = content.indexOf(Buffer.alloc(1_000, 1)) + 1_000;
    writeFileSync(log, Buffer.concat([content.subarray(0, end), content.subarray(end - 1_000, end - 10)]));
    findings = await examine(at, { platform: platform(8) });
    assert.equal(bad(findings).length, 1);
    assert.match(bad(findings)[0] ?? '', /^warning journal\/0+1\.log: 990 bytes at its end are no whole append/);
  });

  test('tells which positions are damaged', async (t) => {
    const at = setting(t, options);
    await (await filled(at)).close();
    const [first] = at.files('log') as [string];
    const content = readFileSync(first);
    for (const number of [2, 4, 5])
      overwrite(first, content.indexOf(Buffer.alloc(1_000, number)) + 10, Buffer.from('x'));
    const findings = bad(await examine(at));
    assert.deepEqual(findings, [
      'error journal/0000000000000001.log: position 2 is damaged: lost',
      'error journal/0000000000000001.log: position 4 is damaged: lost',
      'error journal/0000000000000001.log: position 5 is damaged: lost',
    ]);
  });

  test('tells when the log has lost what a delivery knows of', async (t) => {
    const at = setting(t, options);
    await saved(at, { cursor: 40, settled: [[45, 49]], counts: {} });
    const findings = bad(await examine(at));
    assert.equal(findings.length, 1, findings.join('\n'));
    assert.match(findings[0] ?? '', /knows of positions up to 49, the log of those up to 30: the rest is lost/);
    for (const path of at.files('log').slice(0, 2))
      for (const file of [path, path.replace('.log', '.ids')]) rmSync(file);
    const first = Number.parseInt(basename(at.files('log')[0] as string), 10);
    await saved(at, { cursor: 4, settled: [], counts: {} });
    const words = `stands at position 4, and the log begins at ${first}: what lies between is lost to it`;
    assert.ok(bad(await examine(at)).some((text) => text.includes(words)));
  });

  test('tells what is wrong with files of ids', async (t) => {
    const at = setting(t, options);
    await (await filled(at)).close();
    const [first, second, third] = at.files('ids') as [string, string, string];
    const ids = readFileSync(second);
    overwrite(first, readFileSync(first).length - 30, Buffer.from([1, 2, 3]));
    rmSync(second);
    overwrite(third, 40, Buffer.from('?'));
    const name = (path: string) => `journal/${basename(path)}`;
    assert.deepEqual(bad(await examine(at)), [
      `warning ${name(first)}: its ids are damaged`,
      `warning ${name(second)}: it is missing or damaged; the next start makes it again`,
      `warning ${name(third)}: it is missing or damaged; the next start makes it again`,
    ]);
    writeFileSync(second, ids);
    writeFileSync(first, ids);
    assert.ok(
      bad(await examine(at)).includes(
        `warning ${name(first)}: it is about another segment; the next start makes it again`,
      ),
    );
    rmSync(second.replace('.ids', '.log'));
    writeFileSync(second, ids.subarray(0, 60));
    assert.ok(
      bad(await examine(at)).includes(
        `warning ${name(second)}: it is damaged: duplicates of what was in a deleted segment are not recognised`,
      ),
    );
  });

  const gone = 'the delivery logs coralogix starts again where it was born';
  for (const [what, words, harm] of [
    ['damaged', `it is damaged: ${gone}`, (path: string) => writeFileSync(path, 'x'.repeat(200_000))],
    ['empty', `it is empty: ${gone}`, (path: string) => truncateSync(path, 0)],
    ['missing', `it is missing: ${gone}`, (path: string) => rmSync(path)],
    [
      'half damaged',
      'one of the two copies of the state of logs coralogix is damaged',
      (path: string) => overwrite(path, readFileSync(path).indexOf('{"name"') + 3, Buffer.from('?')),
    ],
  ] as const) {
    test(`tells a state that is ${what}`, async (t) => {
      const at = setting(t, options);
      await saved(at, { cursor: 5, settled: [], counts: {} }, { cursor: 8, settled: [], counts: {} });
      harm(stateOf(at));
      const findings = bad(await examine(at));
      assert.equal(findings.length, 1, findings.join('\n'));
      assert.ok(findings[0]?.includes(words), findings[0]);
    });
  }

  test('tells a state that makes no sense', async (t) => {
    const at = setting(t, options);
    await saved(at, { cursor: 9, settled: [[8, 12]], counts: {} });
    const words = /the state of logs coralogix makes no sense: its settled ranges are in disorder/;
    assert.match(bad(await examine(at)).join('\n'), words);
  });

  test('tells damaged dead letters', async (t) => {
    const at = setting(t, options);
    await (await filled(at)).close();
    for (const path of picture(join(at.directory, 'dead-letters')).keys()) {
      if (!path.endsWith('.log')) continue;
      const found = readFileSync(path).indexOf(Buffer.alloc(500, 3));
      if (found > 0) overwrite(path, found, Buffer.from('x'));
    }
    const findings = bad(await examine(at));
    assert.ok(findings.length > 0 && findings.every((text) => / dead-letters: /.test(text)), findings.join('\n'));
  });

  test('tells what is foreign, renamed or not a segment', async (t) => {
    const at = setting(t, options);
    await (await filled(at)).close();
    const [log] = at.files('log') as [string];
    for (const name of ['notes.txt', 'journal/README', 'deliveries/README', 'dead-letters/README']) {
      writeFileSync(join(at.directory, name), 'mine');
    }
    writeFileSync(join(at.directory, 'journal/copy.log'), readFileSync(log));
    writeFileSync(log.replace(/\d{16}/, '0000000000009999'), readFileSync(log));
    appendFileSync(join(at.directory, 'journal/0000000000008888.log'), 'mine');
    const findings = bad(await examine(at));
    for (const words of [
      /^warning notes.txt: it is not a file of the agent/,
      /^warning journal\/README: it is not a file of the journal/,
      /^warning deliveries\/README: it is not the state of a delivery/,
      /^warning dead-letters: .*README is not a file of the dead letters/,
      /^error journal\/copy.log: it does not have the name of a file of the journal/,
      /^error journal\/0000000000009999.log: it begins at position 1 by its own account/,
      /^error journal\/0000000000008888.log: .*is not a segment of this journal/,
    ]) {
      assert.ok(
        findings.some((text) => words.test(text)),
        `${words} in ${findings.join('\n')}`,
      );
    }
  });

  test('tells a volume with little room', async (t) => {
    const at = setting(t, options);
    await (await filled(at)).close();
    const fs = new FaultyFileSystem();
    fs.volume = async () => ({ type: 0xef53, freeBytes: 50 * 1024 ** 2 });
    const [finding, ...others] = (await examine(at, { fs })).filter(({ severity }) => severity !== 'ok');
    assert.deepEqual([finding?.severity, finding?.message, others], ['warning', '50.0 MiB are free on its volume', []]);
  });

  test('says where there is no journal', async (t) => {
    const at = setting(t);
    const directory = mkdtempSync(join(tmpdir(), 'journal-none-'));
    t.after(() => rmSync(directory, { recursive: true }));
    for (const place of [directory, join(directory, 'nowhere')]) {
      const findings: Finding[] = [];
      for await (const finding of checkDirectory({ directory: place, clock: at.clock })) findings.push(finding);
      assert.equal(findings.length, 1);
      assert.equal(findings[0]?.severity, 'error');
    }
  });
});
