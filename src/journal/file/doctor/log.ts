/** The segments and files of ids in a data directory: which are there, and each of them. */
import { join } from 'node:path';
import { JournalError } from '../../journal.ts';
import { ID_BYTES } from '../../recent-ids.ts';
import { skippingBadBlocks } from '../bad-blocks.ts';
import { isMissing } from '../fs.ts';
import { readIds, readSummary } from '../ids-file.ts';
import { decodeHead, SEGMENT_HEAD_BYTES, type SegmentHead } from '../segment.ts';
import type { Examined } from './examined.ts';
import type { Finding } from './finding.ts';
import { checkSegment, type LogFacts } from './segment.ts';

/** Yields what it finds; returns what the log says. */
export async function* checkLog(options: Examined): AsyncGenerator<Finding, LogFacts> {
  const { fs, directory } = options;
  const facts: LogFacts = { segments: 0, entries: 0, bytes: 0, first: 1, next: 1, births: new Map() };
  const names = (await fs.list(join(directory, 'journal'))).sort();
  const logs = names.filter((name) => /^\d{16}\.log$/.test(name));
  const heads: { name: string; head: SegmentHead }[] = [];
  for (const name of names) {
    const file = `journal/${name}`;
    if (logs.includes(name)) {
      const head = await readHead(options, name);
      if ('severity' in head) yield head;
      else heads.push({ name, head });
    } else if (/^\d{16}\.(log|ids)\.new$/.test(name)) {
      yield { severity: 'ok', file, message: 'a draft that was not finished; the next start deletes it' };
    } else if (/^\d{16}\.ids$/.test(name)) {
      if (!logs.includes(name.replace('.ids', '.log'))) yield await checkOrphan(options, name, facts);
    } else if (/\.(log|ids)$/.test(name)) {
      yield {
        severity: 'error',
        file,
        message: 'it does not have the name of a file of the journal, and the agent will not start',
        advice: 'If it is yours, move it elsewhere; if it was renamed, give it back its 16 digits.',
      };
    } else yield { severity: 'warning', file, message: 'it is not a file of the journal; it is left alone' };
  }
  facts.first = heads[0]?.head.first ?? 1;
  for (const [index, { name, head }] of heads.entries()) {
    yield* checkSegment(options, name, head, heads[index + 1]?.head.first, facts);
  }
  return facts;
}

async function readHead({ fs, directory }: Examined, name: string): Promise<SegmentHead | Finding> {
  const file = `journal/${name}`;
  const path = join(directory, file);
  try {
    const opened = await fs.open(path, 'read');
    try {
      const bytes = Buffer.alloc(SEGMENT_HEAD_BYTES);
      const head = decodeHead(bytes.subarray(0, await skippingBadBlocks(opened).read(bytes, 0)), path);
      if (Number.parseInt(name, 10) === head.first) return head;
      const message = `it begins at position ${head.first} by its own account: it was renamed, and the agent will not start`;
      return { severity: 'error', file, message };
    } finally {
      await opened.close();
    }
  } catch (error) {
    if (isMissing(error)) return { severity: 'ok', file, message: 'it was deleted meanwhile' };
    return { severity: 'error', file, message: error instanceof JournalError ? error.message : String(error) };
  }
}

async function checkOrphan({ fs, directory }: Examined, name: string, facts: LogFacts): Promise<Finding> {
  const file = `journal/${name}`;
  const path = join(directory, file);
  try {
    const summary = await readSummary(fs, path);
    const ids = summary && (await readIds(fs, path));
    facts.next = Math.max(facts.next, summary?.segment.end ?? 1);
    if (ids) return { severity: 'ok', file, message: `${ids.length / ID_BYTES} ids of a segment that is deleted` };
  } catch (error) {
    return { severity: 'error', file, message: error instanceof JournalError ? error.message : String(error) };
  }
  return {
    severity: 'warning',
    file,
    message: 'it is damaged: duplicates of what was in a deleted segment are not recognised',
    advice: 'Delete it when you have seen this.',
  };
}
