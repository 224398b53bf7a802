import { describe, expect, it } from 'vitest';
import { frameIn } from '../src/sequences/frame-number';

describe('The number of a frame', () => {
  it.each([
    ['1', 0],
    [' 100 ', 99],
    ['０１２', 11],
  ])('%s is one', (typed, frame) => expect(frameIn(typed, 100)).toBe(frame));

  it.each(['', '0', '101', '-1', '1.5', '1e1', 'x', '9999999999999999'])('%s is none', (typed) => expect(frameIn(typed, 100)).toBeNull());
});
