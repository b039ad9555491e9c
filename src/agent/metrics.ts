import type { StoredJournal } from '../journal/journal.ts';
import { metricsOf } from '../telemetry/metrics/metrics.ts';
import type { MetricFamily } from '../telemetry/metrics/model.ts';
import type { OwnResource } from '../telemetry/resource.ts';
import type { AgentStatus } from '../telemetry/status.ts';
import { journalFill } from './status.ts';

/** The figures of a running agent as metrics: those of its status, of its journal and of this process. */
export function currentMetrics(
  status: AgentStatus,
  journal: Pick<StoredJournal, 'status' | 'cursors'> | undefined,
  resource: OwnResource,
): MetricFamily[] {
  return metricsOf(status, {
    ...(journal && { journal: journalFigures(journal) }),
    resource: labelsOf(resource),
    process: processFigures(),
  });
}

/** Prometheus's labels have no dots. */
function labelsOf({ attributes }: OwnResource): Record<string, string> {
  return Object.fromEntries(
    Object.entries(attributes).map(([key, value]) => [
      key.replace(/[^a-zA-Z0-9_]/g, '_').replace(/^(?=\d)/, '_'),
      String(value),
    ]),
  );
}

function journalFigures(journal: Pick<StoredJournal, 'status' | 'cursors'>) {
  const status = journal.status();
  const { first, next, freeBytes, failure, syncs } = status;
  return { first, next, freeBytes, failure, syncs, neededBytes: journalFill(status, journal.cursors()).used };
}

function processFigures() {
  const { user, system } = process.cpuUsage();
  const { rss, heapUsed } = process.memoryUsage();
  return {
    uptimeSeconds: process.uptime(),
    cpuSeconds: (user + system) / 1e6,
    residentBytes: rss,
    heapBytes: heapUsed,
  };
}
