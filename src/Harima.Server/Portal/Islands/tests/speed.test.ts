import { describe, expect, it } from 'vitest';
import { Speedometer } from '../src/upload/speed';
import { backoffMs } from '../src/upload/retry';
import { partSize } from '../src/upload/transfer';

describe('speed and remaining time', () => {
  it('says nothing before there is a second to judge by', () => {
    const speed = new Speedometer();
    speed.sample(0, 0, 0);
    speed.sample(500, 1_000_000, 0);
    expect(speed.bytesPerSecond).toBeUndefined();
    expect(speed.remainingSeconds(1, 1)).toBeUndefined();
  });

  it('follows the last ten seconds, not the whole history', () => {
    const speed = new Speedometer();
    for (let second = 0; second <= 60; second++) {
      speed.sample(second * 1000, second < 40 ? 0 : (second - 40) * 5_000_000, 0);
    }
    expect(speed.bytesPerSecond).toBeCloseTo(5_000_000, -3);
    expect(speed.remainingSeconds(50_000_000, 0)).toBeCloseTo(10, 0);
  });

  it('counts files where the bytes are few: 9,000 tiny files left at 100 per second take 90 seconds', () => {
    const speed = new Speedometer();
    for (let second = 0; second <= 10; second++) {
      speed.sample(second * 1000, second * 100 * 10, second * 100);
    }
    expect(speed.remainingSeconds(9_000 * 10, 9_000)).toBeCloseTo(90, 0);
  });

  it('knows no remaining time while nothing moves', () => {
    const speed = new Speedometer();
    speed.sample(0, 10, 0);
    speed.sample(5000, 10, 0);
    expect(speed.remainingSeconds(10, 0)).toBeUndefined();
  });
});

describe('backoff', () => {
  it('doubles to thirty seconds and spreads', () => {
    expect([0, 1, 2, 3].map((tries) => backoffMs(tries, () => 0))).toEqual([500, 1000, 2000, 4000]);
    expect(backoffMs(50, () => 0)).toBe(30_000);
    expect(backoffMs(0, () => 1)).toBe(250);
  });
});

describe('part size', () => {
  it('is 16 MiB until 10,000 parts of it no longer reach', () => {
    const MiB = 1024 * 1024;
    expect(partSize(33 * MiB)).toBe(16 * MiB);
    expect(partSize(160_000 * MiB)).toBe(16 * MiB);
    expect(partSize(160_001 * MiB)).toBe(32 * MiB);
  });
});
