/** Finds what a test names in a configuration. */
import type { Rehearsed } from '../agent/rehearsal.ts';
import type { AgentConfig, PipelineConfig } from '../config/model.ts';
import { didYouMean } from '../config/suggest.ts';
import { sampleTopics } from '../intercom/samples.ts';
import { InputError, recordsOf } from './inputs.ts';
import type { ConfigTest } from './read.ts';

/** A test whose names are those of the configuration. */
export interface BoundTest {
  readonly test: ConfigTest;
  readonly pipeline: PipelineConfig;
  readonly inputs: readonly Rehearsed[];
  readonly config: AgentConfig;
  readonly now: number;
}

/** Stands in the scope of what a test sees, so that an expectation outlives a release. */
export const VERSION = '0.0.0-test';

/** What the configuration does not have is remarked: undefined then. */
export async function bind(
  test: ConfigTest,
  { config, now, readFile }: { config: AgentConfig; now: number; readFile(path: string): Promise<Uint8Array> },
): Promise<BoundTest | undefined> {
  const pipeline = pipelineOf(test, config);
  const receiver = pipeline?.routes[0]?.receivers[0];
  if (!pipeline || receiver === undefined) return undefined;
  const inputs: Rehearsed[] = [];
  const known = new Set(pipeline.routes.flatMap(({ receivers }) => receivers));
  for (const [index, settings] of test.inputs.entries()) {
    const path = test.inputPath(index);
    const wrong = (key: string, message: string, suggestion?: string) =>
      test.remark({ severity: 'error', path: [...path, key], message, ...(suggestion && { suggestion }) });
    if (settings.receiver !== undefined && !known.has(settings.receiver)) {
      wrong('receiver', `nothing leads from it to the pipeline ${pipeline.id}`, `there are: ${[...known].join(', ')}`);
      continue;
    }
    if (settings.sample !== undefined && settings.sample !== 'ping' && !sampleTopics.includes(settings.sample)) {
      const help = didYouMean(settings.sample, sampleTopics) ?? 'send --help lists them; notification: takes any';
      wrong('sample', 'there is no sample of this topic', help);
      continue;
    }
    try {
      inputs.push(await recordsOf(settings, { config, version: VERSION, now, receiver, index, readFile }));
    } catch (error) {
      if (!(error instanceof InputError)) throw error;
      wrong(error.key, error.message);
    }
  }
  return inputs.length === test.inputs.length ? { test, pipeline, inputs, config, now } : undefined;
}

function pipelineOf(test: ConfigTest, { service }: AgentConfig): PipelineConfig | undefined {
  const { pipelines } = service;
  const found = pipelines.find(({ id }) => test.pipeline === undefined || id === test.pipeline);
  const ids = pipelines.map(({ id }) => id);
  const error = (path: string[], message: string, suggestion: string) =>
    test.remark({ severity: 'error', path, message, suggestion });
  if (test.pipeline === undefined && pipelines.length > 1) {
    error(['name'], 'the configuration has several pipelines: which one is meant?', `pipeline: ${ids.join(' or ')}`);
    return undefined;
  }
  if (!found) {
    const help = didYouMean(test.pipeline ?? '', ids) ?? `there are: ${ids.join(', ')}`;
    error(['pipeline'], 'the configuration has no such pipeline', help);
  }
  return found;
}
