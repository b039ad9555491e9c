/**
 * The functions of this build, by file. A new one is added here and nowhere else.
 */
import type { OttlFunction } from '../function.ts';
import { durations } from './durations.ts';
import { set } from './set.ts';
import { substring } from './substring.ts';
import { formatTime, now, timeFunction, truncateTime } from './time.ts';
import { timeParts } from './time-parts.ts';
import { unixTimes } from './unix.ts';

/** Sorted by name where they are shown. */
export const functions: readonly OttlFunction[] = [
  ...durations,
  formatTime,
  now,
  set,
  substring,
  timeFunction,
  ...timeParts,
  truncateTime,
  ...unixTimes,
];
