/** Configurations for the reload suite: each drawn from the one before, so that some of it stays. */

/** What differs between valid ones. Indices and switches. */
export interface Drawn {
  readonly port: number;
  readonly secrets: number;
  readonly limits: number;
  readonly headers: number;
  readonly compression: number;
  readonly queue: number;
  readonly extra: boolean;
  readonly pipeline: boolean;
  readonly second: boolean;
  readonly health: number;
  readonly level: number;
  readonly token: number;
}

export const FIRST: Drawn = {
  ...{ port: 0, secrets: 0, limits: 0, headers: 0, compression: 0, queue: 0, health: 0, level: 0, token: 0 },
  ...{ extra: false, pipeline: false, second: false },
};

export interface Surroundings {
  readonly directory: string;
  /** Of the door that is posted to: one of them. */
  readonly ports: readonly number[];
  readonly health: number;
  /** Somebody else's. */
  readonly taken: number;
  readonly secret: string;
  /** Of three backends; the third is there at times. */
  readonly urls: readonly string[];
}

/** The next one: one to three things change, or nothing at all. */
export function draw(random: () => number, before: Drawn): Drawn {
  const below = (end: number) => Math.floor(random() * end);
  const change = (): Partial<Drawn> => {
    switch (below(14)) {
      case 0:
        // Rarely: the old door stays open for a moment.
        return below(3) === 0 ? { port: 1 - before.port } : {};
      case 1:
      case 2:
        return { secrets: below(4) };
      case 3:
        return { limits: below(3) };
      case 4:
        return { headers: below(3) };
      case 5:
        return { compression: below(2) };
      case 6:
        return { queue: below(3) };
      case 7:
        return { extra: !before.extra };
      case 8:
        return { pipeline: !before.pipeline };
      case 9:
        return { second: !before.second };
      case 10:
        return { health: below(3) };
      case 11:
        return { level: below(2) };
      case 12:
        return { token: below(3) };
      default:
        return {};
    }
  };
  return Object.assign({}, before, ...Array.from({ length: 1 + below(3) }, change)) as Drawn;
}

export function configurationOf(drawn: Drawn, around: Surroundings): string {
  const { ports, secret, urls, health, directory } = around;
  const [up, too, extra] = urls;
  const secrets = [secret, ...Array.from({ length: drawn.secrets }, (_, index) => `other-${index}`)];
  const limits = [
    '',
    'max_request_body_size: 1MiB, idle_timeout: 60s',
    // These need another Node server at the same listening socket.
    'read_header_timeout: 1s, max_open_bytes: 32MiB',
  ][drawn.limits];
  const receivers = drawn.second ? 'intercom, intercom/second' : 'intercom';
  const integration = 'application_name: acme, client_secrets';
  const queue = [
    '{ batch: { flush_timeout: 10ms } }',
    '{ batch: { flush_timeout: 20ms }, num_consumers: 2 }',
    '{ batch: { flush_timeout: 5ms, min_size: 50, max_size: 50 } }',
  ][drawn.queue];
  const exporters = ['otlp_http/up', 'otlp_http/too', ...(drawn.extra ? ['otlp_http/extra'] : [])];
  return `
receivers:
  intercom: { endpoint: '127.0.0.1:${ports[drawn.port]}', shutdown_delay: 1s, ${limits ? `${limits}, ` : ''}response_headers: { x-version: 'v${drawn.headers}' }, integrations: [{ name: test, ${integration}: [${secrets.join(', ')}], path: /intercom/test }] }
  intercom/second: { endpoint: '127.0.0.1:0', shutdown_delay: 0s, integrations: [{ name: second, ${integration}: [${secret}], path: /second }] }
exporters:
  otlp_http/up: { endpoint: '${up}', compression: gzip, headers: { x-token: t${drawn.token} }, sending_queue: ${queue} }
  otlp_http/too: { endpoint: '${too}', compression: gzip, timeout: ${drawn.compression === 0 ? '30s' : '20s'}, auth: { authenticator: bearertokenauth } }
  otlp_http/extra: { endpoint: '${extra}', compression: gzip }
  nop: {}
extensions:
  bearertokenauth: { token: token-${drawn.token} }
  health_check: { endpoint: '127.0.0.1:${health}', response_headers: { x-version: 'v${drawn.health}' } }
  file_storage: { directory: ${JSON.stringify(`${directory}/data`)} }
service:
  extensions: [bearertokenauth, health_check, file_storage]
  telemetry: { logs: { encoding: json, level: ${drawn.level === 0 ? 'info' : 'debug'} }, metrics: { level: none } }
  pipelines:
    logs: { receivers: [${receivers}], exporters: [${exporters.join(', ')}] }
${drawn.pipeline ? '    logs/more: { receivers: [intercom], exporters: [nop] }\n' : ''}`;
}

/** A configuration with a mistake, be it one that shows only when a component starts. */
export function drawInvalid(random: () => number, before: Drawn, around: Surroundings): string {
  const text = configurationOf(draw(random, before), around);
  const mistakes = [
    () => `${text}\n  : [`,
    () => text.replace('exporters:\n', 'exporters:\n  nosuch: {}\n'),
    () => text.replace('shutdown_delay:', 'shutdown_dealy:'),
    () => text.replace('gzip', ['$', '{file:/nosuch/file}'].join('')),
    () => text.replace('exporters: [otlp_http/up', 'exporters: [otlp_http/nosuch, otlp_http/up'),
    // The rest of it starts, and is undone.
    () => text.replace(/127\.0\.0\.1:\d+/, `127.0.0.1:${around.taken}`),
    () => text.replace(/(health_check: \{ endpoint: '127\.0\.0\.1):\d+/, `$1:${around.taken}`),
    () =>
      text
        .replace(
          'receivers:\n',
          `receivers:\n  intercom/x: { endpoint: '127.0.0.1:${around.taken}', integrations: [{ name: x, application_name: x, client_secret: x }] }\n`,
        )
        .replace('receivers: [intercom', 'receivers: [intercom/x, intercom'),
    () => text.replace('/data"', '/elsewhere"'),
    () => '',
  ];
  return (mistakes[Math.floor(random() * mistakes.length)] as () => string)();
}
