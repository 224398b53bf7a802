// That 10,000 files do not freeze the page, told by counting and not by a clock: how many files are touched before the browser
// gets to do something else. `setImmediate` stands for that something else.
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { emptyCrc64 } from '../src/s3/crc64nvme';
import type { StoredFile } from '../src/upload/portal';
import { UploadQueue } from '../src/upload/queue';
import type { LocalFile } from '../src/upload/transfer';
import { sortInTurns } from '../src/upload/turns';
import { newWalk, walkInput } from '../src/upload/walk';

const Many = 10_000;
// Two turns of a hundred may lie between two looks of ours, as both wait in the same line.
const Most = 200;

// Node's, as the types of a browser do not know it.
declare function setImmediate(act: () => void): void;

let watching = false;
let touched = 0;
let mostTouched = 0;
let others = 0;

function touch(): void {
  mostTouched = Math.max(mostTouched, ++touched);
}

beforeEach(() => {
  [watching, touched, mostTouched, others] = [true, 0, 0, 0];
  const look = () => {
    touched = 0;
    others++;
    if (watching) {
      setImmediate(look);
    }
  };
  setImmediate(look);
});

afterEach(() => {
  watching = false;
});

function expectTurns(): void {
  expect(mostTouched).toBeGreaterThan(0);
  expect(mostTouched).toBeLessThanOrEqual(Most);
  expect(others).toBeGreaterThanOrEqual(Many / Most);
}

describe('10,000 files leave the page its turns', () => {
  it('while they are looked up on disk', async () => {
    const files = Array.from({ length: Many }, (_, i) => ({
      name: `f${i}`,
      webkitRelativePath: `many/f${i}`,
      lastModified: 0,
      get size() {
        touch();
        return 1;
      },
    }));
    const walk = await walkInput(files as unknown as File[], newWalk());
    expect(walk.files).toHaveLength(Many);
    expectTurns();
  });

  it('while they are put in order', async () => {
    const names = Array.from({ length: Many }, (_, i) => `f${(i * 7919) % Many}`);
    const order = new Intl.Collator('en', { numeric: true });
    let compared = 0;
    const sorted = await sortInTurns(names, (a, b) => {
      // A short run of n is sorted at once, by about n log n comparisons.
      if (++compared % 8 === 0) {
        touch();
      }
      return order.compare(a, b);
    });
    expect(sorted).toEqual(Array.from({ length: Many }, (_, i) => `f${i}`));
    expectTurns();
  });

  it('while they are sent, even if every answer were there at once', async () => {
    const { queue, done } = queueOf(new Map());
    await queue.start();
    expect(done()).toBe(Many);
    expect(queue.sentFiles).toBe(Many);
    expectTurns();
  });

  it('while they are found to be there already', async () => {
    const there = { sizeBytes: 1, crc64nvme: 'AAAAAAAAAAA=' };
    const { queue } = queueOf(new Map(Array.from({ length: Many }, (_, i) => [`many/f${i}`, there])));
    await queue.start();
    expect(queue.skippedFiles).toBe(Many);
    expectTurns();
  });
});

function queueOf(stored: Map<string, StoredFile>) {
  const blob = new Blob(['x']);
  const files: LocalFile[] = Array.from({ length: Many }, (_, i) => ({ path: `many/f${i}`, blob, sizeBytes: 1, modifiedAt: 0 }));
  const place = { accessKey: 'a', secretKey: 's', region: 'r', endpoint: 'http://s3', bucket: 'b' };
  let sent = 0;
  const queue = new UploadQueue({
    access: {
      target: async () => ({ place, prefix: '' }),
      renew: () => undefined,
      storedFiles: async () => stored,
      now: () => new Date('2026-11-23T00:00:00Z'),
    },
    send: async () => {
      sent++;
      return { status: 200, text: '', header: () => null };
    },
    checksum: async () => {
      touch();
      return emptyCrc64;
    },
  });
  queue.add(files);
  return { queue, done: () => sent };
}
