import type { AgentStatus, DeliveryStatus } from '../../src/telemetry/status.ts';

/** A delivery of which nothing is to be said but what a test says. */
export function delivery(more: Partial<DeliveryStatus> = {}): DeliveryStatus {
  return {
    pipeline: 'logs',
    exporter: 'nop',
    state: 'running',
    reason: null,
    accepted: 0,
    delivered: 0,
    rejected_by_backend: 0,
    filtered: 0,
    dead_lettered: 0,
    lost: 0,
    expired: 0,
    pending: 0,
    ambiguous: 0,
    oldest_pending_seconds: 0,
    last_rejection: null,
    in_flight: 0,
    send_failed: 0,
    ...more,
  };
}

export const NO_RELOADS = { succeeded: 0, failed: 0, last_success: null, failure: null };

/** The status of an agent that runs, and to which nothing has happened yet. */
export function agentStatus(more: Partial<AgentStatus> = {}): AgentStatus {
  return {
    phase: 'running',
    version: '1.2.3',
    startedAt: Date.UTC(2026, 0, 1),
    accepted: 0,
    duplicates: 0,
    refused: {},
    receivers: [],
    journal: { bytes: 10, max_bytes: 100, full: false, hours_left: null, slowest: null, notes: [] },
    dead_letters: { letters: 0, bytes: 0, max_bytes: 100, full: false, expired: 0 },
    deliveries: [],
    replays: [],
    reloads: NO_RELOADS,
    degraded: [],
    ...more,
  };
}
