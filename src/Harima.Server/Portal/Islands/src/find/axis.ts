// One axis of a plot: where a value stands, and which values are written beside it.
import { WallClock } from '../page/wall-clock';

export interface Axis {
  /** 0 at the lower end to 1 at the upper. */
  readonly place: (value: number) => number;
  readonly ticks: readonly { readonly value: number; readonly text: string }[];
}

const Day = 86_400;

/** @param unit As REST gives it: `time` for seconds since 1970. */
export function axisOf(values: readonly number[], unit: string, isLog: boolean, zone: string): Axis {
  const [least, most] = extent(values);
  if (unit === 'time') {
    return timeAxis(least, most, new WallClock(zone));
  }
  return isLog && least > 0 ? logAxis(least, most, unit) : linearAxis(least, most, unit);
}

function extent(values: readonly number[]): [number, number] {
  let [least, most] = [Infinity, -Infinity];
  for (const value of values) {
    least = Math.min(least, value);
    most = Math.max(most, value);
  }
  return Number.isFinite(least) ? [least, most] : [0, 1];
}

function linearAxis(least: number, most: number, unit: string): Axis {
  // Points at the very edge would be cut in half, and a single value belongs in the middle.
  const room = (most - least) * 0.03 || Math.abs(most) * 0.05 || 1;
  const step = nice((most - least + 2 * room) / 5);
  const from = Math.floor((least - (least === 0 ? 0 : room)) / step) * step;
  const to = Math.ceil((most + room) / step) * step;
  const count = Math.round((to - from) / step);
  const ticks = Array.from({ length: count + 1 }, (_, n) => from + n * step).map((value) => ({ value, text: numberText(value, step, unit) }));
  return { place: (value) => (value - from) / (to - from), ticks };
}

function logAxis(least: number, most: number, unit: string): Axis {
  const from = Math.floor(Math.log10(least));
  const to = Math.max(from + 1, Math.ceil(Math.log10(most)));
  const every = Math.ceil((to - from) / 7);
  const ticks = [];
  for (let power = from; power <= to; power += every) {
    const plain = Math.abs(power) <= 3 ? String(Number((10 ** power).toPrecision(1))) : `10${superscript(power)}`;
    ticks.push({ value: 10 ** power, text: unit === 'B' ? bytesText(10 ** power) : plain });
  }
  return { place: (value) => (value > 0 ? (Math.log10(value) - from) / (to - from) : 0), ticks };
}

/** Months and days as the facility's clocks count them. */
function timeAxis(least: number, most: number, clock: WallClock): Axis {
  const days = (most - least) / Day;
  const ticks: { value: number; text: string }[] = [];
  const first = clock.shownAt(least);
  if (days > 120) {
    const months = [1, 2, 3, 6, 12, 24, 60, 120].find((step) => days / 30.4 / step <= 6) ?? 120;
    for (let n = -1; ticks.length === 0 || ticks[ticks.length - 1]!.value < most; n++) {
      const month = Math.floor(first.getUTCMonth() / Math.min(months, 12)) * Math.min(months, 12) + (n + 1) * months;
      const shown = new Date(Date.UTC(first.getUTCFullYear(), month, 1));
      ticks.push({ value: clock.momentOf(shown), text: shown.toISOString().slice(0, months >= 12 ? 4 : 7) });
    }
  } else {
    const step = [1, 2, 5, 10, 20, 30].find((each) => days / each <= 6) ?? 30;
    for (let n = 0; ticks.length < 2 || ticks[ticks.length - 1]!.value < most; n++) {
      const shown = new Date(Date.UTC(first.getUTCFullYear(), first.getUTCMonth(), first.getUTCDate() + n * step));
      ticks.push({ value: clock.momentOf(shown), text: shown.toISOString().slice(0, 10) });
    }
  }
  const [from, to] = [ticks[0]!.value, ticks[ticks.length - 1]!.value];
  return { place: (value) => (value - from) / (to - from), ticks };
}

export function nice(step: number): number {
  const power = 10 ** Math.floor(Math.log10(step));
  const digit = step / power;
  return (digit <= 1 ? 1 : digit <= 2 ? 2 : digit <= 5 ? 5 : 10) * power;
}

function numberText(value: number, step: number, unit: string): string {
  if (unit === 'B') {
    return bytesText(value);
  }
  if (value !== 0 && (Math.abs(value) >= 1e6 || Math.abs(value) < 1e-4)) {
    return value.toExponential(1);
  }
  return value.toFixed(Math.max(0, Math.min(10, -Math.floor(Math.log10(step) + 1e-9))));
}

function bytesText(value: number): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB', 'PB'];
  const power = Math.min(units.length - 1, Math.max(0, Math.floor(Math.log10(Math.max(1, value)) / 3)));
  return `${Number((value / 1000 ** power).toPrecision(3))} ${units[power]}`;
}

function superscript(power: number): string {
  return String(power).replace(/[-\d]/g, (c) => '⁻⁰¹²³⁴⁵⁶⁷⁸⁹'['-0123456789'.indexOf(c)]!);
}

/** A value as it is said beside a point. */
export function valueText(value: number, unit: string, zone: string): string {
  if (unit === 'time') {
    return new WallClock(zone).text(value);
  }
  if (unit === 'B') {
    return bytesText(value);
  }
  const text = String(Number(value.toPrecision(8)));
  return unit === '' ? text : `${text} ${unit}`;
}
