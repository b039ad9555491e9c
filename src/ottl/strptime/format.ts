/** Times by a layout. */
import type { OttlTime } from '../value.ts';
import { type Civil, civilOf } from '../zone/civil.ts';
import { abbreviated, DAYS, isFraction, type Layout, MONTHS, type OffsetForm, offsetForm } from './layout.ts';

/** The time as it stands in its own zone. Of a layout of bytes it is a string of bytes. */
export function formatTime(time: OttlTime, layout: Layout): string {
  const civil = civilOf(time);
  const { offsetSeconds, abbreviation } = time.zone.at(time.unixNano);
  let text = '';
  for (const { literal, element } of layout.steps) {
    const form = offsetForm(element);
    text += literal;
    if (form) text += offsetText(offsetSeconds, form);
    else if (element === 'MST') text += abbreviation || offsetText(offsetSeconds, { zulu: false, colon: '', parts: 2 });
    else if (isFraction(element)) text += fractionText(civil.nanosecond, element);
    else text += WRITERS[element]?.(civil) ?? '';
  }
  return text + layout.tail;
}

type Writer = (civil: Civil & { readonly weekday: number }) => string;

const WRITERS: Readonly<Record<string, Writer>> = {
  '2006': ({ year }) => padded(year, 4),
  '06': ({ year }) => padded(Math.abs(year) % 100, 2),
  January: ({ month }) => MONTHS[month - 1] as string,
  Jan: ({ month }) => abbreviated(MONTHS[month - 1] as string),
  '01': ({ month }) => padded(month, 2),
  '1': ({ month }) => String(month),
  Monday: ({ weekday }) => DAYS[weekday] as string,
  Mon: ({ weekday }) => abbreviated(DAYS[weekday] as string),
  '02': ({ day }) => padded(day, 2),
  _2: ({ day }) => String(day).padStart(2, ' '),
  '2': ({ day }) => String(day),
  '15': ({ hour }) => padded(hour, 2),
  '03': ({ hour }) => padded(hour % 12 || 12, 2),
  '3': ({ hour }) => String(hour % 12 || 12),
  PM: ({ hour }) => (hour < 12 ? 'AM' : 'PM'),
  pm: ({ hour }) => (hour < 12 ? 'am' : 'pm'),
  '04': ({ minute }) => padded(minute, 2),
  '4': ({ minute }) => String(minute),
  '05': ({ second }) => padded(second, 2),
  '5': ({ second }) => String(second),
};

function padded(value: number, width: number): string {
  return value < 0 ? `-${padded(-value, width)}` : String(value).padStart(width, '0');
}

function offsetText(offsetSeconds: number, { zulu, colon, parts }: OffsetForm): string {
  if (zulu && offsetSeconds === 0) return 'Z';
  const seconds = Math.abs(offsetSeconds);
  const all = [Math.trunc(seconds / 3600), Math.trunc(seconds / 60) % 60, seconds % 60];
  const sign = offsetSeconds <= -60 ? '-' : '+';
  return (
    sign +
    all
      .slice(0, parts)
      .map((part) => padded(part, 2))
      .join(colon)
  );
}

/** As many digits as the element has, without zeros at the end, and without the separator if nothing remains. */
function fractionText(nanosecond: number, element: string): string {
  const needed = padded(nanosecond, 9)
    .slice(0, element.length - 1)
    .replace(/0+$/, '');
  return needed && `${element[0]}${needed}`;
}
