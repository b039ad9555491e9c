import type { AnyFactory } from './component.ts';
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
import { factory as filter } from './processors/filter/index.ts';
import { factory as transform } from './processors/transform/index.ts';
import { factory as intercom } from './receivers/intercom/index.ts';

/** The components in this build. Everything that lists components (docs, `components`, schemas) derives from it. */
export const factories: readonly AnyFactory[] = [
  intercom,
  attributes,
  filter,
  transform,
  coralogix,
  debug,
  file,
  nop,
  otlpHttp,
  terminal,
  basicAuth,
  bearerTokenAuth,
  fileStorage,
  healthCheck,
];
