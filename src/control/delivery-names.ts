import { parseReplayName } from './replay-request.ts';

/** The name of a delivery's cursor. */
export function deliveryName(pipeline: string, exporter: string): string {
  return `${pipeline} ${exporter}`;
}

/** The parts of a delivery's, or a replay's, name. What is neither is taken for an exporter, so that nothing is hidden. */
export function partsOf(name: string): { pipeline: string; exporter: string } {
  const replay = parseReplayName(name);
  if (replay) return { pipeline: replay.pipeline, exporter: replay.exporter };
  const space = name.indexOf(' ');
  return space < 0
    ? { pipeline: '', exporter: name }
    : { pipeline: name.slice(0, space), exporter: name.slice(space + 1) };
}

/** True for `pipeline exporter`, as opposed to a replay, or to what no agent of this kind has made. */
export function isDeliveryName(name: string): boolean {
  return /^\S+ \S+$/.test(name);
}

/** @param wanted id of an exporter, or `pipeline exporter`: also those of its replays */
export function isOfDelivery(name: string, wanted: string): boolean {
  const { pipeline, exporter } = partsOf(name);
  return wanted === exporter || wanted === deliveryName(pipeline, exporter);
}

/** Cursors in the order of their names: journals list them as they find them. */
export function sortedByName<Named extends { readonly name: string }>(cursors: readonly Named[]): Named[] {
  return [...cursors].sort((a, b) => (a.name < b.name ? -1 : 1));
}
