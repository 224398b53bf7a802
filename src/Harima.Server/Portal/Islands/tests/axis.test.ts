import { expect, it } from 'vitest';
import { axisOf, valueText } from '../src/find/axis';
import { WallClock } from '../src/page/wall-clock';

const texts = (values: number[], unit: string, log = false, zone = 'Asia/Tokyo') => axisOf(values, unit, log, zone).ticks.map((tick) => tick.text);

it('marks stand at round numbers around all values', () => {
  const axis = axisOf([11.2, 11.9], 'keV', false, 'Asia/Tokyo');
  expect(axis.ticks.map((tick) => tick.text)).toEqual(['11.0', '11.2', '11.4', '11.6', '11.8', '12.0']);
  expect(axis.place(11)).toBeCloseTo(0);
  expect(axis.place(12)).toBeCloseTo(1);
});

it('one value alone stands inside, not at the border', () => {
  const place = axisOf([300, 300], 'K', false, 'Asia/Tokyo').place(300);
  expect(place).toBeGreaterThan(0.2);
  expect(place).toBeLessThan(0.8);
});

it('a logarithmic axis has powers of ten; not below or at zero', () => {
  expect(texts([0.2, 40], '', true)).toEqual(['0.1', '1', '10', '100']);
  expect(texts([1e4, 1e8], 'B', true)).toEqual(['10 kB', '100 kB', '1 MB', '10 MB', '100 MB']);
  expect(texts([0, 10], '', true)).toEqual(texts([0, 10], '', false));
});

it('days begin at midnight in Japan', () => {
  const at = Date.UTC(2026, 3, 1, 16) / 1000; // 2 April, 01:00 in Japan
  expect(texts([at, at + 3600], 'time')).toEqual(['2026-04-02', '2026-04-03']);
  expect(valueText(at, 'time', 'Asia/Tokyo')).toBe('2026-04-02 01:00 JST');
});

it('years of data are marked by months and years', () => {
  const day = 86_400;
  expect(texts([0, 400 * day], 'time')[0]).toMatch(/^\d{4}-\d\d$/);
  const years = texts([Date.UTC(2000, 5, 1) / 1000, Date.UTC(2026, 5, 1) / 1000], 'time');
  expect(years[0]).toMatch(/^\d{4}$/);
  expect(years.length).toBeLessThan(9);
});

it('a day on which the clock changes is a day all the same', () => {
  const at = Date.UTC(2026, 9, 24, 20) / 1000; // in Berlin the next day has 25 hours
  expect(texts([at, at + 2 * 86_400], 'time', false, 'Europe/Berlin')).toEqual(['2026-10-24', '2026-10-25', '2026-10-26', '2026-10-27']);
  const clock = new WallClock('Europe/Berlin');
  expect(clock.text(Date.UTC(2026, 6, 1, 10) / 1000)).toBe('2026-07-01 12:00 UTC+02:00');
  expect(clock.text(Date.UTC(2026, 11, 1, 10) / 1000)).toBe('2026-12-01 11:00 UTC+01:00');
  // 02:30 comes twice, and the first is meant; in spring it does not come.
  expect(clock.momentOf(new Date(Date.UTC(2026, 9, 25, 2, 30)))).toBe(Date.UTC(2026, 9, 25, 0, 30) / 1000);
  expect(clock.momentOf(new Date(Date.UTC(2026, 2, 29, 2, 30)))).toBe(Date.UTC(2026, 2, 29, 1, 30) / 1000);
  expect(clock.momentOf(new Date(Date.UTC(2026, 9, 25)))).toBe(Date.UTC(2026, 9, 24, 22) / 1000);
});
