import { describe, expect, it, vi } from 'vitest';
import { UploadQueue } from '../src/upload/queue';
import { PortalError, type StoredFile } from '../src/upload/portal';
import { toBase64 } from '../src/s3/crc64nvme';
import { FakeS3, checksum, crcOf, networkLoss, refusal } from './fake-s3';
import type { LocalFile } from '../src/upload/transfer';

const MiB = 1024 * 1024;
const place = { accessKey: 'a', secretKey: 's', region: 'us-east-1', endpoint: 'http://localhost:9000', bucket: '2026a1234' };

function file(path: string, content: string | Uint8Array = path): LocalFile {
  const blob = new Blob([content as BlobPart]);
  return { path, blob, sizeBytes: blob.size, modifiedAt: 1_700_000_000_000 };
}

function files(count: number): LocalFile[] {
  return Array.from({ length: count }, (_, i) => file(`scan/${i % 7}/frame_${i}.tif`));
}

function large(sizeBytes: number): Uint8Array {
  return new Uint8Array(sizeBytes).fill(7).map((value, i) => (i % 4096 === 0 ? i / 4096 : value));
}

function setUp(options: { stored?: Map<string, StoredFile>; s3?: FakeS3 } = {}) {
  const s3 = options.s3 ?? new FakeS3();
  const access = {
    target: vi.fn(async () => ({ place, prefix: 'S0001/' })),
    renew: vi.fn(),
    storedFiles: vi.fn(async () => options.stored ?? new Map<string, StoredFile>()),
    now: () => new Date('2026-11-23T00:00:00Z'),
  };
  const waits: number[] = [];
  const wait = async (ms: number, signal: AbortSignal) => {
    waits.push(ms);
    await new Promise((resolve) => setTimeout(resolve, 0));
    signal.throwIfAborted();
  };
  const queue = new UploadQueue({ access, send: s3.send, checksum, wait });
  return { queue, s3, access, waits };
}

