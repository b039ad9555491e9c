/**
 * What the Collector tells of the request that brought a record: `otelcol.client.metadata["x"]`. Records here come out of the
 * journal, where no request is left, so there is nothing, as for a record that the Collector read from a file.
 */
import { OttlError } from '../error.ts';
import { getIndexed } from '../keys.ts';
import type { Place } from './place.ts';

function nothing(path: string, kind: 'map' | 'text', summary: string): Place {
  const get = kind === 'map' ? () => ({}) : () => undefined;
  const set = () => {
    throw new OttlError(`"${path}" is read-only and cannot be modified`);
  };
  return {
    summary,
    type: kind === 'map' ? 'pcommon.Map' : 'string',
    indexable: kind === 'map',
    target: (keys) => (keys.length > 0 ? { get: (context) => getIndexed({}, keys, context), set } : { get, set }),
  };
}

export const REQUEST_PLACES: Readonly<Record<string, Place>> = {
  client: {
    summary: 'Who sent the request.',
    type: '',
    fields: {
      addr: nothing('otelcol.client.addr', 'text', 'Always nil here.'),
      auth: {
        summary: 'How the sender was authenticated.',
        type: '',
        fields: { attributes: nothing('otelcol.client.auth.attributes', 'map', 'Always empty here.') },
      },
      metadata: nothing('otelcol.client.metadata', 'map', 'Headers of the request: always empty here.'),
    },
  },
  grpc: {
    summary: 'A gRPC request.',
    type: '',
    fields: { metadata: nothing('otelcol.grpc.metadata', 'map', 'Always empty here.') },
  },
};
