/** The commands that look after an agent's data, as a person runs them. */
import { cli, type LedgerLine } from './agent-process.ts';

/** What of `dead-letters export` the suites look at. */
export interface ExportedLetter {
  readonly id: string;
  readonly exporter: string;
  readonly position: number;
  readonly kind: string;
  readonly reason: string;
  readonly status: number | null;
  readonly retrying: boolean;
  readonly body: string;
}

/** @param data the agent's data directory; an agent may run on it or not */
export async function ledger(data: string): Promise<LedgerLine[]> {
  const { deliveries } = JSON.parse(await output(['ledger', '--json', '--data', data])) as { deliveries: LedgerLine[] };
  return deliveries;
}

export async function deadLetters(data: string): Promise<ExportedLetter[]> {
  const lines = (await output(['dead-letters', 'export', '--data', data])).split('\n');
  return lines.filter((line) => line !== '').map((line) => JSON.parse(line) as ExportedLetter);
}

async function output(args: readonly string[]): Promise<string> {
  const { code, stdout, stderr } = await cli(args);
  if (code !== 0) throw new Error(`${args.join(' ')} ended with ${code}: ${stderr}`);
  return stdout;
}

/** The rule of the ledger, which holds at every read. Resolves to a sentence when it is broken. */
export function imbalance(line: LedgerLine): string | undefined {
  const { accepted, delivered, rejected_by_backend: rejected, filtered, dead_lettered: dead, lost, pending } = line;
  const expired = line.expired ?? 0;
  const parts = { delivered, rejected, filtered, dead, lost, expired, pending };
  const sum = Object.values(parts).reduce((total, part) => total + part, 0);
  const odd = [accepted, ...Object.values(parts)].some((count) => !Number.isSafeInteger(count) || count < 0);
  if (!odd && sum === accepted) return undefined;
  return `the ledger of ${line.exporter} does not balance: ${accepted} accepted, ${JSON.stringify(parts)}`;
}
