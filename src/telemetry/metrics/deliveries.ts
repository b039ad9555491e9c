/** Our own metrics of deliveries and replays: the ledger, number by number, under the ledger's own words. */
import type { DeliveryState, DeliveryStatus } from '../status.ts';
import { byDelivery, flag, type MetricDefinition } from './definition.ts';

const STATES: readonly DeliveryState[] = ['running', 'retrying', 'held', 'stopped', 'orphaned'];

type Count = {
  [Key in keyof DeliveryStatus]: DeliveryStatus[Key] extends number ? Key : never;
}[keyof DeliveryStatus];

function ledger(key: Count, type: 'counter' | 'gauge', help: string, unit = '{record}'): MetricDefinition {
  return {
    name: `intercom_agent_delivery_${key}`,
    help,
    type,
    unit,
    ...(type === 'counter' && { kept: true }),
    labels: ['pipeline', 'exporter'],
    read: ({ status }) => byDelivery(status.deliveries, (delivery) => delivery[key]),
  };
}

export const deliveryMetrics: readonly MetricDefinition[] = [
  {
    name: 'intercom_agent_delivery_state',
    help: '1 for the state that the delivery is in, 0 for the others.',
    type: 'gauge',
    unit: '1',
    labels: ['pipeline', 'exporter', 'state'],
    read: ({ status }) =>
      STATES.flatMap((state) =>
        byDelivery(status.deliveries, (delivery) => flag(delivery.state === state)).map(({ labels, value }) => ({
          labels: { ...labels, state },
          value: Math.min(1, value),
        })),
      ),
  },
  ledger('accepted', 'counter', 'Records that the delivery answers for. Kept beyond restarts.'),
  ledger('delivered', 'counter', 'Records that the backend took. Kept beyond restarts.'),
  ledger(
    'rejected_by_backend',
    'counter',
    'Records that the backend rejected out of a batch that it took. Kept beyond restarts.',
  ),
  ledger('filtered', 'counter', 'Records that a processor dropped. Kept beyond restarts.'),
  ledger(
    'dead_lettered',
    'gauge',
    'Records that became dead letters, with those that were discarded since; it falls when some are sent again. Kept beyond restarts.',
  ),
  ledger('lost', 'counter', 'Entries that were damaged on disk. Kept beyond restarts.'),
  ledger(
    'expired',
    'counter',
    'Records that were given up: of an exporter that left the configuration, or for want of room. Kept beyond restarts.',
  ),
  ledger('pending', 'gauge', 'Records that are still to be delivered.'),
  ledger(
    'ambiguous',
    'counter',
    'Records that were sent again although the backend may have had them. Kept beyond restarts.',
  ),
  ledger('oldest_pending_seconds', 'gauge', 'Age of the oldest record that is still to be delivered.', 's'),
  {
    name: 'intercom_agent_replays',
    help: 'Replays that are known: waiting, under way or just over.',
    type: 'gauge',
    unit: '{replay}',
    labels: ['pipeline', 'exporter'],
    read: ({ status }) => byDelivery(status.replays, () => 1),
  },
  {
    name: 'intercom_agent_replay_pending',
    help: 'Records that replays are still to send.',
    type: 'gauge',
    unit: '{record}',
    labels: ['pipeline', 'exporter'],
    read: ({ status }) => byDelivery(status.replays, ({ pending }) => pending),
  },
  {
    name: 'intercom_agent_replay_delivered',
    help: 'Records of replays that the backend took; it falls when a replay is no longer known.',
    type: 'gauge',
    unit: '{record}',
    labels: ['pipeline', 'exporter'],
    read: ({ status }) => byDelivery(status.replays, ({ delivered }) => delivered),
  },
];
