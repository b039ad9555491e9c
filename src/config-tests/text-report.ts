/** Verdicts for people. */
import { printable } from '../config/diagnostics.ts';
import { around, type DifferenceText, differenceTexts, valueText as plainText } from './difference-text.ts';
import type { Failure } from './judge.ts';
import type { Verdict } from './run.ts';

/** Differences of one record that are shown. */
const MAX_SHOWN = 12;

export interface FileVerdicts {
  readonly file: string;
  readonly verdicts: readonly Verdict[];
}

type Paint = (code: number, text: string) => string;
const RED = 31;
const GREEN = 32;
const BOLD = 1;
const FAINT = 2;

/** Ends with the counts. */
export function textReport(files: readonly FileVerdicts[], options: { color: boolean }): string {
  const paint: Paint = options.color ? (code, text) => `\u001b[${code}m${text}\u001b[0m` : (_, text) => text;
  const lines: string[] = [];
  for (const { file, verdicts } of files) {
    lines.push(paint(BOLD, printable(file)));
    for (const verdict of verdicts) {
      const passed = verdict.failures.length === 0;
      lines.push(`  ${passed ? paint(GREEN, '✓') : paint(RED, '✗')} ${printable(verdict.test.name)}`);
      for (const failure of verdict.failures) {
        lines.push(...failureLines(failure, verdict, file, paint).map((line) => `    ${line}`.trimEnd()));
      }
    }
    lines.push('');
  }
  return `${[...lines, summary(files)].join('\n')}\n`;
}

export function summary(files: readonly FileVerdicts[]): string {
  const all = files.flatMap(({ verdicts }) => verdicts);
  const failed = all.filter(({ failures }) => failures.length > 0).length;
  const tests = `${all.length} ${all.length === 1 ? 'test' : 'tests'}`;
  return failed === 0 ? `${tests} passed.` : `${tests}: ${all.length - failed} passed, ${failed} failed.`;
}

/** Without colours: for other formats. */
export function failureText(verdict: Verdict, file: string): string {
  return verdict.failures.flatMap((failure) => failureLines(failure, verdict, file, (_, text) => text)).join('\n');
}

function failureLines(failure: Failure, { test, pipeline }: Verdict, file: string, paint: Paint): string[] {
  const { message, line, differences, leak, notes, record = 0 } = failure;
  const lines = [`${printable(message)}  ${paint(FAINT, `(${printable(file)}:${line}, pipeline ${pipeline})`)}`];
  if (leak !== undefined) {
    for (const { path, got } of differences.slice(0, MAX_SHOWN)) {
      const [
        {
          paths: [place],
        },
      ] = differenceTexts([{ path }]) as [DifferenceText];
      lines.push(
        `  ${paint(BOLD, place?.text ?? '')}`,
        `    holds     ${paint(RED, around(textIn(got?.value), leak))}`,
      );
    }
  } else {
    const texts = differenceTexts(differences);
    for (const text of texts.slice(0, MAX_SHOWN)) {
      for (const place of text.paths) {
        const at = test.lineOf(record, place.path);
        lines.push(`  ${paint(BOLD, place.text)}  ${paint(FAINT, `line ${at}`)}`);
      }
      lines.push(`    expected  ${paint(GREEN, text.expected)}`, `    got       ${paint(RED, text.got)}`);
      if (text.mark)
        lines.push(`              ${' '.repeat(text.mark.start)}${paint(RED, '^'.repeat(text.mark.length))}`);
      if (text.note) lines.push(`    ${text.note}`);
    }
    if (texts.length > MAX_SHOWN) lines.push(`  and ${texts.length - MAX_SHOWN} more; --output json has all`);
  }
  lines.push(...notes.map((note) => `  = ${printable(note)}`));
  return lines;
}

const textIn = (value: unknown) => (typeof value === 'string' ? value : plainText(value as never));
