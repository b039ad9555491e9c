/**
 * The functions of this build, by file. A new one is added here and nowhere else.
 */
import type { OttlFunction } from '../function.ts';
import { convertCase, toCamelCase, toLowerCase, toSnakeCase, toUpperCase } from './case.ts';
import { coalesce } from './coalesce.ts';
import { keys, len, sliceToMap, values } from './collections.ts';
import { concat, split } from './concat.ts';
import { bool, doubleFunction, hex, intFunction, stringFunction } from './convert.ts';
import { durations } from './durations.ts';
import { base64Decode, base64Encode, decode } from './encodings.ts';
import { extractGrokPatterns } from './extract-grok-patterns.ts';
import { extractPatterns } from './extract-patterns.ts';
import { flatten } from './flatten.ts';
import { format } from './format.ts';
import { fnv, md5, murmur3Hash, murmur3Hash128Function, sha1, sha256, sha512, xxh3, xxh128 } from './hashes.ts';
import { profileId, spanId, traceId } from './ids.ts';
import { deleteKey, deleteMatchingKeys, keepKeys, keepMatchingKeys } from './keys.ts';
import { isBool, isDoubleFunction, isIntFunction, isListFunction, isMapFunction, isString } from './kinds.ts';
import { limit, truncateAll } from './limits.ts';
import { append, deleteIndex } from './lists.ts';
import { log } from './log.ts';
import { isValidLuhn } from './luhn.ts';
import { mergeMaps, stringifyAll } from './maps.ts';
import { communityId, isInCidr } from './network.ts';
import { parseClf, parseLeef } from './parse-log-formats.ts';
import { parseSeverity } from './parse-severity.ts';
import { parseCsv, parseIntFunction, parseJsonFunction, parseKeyValue, toKeyValueString } from './parse-text.ts';
import { parseSimplifiedXml, parseXml } from './parse-xml.ts';
import { replaceAllMatches, replaceMatch } from './replace-match.ts';
import { replaceAllPatterns, replacePattern } from './replace-pattern.ts';
import { containsValue, hasPrefix, hasSuffix, index, isMatch } from './search.ts';
import { set } from './set.ts';
import { sort } from './sort.ts';
import { substring } from './substring.ts';
import { formatTime, now, timeFunction, truncateTime } from './time.ts';
import { timeParts } from './time-parts.ts';
import { trim, trimPrefix, trimSuffix } from './trim.ts';
import { unixTimes } from './unix.ts';
import { url } from './url.ts';
import { userAgent } from './user-agent.ts';
import { uuid, uuidV7 } from './uuid.ts';
import { convertAttributesToElementsXml, convertTextToElementsXml, getXml, insertXml, removeXml } from './xml.ts';

/** Sorted by name where they are shown. */
export const functions: readonly OttlFunction[] = [
  append,
  base64Decode,
  base64Encode,
  bool,
  coalesce,
  communityId,
  concat,
  containsValue,
  convertAttributesToElementsXml,
  convertCase,
  convertTextToElementsXml,
  decode,
  deleteIndex,
  deleteKey,
  deleteMatchingKeys,
  doubleFunction,
  ...durations,
  extractGrokPatterns,
  extractPatterns,
  flatten,
  fnv,
  format,
  formatTime,
  getXml,
  hasPrefix,
  hasSuffix,
  hex,
  index,
  insertXml,
  intFunction,
  isBool,
  isDoubleFunction,
  isInCidr,
  isIntFunction,
  isListFunction,
  isMapFunction,
  isMatch,
  isString,
  isValidLuhn,
  keepKeys,
  keepMatchingKeys,
  keys,
  len,
  limit,
  log,
  md5,
  mergeMaps,
  murmur3Hash,
  murmur3Hash128Function,
  now,
  parseClf,
  parseCsv,
  parseIntFunction,
  parseJsonFunction,
  parseKeyValue,
  parseLeef,
  parseSeverity,
  parseSimplifiedXml,
  parseXml,
  profileId,
  removeXml,
  replaceAllMatches,
  replaceAllPatterns,
  replaceMatch,
  replacePattern,
  set,
  sha1,
  sha256,
  sha512,
  sliceToMap,
  sort,
  spanId,
  split,
  stringFunction,
  stringifyAll,
  substring,
  timeFunction,
  ...timeParts,
  toCamelCase,
  toKeyValueString,
  toLowerCase,
  toSnakeCase,
  toUpperCase,
  traceId,
  trim,
  trimPrefix,
  trimSuffix,
  truncateAll,
  truncateTime,
  ...unixTimes,
  url,
  userAgent,
  uuid,
  uuidV7,
  values,
  xxh128,
  xxh3,
];
