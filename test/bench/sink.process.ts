/** The backend of the benchmark, in a process of its own: a counting sink that is asked by messages, one at a time. */
import { CountingSink } from '../support/counting-sink.ts';

export type SinkQuestion =
  | { readonly ask: 'forget'; readonly numbers: number; readonly lanes: number }
  | { readonly ask: 'refuse' | 'accept' | 'count' };

export interface LaneCount {
  readonly records: number;
  readonly distinct: number;
  readonly requests: number;
  readonly bytes: number;
  readonly lastAt: number;
}

const sink = await CountingSink.start(1);
process.on('message', (question: SinkQuestion) => {
  switch (question.ask) {
    case 'forget':
      sink.forget(question.numbers, question.lanes);
      break;
    case 'refuse':
    case 'accept':
      sink.refusing = question.ask === 'refuse';
      break;
    case 'count':
  }
  process.send?.(
    sink.lanes.map(({ records, distinct, requests, bytes, lastAt }) => ({
      records,
      distinct,
      requests,
      bytes,
      lastAt,
    })),
  );
});
process.on('disconnect', () => process.exit(0));
process.send?.(sink.url);
