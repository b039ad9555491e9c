import assert from 'node:assert/strict';
import { it } from 'node:test';
import { compareReports } from './compare.ts';
import { type Figures, medians } from './figures.ts';
import { type Report, reportOf } from './report.ts';

function report(cpu: readonly number[], name = 'agent: one exporter'): Report {
  return reportOf(new Map([[name, cpu.map((value): Figures => ({ cpu: value, intake: 1e6 / value }))]]));
}

it('tells what lies beyond the spread of the rounds, and which way it went', () => {
  const text = compareReports(report([300, 310, 320]), report([200, 210, 190]));
  assert.match(text, /agent: one exporter +\| +CPU µs\/event +\| +310 +\| +200 +\| +-35 % +\| +better/);
  assert.match(text, /answered 1\/s.*\+55 % \| +better/);
  assert.match(compareReports(report([200]), report([300])), /CPU µs\/event.*\+50 % \| +worse/);
});

it('says nothing of what lies within the spread, or is small', () => {
  assert.equal(compareReports(report([300, 400, 320]), report([330, 390, 380])), 'Nothing changed.');
  assert.equal(compareReports(report([300]), report([305])), 'Nothing changed.');
});

it('tells what is missing, and that another machine is another machine', () => {
  const other = { ...report([300], 'agent: 16 KB'), node: 'v0.0.0' };
  const text = compareReports(report([300]), other);
  assert.match(text, /Not measured again: agent: one exporter\./);
  assert.match(text, /compare ratios alone/);
});

it('takes the middle round of each figure, and the mean of two', () => {
  assert.deepEqual(medians([{ cpu: 3, rss: 10 }, { cpu: 1 }, { cpu: 2, rss: 20 }]), { cpu: 2, rss: 15 });
  assert.deepEqual(medians([]), {});
});
