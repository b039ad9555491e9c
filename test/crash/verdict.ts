/** What must be true when all faults are over and nothing is pending. */
import type { LedgerLine } from '../support/agent-process.ts';
import { deadLetters, type ExportedLetter, ledger } from '../support/commands.ts';
import type { FaultSink } from '../support/fault-sink.ts';
import type { Loader } from '../support/loader.ts';
import { numberOf } from '../support/numbered.ts';
import { isFiltered } from './processors.ts';

export interface Evidence {
  readonly sink: FaultSink;
  /** undefined: it is not in the ledger. */
  readonly line: LedgerLine | undefined;
  readonly letters: readonly ExportedLetter[];
  readonly loader: Loader;
}

export interface Finding {
  readonly text: string;
  /** The notifications concerned. */
  readonly numbers: readonly number[];
}

/** Asks the agent that runs on `data`. Each sink is the backend of `otlp_http/<name>`. */
export async function gather(options: {
  data: string;
  sinks: readonly FaultSink[];
  loader: Loader;
}): Promise<Evidence[]> {
  const { data, sinks, loader } = options;
  const lines = await ledger(data);
  const letters = await deadLetters(data);
  return sinks.map((sink) => {
    const exporter = `otlp_http/${sink.name}`;
    return {
      sink,
      line: lines.find((line) => line.exporter === exporter),
      letters: letters.filter((letter) => letter.exporter === exporter),
      loader,
    };
  });
}

/** `crash`: a letter that was being sent again when the process was killed; its refusal came before. */
const KINDS: ReadonlySet<string> = new Set(['rejected', 'too_large', 'crash']);
/** One of those that was sent again by command, and failed in another way while others passed, comes back with that reason. */
const OF_RETURNED = 'gave_up';

/** Every notification has exactly one fate at this sink, and the ledger says the same. */
export function judge({ sink, line, letters, loader }: Evidence): Finding[] {
  const findings: Finding[] = [];
  const find = (text: string, numbers: readonly number[] = []) => {
    if (numbers.length > 0) findings.push({ text: `${sink.name}: ${numbers.length} ${text}`, numbers });
  };
  const say = (text: string) => findings.push({ text: `${sink.name}: ${text}`, numbers: [] });
  const dead = new Map<number, ExportedLetter>();
  for (const letter of letters) {
    const number = numberOf((JSON.parse(letter.body) as { id: string }).id);
    if (number === undefined) say(`a dead letter of something that was never sent: ${letter.body.slice(0, 200)}`);
    else dead.set(number, letter);
  }
  const numbers = Array.from({ length: loader.sent }, (_, number) => number);
  const took = (number: number) => sink.stored.has(number) || sink.rejected.has(number);

  find(
    'acknowledged, and neither arrived nor a dead letter',
    numbers.filter(
      (number) => loader.isAcknowledged(number) && !isFiltered(number) && !took(number) && !dead.has(number),
    ),
  );
  find(
    'arrived or are dead letters, though they are filtered',
    numbers.filter((number) => isFiltered(number) && (took(number) || dead.has(number))),
  );
  find(
    'arrived, and a dead letter besides',
    [...dead.keys()].filter((number) => took(number)),
  );
  find(
    'dead letters, though the sink refused none of these alone',
    [...dead]
      .filter(([number, { kind }]) => !sink.refusedAlone.has(number) || !(KINDS.has(kind) || kind === OF_RETURNED))
      .map(([number]) => number),
  );
  find(
    'refused alone, and no dead letter',
    [...sink.refusedAlone].filter((number) => !dead.has(number)),
  );
  find(
    'dead letters with other bytes than were sent',
    [...dead].filter(([number, { body }]) => body !== loader.textOf(number)).map(([number]) => number),
  );
  if (letters.length !== dead.size) say(`${letters.length} dead letters for ${dead.size} notifications`);
  for (const text of sink.wrong) say(text);

  if (!line) {
    say('no delivery in the ledger');
    return findings;
  }
  const { accepted, delivered, rejected_by_backend: rejected, filtered, dead_lettered, pending, ambiguous } = line;
  if (pending > 0) say(`${pending} pending at the end`);
  if (delivered + rejected !== sink.taken)
    say(`the ledger has ${delivered} delivered and ${rejected} rejected; ${sink.taken} different ones arrived`);
  if (dead_lettered !== dead.size) say(`the ledger has ${dead_lettered} dead letters; the store has ${dead.size}`);
  const withheld = numbers.filter(isFiltered);
  const least = withheld.filter((number) => loader.isAcknowledged(number)).length;
  if (filtered < least || filtered > withheld.length)
    say(`${filtered} filtered, of ${withheld.length} sent and ${least} answered 200`);
  const known = sink.taken + dead.size + filtered;
  if (accepted !== known) say(`${accepted} accepted, ${known} accounted for`);
  if (sink.repeats > ambiguous) say(`${sink.repeats} records were repeated; the ledger explains ${ambiguous}`);
  return findings;
}

/** What is stored is stored for every delivery: the sinks know of the same notifications. */
export function compareSinks(evidence: readonly Evidence[]): Finding[] {
  const known = evidence.map(({ sink, letters }) => {
    const dead = letters.map(({ body }) => numberOf((JSON.parse(body) as { id: string }).id) as number);
    return { name: sink.name, numbers: new Set([...sink.stored.keys(), ...sink.rejected.keys(), ...dead]) };
  });
  const [first, ...others] = known;
  return others.flatMap(({ name, numbers }) => {
    const only = (a: ReadonlySet<number>, b: ReadonlySet<number>) => [...a].filter((number) => !b.has(number));
    const missing = [...only(first?.numbers ?? new Set(), numbers), ...only(numbers, first?.numbers ?? new Set())];
    return missing.length > 0
      ? [{ text: `${first?.name} and ${name} differ in ${missing.length}`, numbers: missing }]
      : [];
  });
}