describe('the upload queue', () => {
  it('uploads every file under the prefix of the sequence', async () => {
    const { queue, s3 } = setUp();
    queue.add(files(50));
    await queue.start();
    expect(queue.state).toBe('finished');
    expect(queue.finishedFiles).toBe(50);
    expect(queue.progressBytes).toBe(queue.totalBytes);
    expect(s3.objects.has('S0001/scan/3/frame_3.tif')).toBe(true);
  });

  it('keeps six requests in flight and no more', async () => {
    const { queue, s3 } = setUp();
    queue.add(files(100));
    await queue.start();
    expect(s3.mostAtOnce).toBe(6);
  });

  it('sends no bytes for a file that is there with the same checksum', async () => {
    const same = { sizeBytes: 5, crc64nvme: toBase64(crcOf(new TextEncoder().encode('equal'))) };
    const { queue, s3 } = setUp({ stored: new Map([['a.txt', same], ['b.txt', same]]) });
    queue.add([file('a.txt', 'equal'), file('b.txt', 'EQUAL')]);
    await queue.start();
    expect(queue.skippedFiles).toBe(1);
    expect(s3.requests).toEqual(['PutObject S0001/b.txt']);
  });

  it('goes on by itself after the network was lost', async () => {
    const { queue, s3, waits } = setUp();
    let losses = 30;
    s3.disturb = () => (losses-- > 0 ? networkLoss() : undefined);
    queue.add(files(20));
    await queue.start();
    expect(queue.finishedFiles).toBe(20);
    expect(queue.offline).toBe(false);
    expect(waits.length).toBe(30);
  });

  it('waits longer and longer when the server is busy, then says so', async () => {
    const { queue, s3, waits } = setUp();
    s3.disturb = () => refusal(503, 'SlowDown', 'Please reduce your request rate.');
    queue.add([file('a')]);
    await queue.start();
    expect(waits.length).toBe(8);
    expect(waits.at(-1)).toBeGreaterThan(waits[0]! * 10);
    expect(queue.files[0]!.trouble?.code).toBe('SlowDown');
    expect(queue.failedFiles).toBe(1);
  });

  it('does not repeat what was refused, keeps the words of the store, and retries on demand', async () => {
    const { queue, s3 } = setUp();
    s3.disturb = (request) => (request.url.endsWith('bad.txt') ? refusal(400, 'KeyTooLongError', 'Too long.') : undefined);
    queue.add([file('bad.txt'), file('good.txt')]);
    await queue.start();
    expect(queue.files[0]!.trouble).toEqual({ code: 'KeyTooLongError', message: 'Too long.', requestId: 'req-1' });
    expect(s3.count('PutObject')).toBe(2);
    s3.disturb = () => undefined;
    await queue.retryFailed();
    expect(queue.failedFiles).toBe(0);
    expect(queue.finishedFiles).toBe(2);
    expect(s3.count('PutObject')).toBe(3);
  });

  it('stops as a whole when every file meets the same refusal', async () => {
    const { queue, s3 } = setUp();
    s3.disturb = () => refusal(403, 'AccessDenied', 'The sequence is closed.');
    queue.add(files(1000));
    await queue.start();
    expect(queue.state).toBe('paused');
    expect(queue.stopped?.message).toBe('The sequence is closed.');
    expect(s3.requests.length).toBeLessThan(20);
  });

  it('renews the credentials when the store calls them expired', async () => {
    const { queue, s3, access } = setUp();
    let once = true;
    s3.disturb = () => (once ? ((once = false), refusal(400, 'ExpiredToken', 'Expired.')) : undefined);
    queue.add([file('a')]);
    await queue.start();
    expect(access.renew).toHaveBeenCalledOnce();
    expect(queue.finishedFiles).toBe(1);
  });

  it('stops and keeps its files waiting when the portal has signed the user out', async () => {
    const { queue, access } = setUp();
    access.target.mockRejectedValue(new PortalError(401, 'Log in first.'));
    queue.add(files(3));
    await queue.start();
    expect(queue.stopped?.code).toBe('signed-out');
    access.target.mockResolvedValue({ place, prefix: 'S0001/' });
    await queue.start();
    expect(queue.finishedFiles).toBe(3);
  });

  it('leaves nothing in flight when paused, and resumes where it was', async () => {
    const { queue, s3 } = setUp();
    queue.add(files(200));
    s3.disturb = () => {
      if (s3.count('PutObject') === 60) {
        queue.pause();
      }
      return undefined;
    };
    await queue.start();
    expect(queue.state).toBe('paused');
    expect(queue.inFlightBytes).toBe(0);
    const before = queue.finishedFiles;
    expect(before).toBeGreaterThan(40);
    expect(before).toBeLessThan(70);
    s3.disturb = () => undefined;
    await queue.start();
    expect(queue.finishedFiles).toBe(200);
    expect(s3.count('PutObject')).toBeLessThan(210);
  });

  it('resumes at once after a pause without losing a file that was under way', async () => {
    const { queue } = setUp();
    queue.add(files(40));
    void queue.start();
    await new Promise((resolve) => setTimeout(resolve, 2));
    queue.pause();
    await queue.start();
    expect(queue.finishedFiles).toBe(40);
  });

  it('takes files added while it runs', async () => {
    const { queue, s3 } = setUp();
    queue.add(files(10));
    let added = false;
    s3.disturb = () => {
      if (!added) {
        added = true;
        queue.add([file('late/a'), file('late/b')]);
      }
      return undefined;
    };
    await queue.start();
    expect(queue.finishedFiles).toBe(12);
  });

  it('cuts a large file into parts of 16 MiB and sends the checksum of the whole', async () => {
    const { queue, s3 } = setUp();
    const bytes = large(40 * MiB + 5);
    queue.add([file('big.h5', bytes)]);
    await queue.start();
    expect(s3.count('UploadPart')).toBe(3);
    expect(crcOf(s3.objects.get('S0001/big.h5')!)).toEqual(crcOf(bytes));
  });

  it('continues a large file that an earlier visit left half done, and resends a part that differs', async () => {
    const s3 = new FakeS3();
    const bytes = large(64 * MiB);
    const parts = new Map([1, 2, 3].map((number) => {
      const part = number === 2 ? new Uint8Array(16 * MiB) : bytes.slice((number - 1) * 16 * MiB, number * 16 * MiB);
      return [number, { bytes: part, crc: toBase64(crcOf(part)) }];
    }));
    s3.uploads.set('upload-old', { key: 'S0001/big.h5', parts });
    const { queue } = setUp({ s3 });
    queue.add([file('big.h5', bytes)]);
    await queue.start();
    expect(s3.count('CreateMultipartUpload')).toBe(0);
    expect(s3.count('UploadPart')).toBe(2);
    expect(crcOf(s3.objects.get('S0001/big.h5')!)).toEqual(crcOf(bytes));
  });

  it('begins a large file afresh when the store has forgotten the upload', async () => {
    const s3 = new FakeS3();
    s3.uploads.set('gone', { key: 'S0001/big.h5', parts: new Map() });
    const { queue } = setUp({ s3 });
    s3.disturb = (_, name) => {
      if (name === 'ListParts') {
        s3.uploads.delete('gone');
      }
      return undefined;
    };
    queue.add([file('big.h5', large(33 * MiB))]);
    await queue.start();
    expect(queue.finishedFiles).toBe(1);
    expect(s3.count('CreateMultipartUpload')).toBe(1);
  });

  it('clears half-sent files from the store when cancelled', async () => {
    const { queue, s3 } = setUp();
    queue.add([file('big.h5', large(48 * MiB))]);
    s3.disturb = (_, name) => {
      if (name === 'UploadPart' && s3.count('UploadPart') === 2) {
        queue.pause();
      }
      return undefined;
    };
    await queue.start();
    expect(s3.uploads.size).toBe(1);
    await queue.cancel();
    expect(s3.uploads.size).toBe(0);
  });

  it('sums up per folder', async () => {
    const { queue, s3 } = setUp();
    s3.disturb = (request) => (request.url.endsWith('frame_8.tif') ? refusal(400, 'InvalidArgument', 'No.') : undefined);
    queue.add(files(14));
    await queue.start();
    const scan = queue.tree.root.folders.get('scan')!;
    expect([scan.fileCount, scan.finishedCount, scan.failedCount]).toEqual([14, 13, 1]);
    expect(scan.folders.get('1')!.failedCount).toBe(1);
    expect(queue.tree.rows((f) => f.state === 'failed')).toHaveLength(1);
  });

  it('handles 10,000 small files', async () => {
    const { queue } = setUp();
    queue.add(files(10_000));
    await queue.start();
    expect(queue.finishedFiles).toBe(10_000);
  }, 60_000);
});
