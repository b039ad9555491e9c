/** Verdicts for programs: TAP 14, JUnit's XML, and JSON. */

import { pathText, patternText, valueText } from './difference-text.ts';
import { written } from './pattern.ts';
import type { Verdict } from './run.ts';
import { type FileVerdicts, failureText } from './text-report.ts';

export function tapReport(files: readonly FileVerdicts[]): string {
  const all = files.flatMap(({ file, verdicts }) => verdicts.map((verdict) => ({ file, verdict })));
  const lines = ['TAP version 14', `1..${all.length}`];
  for (const [index, { file, verdict }] of all.entries()) {
    const passed = verdict.failures.length === 0;
    // In a description, # begins a directive and a backslash escapes.
    const name = `${file}: ${verdict.test.name}`.replace(/[\\#]/g, '\\$&').replace(CONTROL, ' ');
    lines.push(`${passed ? 'ok' : 'not ok'} ${index + 1} - ${name}`);
    if (passed) continue;
    const text = failureText(verdict, file).split('\n');
    lines.push('  ---', '  message: |-', ...text.map((line) => `    ${line}`), '  ...');
  }
  return `${lines.join('\n')}\n`;
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const CONTROL = /[\u0000-\u001f\u007f-\u009f\u2028\u2029]/g;

export function junitReport(files: readonly FileVerdicts[]): string {
  const failed = (verdicts: readonly Verdict[]) => verdicts.filter(({ failures }) => failures.length > 0).length;
  const all = files.flatMap(({ verdicts }) => verdicts);
  const lines = [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites tests="${all.length}" failures="${failed(all)}">`,
  ];
  for (const { file, verdicts } of files) {
    lines.push(`  <testsuite name="${xml(file)}" tests="${verdicts.length}" failures="${failed(verdicts)}">`);
    for (const verdict of verdicts) {
      const { test, failures } = verdict;
      const head = `    <testcase name="${xml(test.name.replace(CONTROL, ' '))}" classname="${xml(file)}" file="${xml(file)}" line="${test.line}"`;
      const [first] = failures;
      if (!first) lines.push(`${head}/>`);
      else {
        const text = `<failure message="${xml(first.message.replace(CONTROL, ' '))}">${xml(failureText(verdict, file))}</failure>`;
        lines.push(`${head}>`, `      ${text}`, '    </testcase>');
      }
    }
    lines.push('  </testsuite>');
  }
  return `${[...lines, '</testsuites>'].join('\n')}\n`;
}

/** What XML 1.0 has no way to write becomes U+FFFD, and so does half a pair of surrogates, which no encoding takes. */
function xml(text: string): string {
  return (
    Buffer.from(text)
      .toString()
      // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
      .replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g, '\ufffd')
      .replace(/[<>&"\r]/g, (character) => `&#${character.charCodeAt(0)};`)
  );
}

/** For `jsonText`. */
export function jsonReport(files: readonly FileVerdicts[]): object {
  const all = files.flatMap(({ file, verdicts }) => verdicts.map((verdict) => ({ file, verdict })));
  return {
    passed: all.filter(({ verdict }) => verdict.failures.length === 0).length,
    failed: all.filter(({ verdict }) => verdict.failures.length > 0).length,
    tests: all.map(({ file, verdict: { test, pipeline, failures } }) => ({
      ...{ file, line: test.line, name: test.name, pipeline },
      result: failures.length === 0 ? 'passed' : 'failed',
      failures: failures.map(({ message, line, record, differences, leak, notes }) => ({
        ...{ message, line, notes, ...(record !== undefined && { record: record + 1 }), ...(leak && { leak }) },
        differences: differences.map(({ path, expected, got }) => ({
          path: pathText(path),
          ...(leak === undefined && { expected: expected ? patternText(expected) : null }),
          got: got ? valueText(written(got.value)) : null,
        })),
      })),
    })),
  };
}
