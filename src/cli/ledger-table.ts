/** The ledger as a person reads it at night: what is wrong first, then the numbers. */
import type { Ledger } from '../control/operations.ts';
import type { DeliveryState, DeliveryStatus } from '../telemetry/status.ts';
import { printable } from '../telemetry/writer.ts';
import { bytesInWords, type Column, counted, durationInWords, grouped, table } from './printing.ts';

export interface Look {
  readonly colour: boolean;
}

const COLOURS: Readonly<Record<DeliveryState, string>> = {
  running: '\u001b[32m',
  retrying: '\u001b[33m',
  held: '\u001b[31m',
  stopped: '\u001b[2m',
  orphaned: '\u001b[33m',
};
const BOLD = '\u001b[1m';
const RED = '\u001b[31m';
const RESET = '\u001b[0m';

interface Figure extends Column {
  of(delivery: DeliveryStatus): number;
  /** Shown when it is zero everywhere. */
  readonly always?: boolean;
}

const FIGURES: readonly Figure[] = [
  { title: 'DELIVERED', of: ({ delivered }) => delivered, always: true },
  { title: 'REJECTED', of: ({ rejected_by_backend }) => rejected_by_backend },
  { title: 'FILTERED', of: ({ filtered }) => filtered },
  { title: 'DEAD', of: ({ dead_lettered }) => dead_lettered, always: true },
  { title: 'LOST', of: ({ lost }) => lost },
  { title: 'EXPIRED', of: ({ expired }) => expired },
  { title: 'ACCEPTED', of: ({ accepted }) => accepted, always: true },
  { title: 'REPEATED', of: ({ ambiguous }) => ambiguous },
  { title: 'IN FLIGHT', of: ({ in_flight }) => in_flight },
];

function runs({ accepted }: Ledger): boolean {
  return accepted !== null;
}

/** Ends with a newline. */
export function ledgerText(ledger: Ledger, look: Look): string {
  const lines = [
    ...(runs(ledger) ? [] : ['No agent runs: this is what its directory says.', '']),
    ...degraded(ledger, look),
    ...section('Deliveries', ledger.deliveries.length > 0 ? deliveries(ledger.deliveries, look) : ['  none'], look),
    ...(ledger.replays.length > 0 ? section('Replays', replays(ledger, look), look) : []),
    ...received(ledger),
    ...store(ledger),
  ];
  return `${lines.join('\n')}\n`;
}

function degraded({ degraded: reasons }: Ledger, { colour }: Look): string[] {
  if (reasons.length === 0) return [];
  const lines = reasons.map((reason) => `  ${printable(reason)}`);
  const title = `${counted(reasons.length, 'thing')} to look at`;
  return [colour ? `${BOLD}${RED}${title}${RESET}` : title, ...lines, ''];
}

function section(title: string, lines: readonly string[], { colour }: Look): string[] {
  return [colour ? `${BOLD}${title}${RESET}` : title, ...lines, ''];
}

function deliveries(list: readonly DeliveryStatus[], look: Look): string[] {
  const names = list.map(({ pipeline, exporter }) => [printable(pipeline), printable(exporter)]);
  return statusRows([{ title: 'PIPELINE' }, { title: 'EXPORTER' }], names, list, look);
}

function replays({ replays: list }: Ledger, look: Look): string[] {
  const columns = [{ title: 'REPLAY' }, { title: 'PIPELINE' }, { title: 'EXPORTER' }, { title: 'ASKED FOR' }];
  const names = list.map(({ id, pipeline, exporter, request }) => [id, pipeline, exporter, request].map(printable));
  return statusRows(columns, names, list, look);
}

/** Each row, and below it what there is to say of it. */
function statusRows(
  first: readonly Column[],
  names: readonly string[][],
  list: readonly DeliveryStatus[],
  { colour }: Look,
): string[] {
  const figures = FIGURES.filter(({ of, always }) => always || list.some((delivery) => of(delivery) > 0));
  const columns: Column[] = [
    ...first,
    { title: 'STATE' },
    { title: 'PENDING', align: 'right' },
    { title: 'OLDEST', align: 'right' },
    ...figures.map(({ title }) => ({ title, align: 'right' as const })),
  ];
  const rows = list.map((delivery, index) => [
    ...(names[index] as string[]),
    delivery.state,
    grouped(delivery.pending),
    delivery.pending > 0 && delivery.oldest_pending_seconds > 0
      ? durationInWords(delivery.oldest_pending_seconds)
      : '-',
    ...figures.map(({ of }) => grouped(of(delivery))),
  ]);
  const [head, ...body] = table(columns, rows);
  return [
    `  ${head}`,
    ...list.flatMap(({ state, reason, last_rejection }, index) => {
      // Behind the names; a name may be the word for a state.
      const line = body[index] as string;
      const at = line.indexOf(state, (names[index] as string[]).join('  ').length);
      const shown = colour
        ? `${line.slice(0, at)}${COLOURS[state]}${state}${RESET}${line.slice(at + state.length)}`
        : line;
      return [
        `  ${shown}`,
        // Of an agent that does not run it was said of all of them.
        ...(reason === null || state === 'stopped' ? [] : [`      ${printable(reason)}`]),
        ...(last_rejection === null
          ? []
          : [`      the backend last rejected records with: ${printable(last_rejection)}`]),
      ];
    }),
  ];
}

function received({ accepted, duplicates, refused }: Ledger): string[] {
  if (accepted === null) return [];
  const refusals = Object.entries(refused ?? {}).filter(([, count]) => count > 0);
  const shown = refusals.map(([reason, count]) => `${grouped(count)} ${printable(reason)}`).join(', ');
  return [
    `Received since the start  ${counted(accepted, 'record')}, ${counted(duplicates ?? 0, 'duplicate')}${shown ? `, refused: ${shown}` : ', nothing refused'}`,
  ];
}

function store({ journal, dead_letters, deliveries, replays }: Ledger): string[] {
  const left =
    journal.hours_left === null ? '' : `, full in ${durationInWords(journal.hours_left * 3600)} at the present rate`;
  // One that has settled everything keeps nothing.
  const waiting = [...deliveries, ...replays].some(({ pending }) => pending > 0);
  const slowest =
    journal.slowest === null || !waiting ? '' : `; the oldest entry waits for ${printable(journal.slowest)}`;
  const expired = dead_letters.expired > 0 ? `, ${grouped(dead_letters.expired)} deleted for their age` : '';
  return [
    `Journal                   ${share(journal)}${left}${slowest}`,
    `Dead letters              ${counted(dead_letters.letters, 'letter')}, ${share(dead_letters)}${expired}`,
    ...journal.notes.map((note) => `Note                      ${printable(note)}`),
  ];
}

function share({ bytes, max_bytes, full }: { bytes: number; max_bytes: number; full: boolean }): string {
  const isLimited = max_bytes > 0 && max_bytes < Number.MAX_SAFE_INTEGER;
  const of = isLimited ? ` of ${bytesInWords(max_bytes)} (${Math.floor((100 * bytes) / max_bytes)} %)` : '';
  return `${bytesInWords(bytes)}${of}${full ? ', FULL' : ''}`;
}
