/** What a thread has to know of a configuration to do the work of its pipelines. */
import type { ProcessorFactory } from '../../component.ts';
import type { AgentConfig, Configured, PipelineConfig } from '../../config/model.ts';
import { type Portable, toPortable } from './portable.ts';

export interface Blueprint {
  /** Of the agent. */
  readonly version: string;
  readonly directory?: string;
  readonly receivers: readonly Block[];
  readonly processors: readonly Block[];
  readonly pipelines: readonly Pick<PipelineConfig, 'id' | 'routes'>[];
}

/** A configured component. */
export interface Block {
  readonly id: string;
  readonly type: string;
  readonly config: Portable;
}

/** Of the pipelines whose work another thread can do: not those with a processor that is not movable, or whose settings are more than data. */
export function blueprintOf(config: AgentConfig, version: string): Blueprint {
  const { service, processors, receivers, directory } = config;
  const able = new Map<string, Block>();
  for (const [id, { type, factory, config: settings }] of processors) {
    const block = isMovable(factory) ? blockOf({ id, type, config: settings }) : undefined;
    if (block) able.set(id, block);
  }
  const doors = new Map<string, Block>();
  for (const [id, { type, config: settings }] of receivers) {
    const block = blockOf({ id, type, config: settings });
    if (block) doors.set(id, block);
  }
  const pipelines = service.pipelines.filter(({ routes }) =>
    routes.every(
      (route) => route.processors.every((id) => able.has(id)) && route.receivers.every((id) => doors.has(id)),
    ),
  );
  return {
    version,
    ...(directory !== undefined && { directory }),
    receivers: [...doors.values()],
    processors: [...able.values()],
    pipelines: pipelines.map(({ id, routes }) => ({ id, routes })),
  };
}

/** What collects has to know the records as its own, and what the user's code holds is its business. */
export function isMovable({ collect, runsCode = false }: ProcessorFactory): boolean {
  return collect === undefined && !runsCode;
}

function blockOf({ id, type, config }: Pick<Configured<unknown>, 'id' | 'type' | 'config'>): Block | undefined {
  try {
    return { id, type, config: toPortable(config) };
  } catch {
    return undefined;
  }
}
