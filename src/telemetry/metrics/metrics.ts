import type { AgentStatus } from '../status.ts';
import { agentMetrics } from './agent.ts';
import { collectorMetrics } from './collector.ts';
import type { MetricDefinition, MoreFigures } from './definition.ts';
import { deliveryMetrics } from './deliveries.ts';
import type { MetricFamily } from './model.ts';

/** Every metric of the agent, in the order of the page. */
export const metrics: readonly MetricDefinition[] = [...collectorMetrics, ...agentMetrics, ...deliveryMetrics];

/** The present figures as metrics. Those that have nothing to say now are left out. */
export function metricsOf(status: AgentStatus, more: MoreFigures): MetricFamily[] {
  return metrics
    .map(({ name, help, type, unit, kept, read }) => ({
      ...{ name, help, type, unit, samples: read({ status, more }) },
      ...(kept && { kept }),
    }))
    .filter(({ samples }) => samples.length > 0);
}
