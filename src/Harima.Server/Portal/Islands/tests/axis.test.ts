import { expect, it } from 'vitest';
import { axisOf, valueText } from '../src/find/axis';

const texts = (values: number[], unit: string, log = false) => axisOf(values, unit, log).ticks.map((tick) => tick.text);

it('marks stand at round numbers around all values', () => {
  const axis = axisOf([11.2, 11.9], 'keV', false);
  expect(axis.ticks.map((tick) => tick.text)).toEqual(['11.0', '11.2', '11.4', '11.6', '11.8', '12.0']);
  expect(axis.place(11)).toBeCloseTo(0);
  expect(axis.place(12)).toBeCloseTo(1);
});

it('one value alone stands inside, not at the border', () => {
  const place = axisOf([300, 300], 'K', false).place(300);
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
  expect(valueText(at, 'time')).toBe('2026-04-02 01:00 JST');
});

it('years of data are marked by months and years', () => {
  const day = 86_400;
  expect(texts([0, 400 * day], 'time')[0]).toMatch(/^\d{4}-\d\d$/);
  const years = texts([Date.UTC(2000, 5, 1) / 1000, Date.UTC(2026, 5, 1) / 1000], 'time');
  expect(years[0]).toMatch(/^\d{4}$/);
  expect(years.length).toBeLessThan(9);
});
