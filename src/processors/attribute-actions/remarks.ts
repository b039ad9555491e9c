import type { ConfigRemark } from '../../component.ts';
import type { ActionSettings } from './schema.ts';

/** What `from_context` comes to here: the journal keeps a request's body and not what came with it. */
export function contextRemarks(list: string, actions: readonly ActionSettings[]): ConfigRemark[] {
  return actions.flatMap(({ from_context: source }, index) => {
    if (source === '') return [];
    const message =
      source === 'client.address'
        ? "the address of a request's client is not kept with its records: this gives an empty text"
        : 'what came with a request is not kept with its records: only default_value counts';
    return [{ severity: 'warning', path: [list, index, 'from_context'], message }];
  });
}
