import type { Crc64 } from '../s3/crc64nvme';

type Answer = { id: number; crc?: Crc64; error?: { name: string; message: string } };
type Waiting = { resolve: (crc: Crc64) => void; reject: (error: unknown) => void };

/** A few workers that compute checksums; each takes the blob by reference, so no bytes are copied to it. */
export class ChecksumPool {
  private readonly workers: Worker[] = [];
  private readonly waiting = new Map<number, Waiting>();
  private nextId = 0;

  constructor(size = Math.max(1, Math.min(4, (navigator.hardwareConcurrency || 2) - 1))) {
    for (let i = 0; i < size; i++) {
      const worker = new Worker(new URL('./checksum-worker.ts', import.meta.url), { type: 'module' });
      worker.addEventListener('message', (event: MessageEvent<Answer>) => this.settle(event.data));
      this.workers.push(worker);
    }
  }

  readonly checksum = (blob: Blob, signal: AbortSignal): Promise<Crc64> => {
    signal.throwIfAborted();
    const id = this.nextId++;
    return new Promise((resolve, reject) => {
      const abort = () => {
        this.waiting.delete(id);
        reject(signal.reason);
      };
      const settled = () => signal.removeEventListener('abort', abort);
      this.waiting.set(id, {
        resolve: (crc) => (settled(), resolve(crc)),
        reject: (error) => (settled(), reject(error)),
      });
      signal.addEventListener('abort', abort, { once: true });
      this.workers[id % this.workers.length]!.postMessage({ id, blob });
    });
  };

  dispose(): void {
    for (const worker of this.workers) {
      worker.terminate();
    }
  }

  private settle({ id, crc, error }: Answer): void {
    const waiting = this.waiting.get(id);
    this.waiting.delete(id);
    if (crc) {
      waiting?.resolve(crc);
    } else {
      waiting?.reject(new DOMException(error?.message, error?.name));
    }
  }
}
