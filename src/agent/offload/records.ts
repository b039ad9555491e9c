/**
 * Encoded records on their way back from another thread. Resources and scopes are objects that records share, by whose identity
 * exporters group them: each is told once and has a number from then on, so that there are as many objects here as there.
 */
import type { MadeElsewhere } from '../../delivery/offload.ts';
import type { HrTime, InstrumentationScope, Resource } from '../../otel.ts';
import type { LogRecord } from '../../record/log-record.ts';
import { type OtlpEncodingName, RECORD_ENCODERS } from '../../record/otlp/encoders.ts';
import { droppedCount, RecordResource } from '../../record/resource.ts';
import type { ValueMap } from '../../record/value.ts';
import { fromPortable, type Portable, toPortable, weightOf } from './portable.ts';

/** Beyond so many that were told, numbers begin anew: a processor may make a resource for each record. */
const MAX_KNOWN = 4096;
/** The same for their bytes: what a resource holds may be as long as a body. Both sides keep so much at most, and what one packet told. */
const MAX_KNOWN_BYTES = 1024 * 1024;

export interface PackedRecords {
  /** Numbers begin anew before what is told here. */
  readonly anew: boolean;
  readonly resources: readonly Portable[];
  readonly scopes: readonly Portable[];
  /** Of each entry: how many records; -1: it must be made elsewhere. */
  readonly counts: Int32Array<ArrayBuffer>;
  /** For each record: time and time of observation as seconds and nanoseconds, numbers of resource and scope, length. */
  readonly numbers: Float64Array<ArrayBuffer>;
  /** One after the other. */
  readonly bytes: Uint8Array<ArrayBuffer>;
}

/** The side that makes records: encodes them one by one, so that no more than one of them is alive. */
export class RecordPacker {
  #resources = new Told<Resource>(toPortableResource);
  #scopes = new Told<InstrumentationScope>(toPortable);

  /** @param make called for each in order; undefined where it fails */
  pack<T>(
    items: readonly T[],
    encoding: OtlpEncodingName,
    make: (item: T) => readonly LogRecord[] | undefined,
  ): PackedRecords {
    const anew = this.#resources.isFull || this.#scopes.isFull;
    if (anew) {
      this.#resources = new Told<Resource>(toPortableResource);
      this.#scopes = new Told<InstrumentationScope>(toPortable);
    }
    const packed = items.map((item) => {
      const records = make(item);
      return records && this.#pack(records, encoding);
    });
    const all = packed.flatMap((records) => records ?? []);
    const bytes = new Uint8Array(all.reduce((sum, { encoded }) => sum + encoded.length, 0));
    let offset = 0;
    for (const { encoded } of all) {
      bytes.set(encoded, offset);
      offset += encoded.length;
    }
    return {
      anew,
      resources: this.#resources.news(),
      scopes: this.#scopes.news(),
      counts: Int32Array.from(packed, (records) => records?.length ?? -1),
      numbers: Float64Array.from(all.flatMap(({ numbers, encoded }) => [...numbers, encoded.length])),
      bytes,
    };
  }

  /** undefined where one of them can't be told: whoever asked makes them, and knows what to do about what is wrong with them. */
  #pack(records: readonly LogRecord[], encoding: OtlpEncodingName) {
    try {
      return records.map((record) => {
        const { hrTime, hrTimeObserved, resource, instrumentationScope } = record;
        const shared = [this.#resources.numberOf(resource), this.#scopes.numberOf(instrumentationScope)];
        return { numbers: [...hrTime, ...hrTimeObserved, ...shared], encoded: RECORD_ENCODERS[encoding](record) };
      });
    } catch {
      return undefined;
    }
  }
}

/** The other side, for packets of one packer, in their order. */
export class RecordUnpacker {
  #resources: Resource[] = [];
  #scopes: InstrumentationScope[] = [];

  unpack(
    { anew, resources, scopes, counts, numbers, bytes }: PackedRecords,
    encoding: OtlpEncodingName,
  ): MadeElsewhere[] {
    if (anew) [this.#resources, this.#scopes] = [[], []];
    for (const resource of resources) this.#resources.push(fromPortableResource(resource));
    for (const scope of scopes) this.#scopes.push(fromPortable(scope) as InstrumentationScope);
    const { sealed } = RECORD_ENCODERS[encoding];
    const made: MadeElsewhere[] = [];
    let offset = 0;
    let at = 0;
    const next = (): number => numbers[at++] as number;
    for (const count of counts) {
      const records: LogRecord[] = [];
      for (let i = 0; i < count; i++) {
        const hrTime: HrTime = [next(), next()];
        const hrTimeObserved: HrTime = [next(), next()];
        const resource = this.#resources[next()] as Resource;
        const instrumentationScope = this.#scopes[next()] as InstrumentationScope;
        const end = offset + next();
        records.push(sealed(bytes.subarray(offset, end), { hrTime, hrTimeObserved, resource, instrumentationScope }));
        offset = end;
      }
      made.push(count < 0 ? undefined : records);
    }
    return made;
  }
}

/** Objects that were told, by number. */
class Told<T extends object> {
  readonly #numbers = new Map<T, number>();
  readonly #toPortable: (one: T) => Portable;
  #news: Portable[] = [];
  #bytes = 0;

  constructor(portable: (one: T) => Portable) {
    this.#toPortable = portable;
  }

  get isFull(): boolean {
    return this.#numbers.size > MAX_KNOWN || this.#bytes > MAX_KNOWN_BYTES;
  }

  /** @throws {NotPortable} */
  numberOf(one: T): number {
    const known = this.#numbers.get(one);
    if (known !== undefined) return known;
    const portable = this.#toPortable(one);
    this.#news.push(portable);
    this.#bytes += weightOf(portable);
    const number = this.#numbers.size;
    this.#numbers.set(one, number);
    return number;
  }

  /** What was not told before this call. */
  news(): Portable[] {
    return this.#news.splice(0);
  }
}

function toPortableResource(resource: Resource): Portable {
  const { attributes, schemaUrl } = resource;
  return toPortable({ attributes, schemaUrl, droppedAttributesCount: droppedCount(resource) });
}

function fromPortableResource(portable: Portable): Resource {
  const { attributes, schemaUrl, droppedAttributesCount } = fromPortable(portable) as {
    attributes: ValueMap;
    schemaUrl?: string;
    droppedAttributesCount: number;
  };
  return new RecordResource({ attributes, droppedAttributesCount, ...(schemaUrl && { schemaUrl }) });
}
