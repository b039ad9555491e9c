import type { AnyFactory, ReceiverFactory } from '../component.ts';
import type { Entry } from '../journal/journal.ts';

/** What commands want to know of an entry, and only the receiver that took it can tell. Neither throws. */
export interface EntryFacts {
  topicOf(entry: Entry): string | undefined;
  /** True when the entry is about, or mentions, the person with this id or e-mail address. */
  mentions(entry: Entry, person: string): boolean;
}

/** By the type of the receiver, which needs no configuration: also entries of a receiver that has left it. */
export function entryFacts(factories: readonly AnyFactory[]): EntryFacts {
  const receivers = new Map(
    factories.flatMap((factory): [string, ReceiverFactory][] =>
      factory.kind === 'receiver' ? [[factory.type, factory]] : [],
    ),
  );
  const of = ({ source }: Entry) => receivers.get(source.split('/')[0] as string);
  return {
    topicOf: (entry) => (entry.erased ? undefined : of(entry)?.topicOf?.(entry)),
    mentions: (entry, person) => !entry.erased && (of(entry)?.mentions?.(entry, person) ?? false),
  };
}
