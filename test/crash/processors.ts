/** Six processors between the journal and every backend. The body stays as it is, for the backends compare it. */
import type { AgentSettings } from '../support/agent-process.ts';
import { crashArguments } from './arguments.ts';

const SIX: NonNullable<AgentSettings['processors']> = {
  yaml: `  filter: { log_conditions: ['IsMatch(log.attributes["log.record.uid"], "3$")'] }
  attributes: { actions: [{ key: suite, value: crash, action: insert }, { key: suite, action: hash }] }
  transform:
    error_mode: propagate
    log_statements:
      - set(log.attributes["length"], Len(log.body["intercom"]["data"]["item"]["parts"][0]["body"]))
      - set(resource.attributes["suite.topic"], log.attributes["intercom.topic"]) where log.severity_number >= SEVERITY_NUMBER_INFO
  resource: { attributes: [{ key: suite.name, from_attribute: suite.topic, action: upsert }] }
  redaction: { allow_all_keys: true, blocked_values: ['never[0-9]{30}'] }
  groupbyattrs: { keys: [suite] }
`,
  use: ['filter', 'attributes', 'transform', 'resource', 'redaction', 'groupbyattrs'],
};

/** Those of the whole suite; undefined: each round has its own. */
export const processors: AgentSettings['processors'] = crashArguments().processors ? SIX : undefined;

/** The notification is withheld by the filter, from every backend. */
export function isFiltered(number: number): boolean {
  return processors !== undefined && number % 10 === 3;
}
