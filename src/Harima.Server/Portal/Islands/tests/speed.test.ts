import { describe, expect, it } from 'vitest';
import { roundRemaining, Speedometer } from '../src/upload/speed';
import { backoffMs } from '../src/upload/retry';
import { partSize } from '../src/upload/transfer';

/** The same numbers between 0 and 1 each time. */
function dice(seed: number): () => number {
  return () => (seed = (seed * 48_271) % 2_147_483_647) / 2_147_483_647;
}

/** An upload looked at four times a second: what is said each time, beside what is true. */
function watch(totalBytes: number, bytesPerSecond: (second: number) => number): { second: number; said: number | undefined; sent: number }[] {
  const speed = new Speedometer();
  const seen = [];
  for (let [ms, sent] = [0, 0]; sent < totalBytes; ms += 250) {
    speed.sample(ms, sent, 0);
    seen.push({ second: ms / 1000, said: speed.remainingSeconds(totalBytes - sent, 0), sent });
    sent += bytesPerSecond(ms / 1000) / 4;
  }
  return seen;
}

describe('speed', () => {
  it('says nothing before there is a second to judge by', () => {
    const speed = new Speedometer();
    speed.sample(0, 0, 0);
    speed.sample(500, 1_000_000, 0);
    expect(speed.bytesPerSecond).toBeUndefined();
  });

  it('follows the last ten seconds, not the whole history', () => {
    const speed = new Speedometer();
    for (let second = 0; second <= 60; second++) {
      speed.sample(second * 1000, second < 40 ? 0 : (second - 40) * 5_000_000, 0);
    }
    expect(speed.bytesPerSecond).toBeCloseTo(5_000_000, -3);
  });
});

describe('remaining time', () => {
  it('is not said in the first seconds, when connections warm up', () => {
    const seen = watch(1e9, (second) => (second < 1.5 ? 1e5 : 1e7));
    expect(seen.filter(({ said }) => said !== undefined)[0]!.second).toBe(6);
    const first = seen.find(({ said }) => said !== undefined)!;
    expect(first.said).toBeCloseTo((1e9 - first.sent) / 1e7, 0);
  });

  it('neither jumps nor strays while the speed trembles', () => {
    const random = dice(7);
    const seen = watch(1e9, () => 1e7 * (0.2 + 1.6 * random()));
    const end = seen.at(-1)!.second;
    const said = seen.filter((each) => each.said !== undefined) as { second: number; said: number }[];
    for (const [before, after] of said.slice(1).map((each, i) => [said[i]!, each] as const)) {
      expect(Math.abs(after.said - before.said)).toBeLessThan(1);
    }
    for (const each of said) {
      expect(Math.abs(each.said - (end - each.second))).toBeLessThan(0.2 * (end - each.second) + 2);
    }
  });

  it('follows a network that became slower', () => {
    const seen = watch(2e9, (second) => (second < 40 ? 1e7 : 4e6));
    const later = seen.find(({ second }) => second === 100)!;
    expect(later.said! / ((2e9 - later.sent) / 4e6)).toBeCloseTo(1, 1);
  });

  it('counts files where the bytes are few: 9,000 tiny files left at 100 per second take 90 seconds', () => {
    const speed = new Speedometer();
    for (let second = 0; second <= 10; second++) {
      speed.sample(second * 1000, second * 100 * 10, second * 100);
    }
    expect(speed.remainingSeconds(9_000 * 10, 9_000)).toBeCloseTo(90, 0);
  });

  it('is unknown while nothing moves', () => {
    const speed = new Speedometer();
    for (let second = 0; second <= 30; second++) {
      speed.sample(second * 1000, 10, 0);
    }
    expect(speed.remainingSeconds(10, 0)).toBeUndefined();
  });

  it('is rounded to what can be known', () => {
    expect([1, 5, 7, 59, 61, 94, 599, 601, 3700].map(roundRemaining)).toEqual([5, 5, 10, 60, 70, 100, 600, 660, 3720]);
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
