import { it } from 'node:test';
import fc from 'fast-check';
import { setting } from '../journal/file/harness.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { actions, conserves, generator, processors } from './conservation.ts';
import { EncodingExporter, elsewhere } from './elsewhere.ts';
import { harness } from './harness.ts';

const policy = (maxInFlight: number) => ({ maxRecords: 4, maxInFlight });

it('each record ends once, and is repeated only where that is counted, whatever happens in whatever order', async () => {
  await fc.assert(
    fc.asyncProperty(actions, fc.nat(), fc.integer({ min: 1, max: 4 }), async (plan, seed, maxInFlight) => {
      await conserves(await harness({ processors, policy: policy(maxInFlight) }), plan, seed);
    }),
    { numRuns: Number(process.env.RUNS ?? 150) },
  );
});

it('the same over the journal on disk, opened anew after each end of the process', async (t) => {
  await fc.assert(
    fc.asyncProperty(actions, fc.nat(), fc.integer({ min: 1, max: 4 }), async (plan, seed, maxInFlight) => {
      const { open, clock, killed } = setting(t);
      const journal = await open();
      const scene = await harness({
        ...{ processors, clock, journal, policy: policy(maxInFlight) },
        reopen: async (old, how) => {
          if (how === 'killed') await killed(old);
          else await old.close();
          return open();
        },
      });
      await conserves(scene, plan, seed);
    }),
    { numRuns: Number(process.env.RUNS ?? 20) },
  );
});

it('the same where entries are made elsewhere, or given back undone, sooner or later', async () => {
  await fc.assert(
    fc.asyncProperty(actions, fc.nat(), fc.integer({ min: 1, max: 4 }), async (plan, seed, maxInFlight) => {
      const clock = new FakeClock();
      const exporter = new EncodingExporter();
      const { offload, stop: onStop } = elsewhere({ clock, random: generator(seed) });
      const scene = await harness({ processors, clock, exporter, offload, onStop, policy: policy(maxInFlight) });
      await conserves(scene, plan, seed);
    }),
    { numRuns: Number(process.env.RUNS ?? 100) },
  );
});
