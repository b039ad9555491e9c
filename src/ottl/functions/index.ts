/**
 * The functions of this build, by file. A new one is added here and nowhere else.
 */
import type { OttlFunction } from '../function.ts';
import { set } from './set.ts';
import { substring } from './substring.ts';

/** Sorted by name where they are shown. */
export const functions: readonly OttlFunction[] = [set, substring];
