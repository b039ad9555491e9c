import type { AnyFactory } from './component.ts';
import { factory as forward } from './connectors/forward/index.ts';
import { factory as coralogix } from './exporters/coralogix/index.ts';
import { factory as debug } from './exporters/debug/index.ts';
import { factory as file } from './exporters/file/index.ts';
import { factory as nop } from './exporters/nop/index.ts';
import { factory as otlpHttp } from './exporters/otlp_http/index.ts';
import { factory as terminal } from './exporters/terminal/index.ts';
import { factory as basicAuth } from './extensions/basicauth/index.ts';
import { factory as bearerTokenAuth } from './extensions/bearertokenauth/index.ts';
import { factory as fileStorage } from './extensions/file_storage/index.ts';
import { factory as healthCheck } from './extensions/health_check/index.ts';
import { factory as attributes } from './processors/attributes/index.ts';
import { factory as batch } from './processors/batch/index.ts';
import { factory as filter } from './processors/filter/index.ts';
import { factory as groupByAttrs } from './processors/groupbyattrs/index.ts';
import { factory as intercomPrivacy } from './processors/intercom_privacy/index.ts';
import { factory as logDedup } from './processors/logdedup/index.ts';
import { factory as memoryLimiter } from './processors/memory_limiter/index.ts';
import { factory as module } from './processors/module/index.ts';
import { factory as probabilisticSampler } from './processors/probabilistic_sampler/index.ts';
import { factory as redaction } from './processors/redaction/index.ts';
import { factory as resource } from './processors/resource/index.ts';
import { factory as resourceDetection } from './processors/resource_detection/index.ts';
import { factory as transform } from './processors/transform/index.ts';
import { factory as intercom } from './receivers/intercom/index.ts';

/** The components in this build. Everything that lists components (docs, `components`, schemas) derives from it. */
export const factories: readonly AnyFactory[] = [
  intercom,
  attributes,
  module,
  batch,
  groupByAttrs,
  intercomPrivacy,
  logDedup,
  memoryLimiter,
  probabilisticSampler,
  redaction,
  resource,
  resourceDetection,
  filter,
  transform,
  coralogix,
  debug,
  file,
  nop,
  otlpHttp,
  terminal,
  forward,
  basicAuth,
  bearerTokenAuth,
  fileStorage,
  healthCheck,
];
