import { randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { topicMix } from '../intercom/samples/mix.ts';
import { seededRandom } from '../intercom/samples/random.ts';
import { type SampleNotification, sampleNotification } from '../intercom/samples.ts';
import { type Generation, knownTopics } from '../intercom/topics.ts';
import { CommandError, EXIT } from './exit.ts';

/** What `send` is asked to send. */
export interface SampleRequest {
  /** A topic, or a file. */
  readonly sample?: string;
  readonly seed?: number;
  readonly generation?: Generation;
}

export interface Sample {
  readonly body: Buffer;
  /** The topic, or the path of the file. */
  readonly topic: string;
  /** Absent where it has none: a ping, a file. */
  readonly id?: string;
  readonly generation?: Generation;
}

export const DEFAULT_TOPIC = 'conversation.user.replied';

/** One sample: of a topic, or the bytes of a file. */
export async function oneSample(request: SampleRequest): Promise<Sample> {
  const { sample = DEFAULT_TOPIC } = request;
  if (!existsSync(sample)) return ofTopic(requireTopic(sample, request.generation), request);
  if (request.seed !== undefined || request.generation)
    throw new CommandError(`${sample}: a file is posted as it is; --seed and --generation are for topics`, EXIT.usage);
  const body = await readFile(sample).catch((error: NodeJS.ErrnoException) => {
    throw new CommandError(`${sample}: ${error.code === 'EISDIR' ? 'is a directory' : error.message}`, EXIT.usage);
  });
  return { body, topic: sample };
}

/** Every known topic in every shape that it has (or the one asked for), in the order of the list. */
export function* allSamples(request: SampleRequest): Generator<Sample> {
  for (const { topic, generations } of knownTopics) {
    for (const generation of generations) {
      if (request.generation && generation !== request.generation) continue;
      yield ofTopic(topic, { ...request, generation });
    }
  }
}

/**
 * Gives samples without an end, each about somebody else and with an id of its own: of the topic asked for, else a mix. The
 * topics and what is told depend on the seed alone.
 */
export function manySamples(request: SampleRequest): () => Sample {
  const { sample, seed = 1, generation } = request;
  if (sample !== undefined && existsSync(sample))
    throw new CommandError(
      `${sample}: a file has one id, which is stored once; --rate is for a topic or the mix`,
      EXIT.usage,
    );
  const only = sample === undefined ? undefined : requireTopic(sample, generation);
  const next = topicMix(seededRandom(seed), generation);
  let person = seed;
  return () => ofTopic(only ?? next(), { ...request, seed: person++ >>> 0 });
}

function ofTopic(topic: string, { seed, generation }: SampleRequest): Sample {
  const notification: SampleNotification = sampleNotification(topic, {
    now: Date.now(),
    id: randomUUID,
    ...(seed !== undefined && { seed }),
    ...(generation && { generation }),
  });
  return {
    body: Buffer.from(JSON.stringify(notification)),
    topic,
    ...(notification.id && { id: notification.id }),
    ...(generation && { generation }),
  };
}

function requireTopic(text: string, generation: Generation | undefined): string {
  if (!/^[a-z_]+(\.[a-z_]+)*$/.test(text) || text.endsWith('.json'))
    throw new CommandError(`${text}: neither a file nor a topic; --help lists the topics`, EXIT.usage);
  const known = knownTopics.find(({ topic }) => topic === text);
  if (!known) process.stderr.write(`There is no sample of the topic ${text}; a general one is made.\n`);
  else if (generation && !known.generations.includes(generation))
    throw new CommandError(`${text}: Intercom sends it in the shape of ${known.generations} only`, EXIT.usage);
  return text;
}
