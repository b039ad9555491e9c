import { performance } from 'node:perf_hooks';
import type { Clock, Timer } from '../../clock.ts';
import type { AgentConfig } from '../../config/model.ts';
import type { Offload } from '../../delivery/offload.ts';
import type { Entry } from '../../journal/journal.ts';
import type { OtlpEncodingName } from '../../record/otlp/encoders.ts';
import type { Log } from '../../telemetry/log.ts';
import { type Blueprint, blueprintOf } from './blueprint.ts';
import { Recent } from './recent.ts';
import { OffloadThread, type ThreadOptions } from './thread.ts';

/** Below so many entries that arrive within a second a thread of its own would cost more than it brings. */
const BUSY = 200;
const WINDOW_MS = 1000;
/** Share of its time that the main thread works. With less to do it answers as soon alone, for less CPU and memory. */
const LOADED = 0.6;
/** After so many such seconds on end a thread begins: the first ones of a process have enough to do with themselves. */
const BUSY_WINDOWS = 3;
/** Without an arrival for so long the doors are idle. */
const PAUSE_MS = 100;
/** A thread that had nothing to do for so long ends. */
const IDLE_MS = 60_000;
/** After a thread was lost, until another one is tried. */
const AGAIN_MS = 60_000;

export interface OffloadingOptions {
  readonly config: AgentConfig;
  readonly version: string;
  readonly clock: Clock;
  readonly log: Log;
  /** Share of its time that the main thread worked since the last call. Default: as Node.js measures it. */
  readonly utilization?: () => number;
  /** Default: a real one. */
  readonly begin?: (options: ThreadOptions) => Thread;
}

type Thread = Pick<OffloadThread, 'isReady' | 'make' | 'stop'>;

/**
 * Moves the work of pipelines to a thread of its own while the doors are busy and the main thread has much to do: then they have it to themselves. What is not moved, the
 * deliveries do; so nothing depends on the thread. While the doors are idle they do it faster: nothing goes to and fro.
 */
export class Offloading {
  readonly #options: OffloadingOptions;
  #blueprint: Blueprint | undefined;
  #thread: Thread | undefined;
  /** Resolves when the one before it is gone. */
  #ending: Promise<void> | undefined;
  /** By pipeline and encoding, where several deliveries ask for the same. */
  readonly #recent = new Map<string, Recent>();
  #idle: Timer | undefined;
  #notBefore = 0;
  readonly #utilization: () => number;
  #windowEnd = 0;
  #inWindow = 0;
  /** Busy ones, on end. */
  #busyWindows = 0;
  #arrivedAt = Number.NEGATIVE_INFINITY;
  /** When there was much to do the last time. */
  #busyAt = 0;

  constructor(options: OffloadingOptions) {
    this.#options = options;
    this.#utilization = options.utilization ?? utilization();
    this.resume(options.config);
  }

  /** For a delivery of this pipeline. */
  of(pipeline: string, encoding: OtlpEncodingName | undefined): Offload | undefined {
    if (!encoding) return undefined;
    return (entries) => this.#make(pipeline, encoding, entries);
  }

  /** A reload goes from one configuration to another: nothing is moved until `resume`, and what was comes back undone. */
  pause(): void {
    this.#blueprint = undefined;
    this.#end();
  }

  /** As `pause`. Resolves when no thread is left. */
  async stop(): Promise<void> {
    this.pause();
    await this.#ending;
  }

  resume(config: AgentConfig): void {
    this.#blueprint = blueprintOf(config, this.#options.version);
    this.#recent.clear();
    for (const { id, exporters } of config.service.pipelines) {
      if (exporters.length < 2) continue;
      for (const encoding of ['proto', 'json'] as const) this.#recent.set(keyOf(id, encoding), new Recent());
    }
  }

  #make(pipeline: string, encoding: OtlpEncodingName, entries: readonly Entry[]) {
    if (!this.#blueprint?.pipelines.some(({ id }) => id === pipeline)) return undefined;
    if (this.#options.clock.monotonic() - this.#arrivedAt >= PAUSE_MS) return undefined;
    if (!this.#thread) this.#beginIfBusy();
    const thread = this.#thread;
    if (!thread?.isReady) return undefined;
    const make = (some: readonly Entry[]) => thread.make(pipeline, encoding, some);
    return this.#recent.get(keyOf(pipeline, encoding))?.make(entries, make) ?? make(entries);
  }

  /** An entry was stored. */
  arrived(): void {
    const now = this.#options.clock.monotonic();
    this.#arrivedAt = now;
    if (now >= this.#windowEnd) {
      const isLoaded = this.#utilization() >= LOADED;
      const isBusy = isLoaded && this.#inWindow >= BUSY && now < this.#windowEnd + WINDOW_MS;
      this.#busyWindows = isBusy ? this.#busyWindows + 1 : 0;
      this.#windowEnd = now + WINDOW_MS;
      this.#inWindow = 0;
    }
    this.#inWindow++;
    if (this.#inWindow >= BUSY) this.#busyAt = now;
  }

  #beginIfBusy(): void {
    const { clock, log, begin = (options) => new OffloadThread(options) } = this.#options;
    const blueprint = this.#blueprint;
    if (!blueprint || this.#ending || this.#busyWindows < BUSY_WINDOWS || clock.monotonic() < this.#notBefore) return;
    const trouble = (what: string, error: unknown) => {
      this.#notBefore = clock.monotonic() + AGAIN_MS;
      log.warn(
        `The thread for processing ${what}. Its work is done by the main thread, and another one is tried later.`,
        {
          reason: error instanceof Error ? error.message : String(error),
        },
      );
    };
    try {
      this.#thread = begin({
        ...{ blueprint, clock, log },
        onLost: (error) => {
          this.#end();
          trouble('was lost', error);
        },
      });
      this.#lookAgain(IDLE_MS);
    } catch (error) {
      // As many threads run as the system lets, or it lets none: no delivery shall suffer from that.
      trouble('could not begin', error);
    }
  }

  #lookAgain(ms: number): void {
    const { clock } = this.#options;
    this.#idle = clock.schedule(ms, () => {
      const left = this.#busyAt + IDLE_MS - clock.monotonic();
      if (left > 0) this.#lookAgain(left);
      else this.#end();
    });
  }

  #end(): void {
    const thread = this.#thread;
    this.#thread = undefined;
    this.#idle?.cancel();
    for (const recent of this.#recent.values()) recent.clear();
    if (!thread) return;
    this.#ending = thread.stop().finally(() => {
      this.#ending = undefined;
    });
  }
}

function utilization(): () => number {
  let last = performance.eventLoopUtilization();
  return () => {
    const now = performance.eventLoopUtilization();
    const share = performance.eventLoopUtilization(now, last).utilization;
    last = now;
    return share;
  };
}

const keyOf = (pipeline: string, encoding: OtlpEncodingName) => `${encoding} ${pipeline}`;
