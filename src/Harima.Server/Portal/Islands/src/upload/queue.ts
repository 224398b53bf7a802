// The upload queue: which file goes next, what happens when one fails, pause, resume, retry, cancel. It knows no DOM;
// `version` rises with every change and whoever shows it looks when it likes.
import type { Send } from '../s3/http';
import { S3Client, S3Error } from '../s3/s3-client';
import type { Crc64 } from '../s3/crc64nvme';
import { FolderTree, isFinished, type FileState, type TreeFile } from './folders';
import { PortalError, type UploadAccess, type StoredFile } from './portal';
import { judge, pauseFor } from './retry';
import { transfer, MultipartAboveBytes, type LocalFile } from './transfer';
import { Turns } from './turns';

export type QueueState = 'idle' | 'starting' | 'running' | 'paused' | 'finished';

/** Why one file failed, or why the queue stopped. `code` is S3's word, `signed-out`, `unreadable` or `portal`. */
export interface Trouble {
  readonly code: string;
  readonly message: string;
  readonly requestId: string;
}

export interface QueuedFile extends TreeFile, LocalFile {
  sentBytes: number;
  trouble: Trouble | undefined;
}

export interface QueueOptions {
  readonly access: Pick<UploadAccess, 'target' | 'renew' | 'storedFiles' | 'now'>;
  readonly send: Send;
  readonly checksum: (blob: Blob, signal: AbortSignal) => Promise<Crc64>;
  readonly lanes?: number;
  readonly wait?: (ms: number, signal: AbortSignal) => Promise<void>;
}

// When the same refusal meets this many files in a row, the next thousand would fare no better.
const SameRefusals = 8;

export class UploadQueue {
  readonly tree = new FolderTree();
  readonly files: QueuedFile[] = [];
  state: QueueState = 'idle';
  version = 0;
  offline = false;
  /** Set when the whole queue had to stop, for a reason that is not one file's. */
  stopped: Trouble | undefined;
  sentBytes = 0;
  inFlightBytes = 0;
  sentFiles = 0;
  skippedFiles = 0;
  private readonly byPath = new Map<string, QueuedFile>();
  private readonly s3: S3Client;
  private readonly lanes: number;
  private readonly wait: (ms: number, signal: AbortSignal) => Promise<void>;
  private controller = new AbortController();
  private stored: Map<string, StoredFile> = new Map();
  private unfinished = new Map<string, string>();
  private readonly turns = new Turns();
  private cursor = 0;
  private freeSlots: number;
  private readonly waitingForSlot: (() => void)[] = [];
  private refusalCode = '';
  private refusals = 0;
  private running: Promise<void> = Promise.resolve();
  private openLanes: () => void = () => undefined;

  constructor(private readonly options: QueueOptions) {
    this.lanes = options.lanes ?? 6;
    this.freeSlots = this.lanes;
    this.wait = options.wait ?? pauseFor;
    this.s3 = new S3Client(async () => (await options.access.target()).place, options.send, () => options.access.now());
  }

  get totalBytes(): number {
    return this.tree.root.sizeBytes;
  }

  get finishedFiles(): number {
    return this.tree.root.finishedCount;
  }

  get failedFiles(): number {
    return this.tree.root.failedCount;
  }

  /** Bytes that are safe, plus what is on its way. */
  get progressBytes(): number {
    return this.tree.root.finishedBytes + this.inFlightBytes;
  }

  get busy(): boolean {
    return this.state === 'starting' || this.state === 'running';
  }

  /** Adds files; a path that is already in the list is not added twice. */
  add(files: Iterable<LocalFile>): void {
    for (const { path, blob, sizeBytes, modifiedAt } of files) {
      if (this.byPath.has(path)) {
        continue;
      }
      const name = path.slice(path.lastIndexOf('/') + 1);
      const folder = this.tree.folderOf(path);
      const file: QueuedFile = {
        name, path, blob, modifiedAt, folder, sizeBytes, state: 'waiting', sentBytes: 0, trouble: undefined,
      };
      this.byPath.set(path, file);
      this.files.push(file);
      this.tree.add(file);
    }
    if (this.state === 'finished') {
      this.state = 'idle';
    }
    this.openLanes();
    this.version++;
  }

  /** Starts or goes on. Resolves when everything was tried or the queue was stopped. */
  start(): Promise<void> {
    if (this.busy) {
      return this.running;
    }
    this.controller = new AbortController();
    this.stopped = undefined;
    this.refusals = 0;
    this.state = 'starting';
    this.version++;
    // What a pause interrupted must have come to rest first, or its files would be passed over.
    const { signal } = this.controller;
    this.running = this.running.then(() => this.run(signal));
    return this.running;
  }

  pause(): void {
    if (this.busy) {
      this.state = 'paused';
      this.controller.abort(new DOMException('paused', 'AbortError'));
      this.version++;
    }
  }

  retryFailed(): Promise<void> {
    for (const file of this.files) {
      if (file.state === 'failed') {
        file.trouble = undefined;
        this.change(file, 'waiting');
      }
    }
    this.cursor = 0;
    this.openLanes();
    return this.start();
  }

  /** Stops and clears away half-sent files on the server. What was stored stays stored. */
  async cancel(): Promise<void> {
    this.pause();
    await this.running;
    const signal = AbortSignal.timeout(10_000);
    const prefix = this.unfinished.size > 0 ? (await this.options.access.target()).prefix : '';
    for (const file of this.files) {
      const id = this.unfinished.get(prefix + file.path);
      if (id !== undefined) {
        // Best effort: the server sweeps abandoned uploads anyway.
        await this.s3.abortMultipartUpload(prefix + file.path, id, signal).catch(() => undefined);
      }
    }
  }

  private async run(signal: AbortSignal): Promise<void> {
    try {
      const prefix = await this.lookAround(signal);
      this.state = 'running';
      this.cursor = 0;
      this.version++;
      await this.allLanes(prefix, signal);
      if (!signal.aborted) {
        this.state = 'finished';
      }
    } catch (error) {
      if (!signal.aborted) {
        this.stop(error);
      }
    }
    this.version++;
  }

  /** What is there already, and what an earlier visit left half done. */
  private async lookAround(signal: AbortSignal): Promise<string> {
    const { prefix } = await this.attempt(() => this.options.access.target(), signal);
    this.stored = await this.attempt(() => this.options.access.storedFiles(), signal);
    if (this.files.some((file) => file.sizeBytes > MultipartAboveBytes && !isFinished(file.state))) {
      this.unfinished = await this.attempt(() => this.s3.listMultipartUploads(prefix, signal), signal);
    }
    return prefix;
  }

  /** Resolves when no lane has anything left to do. Files added meanwhile open the lanes that had closed. */
  private allLanes(prefix: string, signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      let active = 0;
      this.openLanes = () => {
        while (active < this.lanes) {
          active++;
          void this.lane(prefix, signal).then(() => {
            active--;
            if (active === 0) {
              this.openLanes = () => undefined;
              resolve();
            }
          });
        }
      };
      this.openLanes();
    });
  }

  private async lane(prefix: string, signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      const file = this.next();
      if (!file) {
        return;
      }
      await this.carry(file, prefix, signal);
      // One count for all lanes: answers that are all there at once must not keep the page from its turn.
      await this.turns.step();
    }
  }

  private next(): QueuedFile | undefined {
    while (this.cursor < this.files.length) {
      const file = this.files[this.cursor++]!;
      if (file.state === 'waiting') {
        return file;
      }
    }
    return undefined;
  }

  private async carry(file: QueuedFile, prefix: string, signal: AbortSignal): Promise<void> {
    try {
      const outcome = await transfer(file, {
        s3: this.s3,
        checksum: this.options.checksum,
        attempt: (act, signal) => this.attempt(act, signal),
        stored: this.stored,
        unfinished: this.unfinished,
        prefix,
        signal,
        onPhase: (phase) => this.change(file, phase),
        onSent: (bytes) => this.progress(file, Math.min(bytes, file.sizeBytes)),
      });
      this.settle(file, outcome);
    } catch (error) {
      if (signal.aborted) {
        this.progress(file, 0);
        this.change(file, 'waiting');
      } else {
        this.fail(file, error);
      }
    }
  }

  private settle(file: QueuedFile, outcome: 'done' | 'skipped'): void {
    this.refusals = 0;
    if (outcome === 'done') {
      this.progress(file, file.sizeBytes);
      this.sentFiles++;
    } else {
      this.skippedFiles++;
    }
    this.inFlightBytes -= file.sentBytes;
    file.sentBytes = 0;
    this.change(file, outcome);
  }

  private fail(file: QueuedFile, error: unknown): void {
    this.progress(file, 0);
    if (error instanceof PortalError) {
      this.change(file, 'waiting');
      this.stop(error);
      return;
    }
    file.trouble = toTrouble(error);
    this.change(file, 'failed');
    this.refusals = file.trouble.code === this.refusalCode ? this.refusals + 1 : 1;
    this.refusalCode = file.trouble.code;
    if (this.refusals >= SameRefusals && file.trouble.code !== 'unreadable') {
      this.stop(error);
    }
  }

  private stop(error: unknown): void {
    this.stopped ??= toTrouble(error);
    this.state = 'paused';
    this.controller.abort(error);
    this.version++;
  }

  private async attempt<T>(act: () => Promise<T>, signal: AbortSignal): Promise<T> {
    for (let tries = 0; ; tries++) {
      await this.takeSlot(signal);
      let failure: unknown;
      try {
        const result = await act();
        this.setOffline(false);
        return result;
      } catch (error) {
        failure = error;
      } finally {
        this.giveSlot();
      }
      const verdict = signal.aborted ? ({ act: 'give-up' } as const) : judge(failure, tries);
      if (verdict.act === 'give-up') {
        throw failure;
      }
      this.setOffline(verdict.offline);
      if (verdict.renew) {
        this.options.access.renew();
      }
      await this.wait(verdict.afterMs, signal);
    }
  }

  private async takeSlot(signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    if (this.freeSlots > 0) {
      this.freeSlots--;
      return;
    }
    // The giver hands its slot over, so the count does not change here.
    await new Promise<void>((resolve) => this.waitingForSlot.push(resolve));
    if (signal.aborted) {
      this.giveSlot();
      throw signal.reason;
    }
  }

  private giveSlot(): void {
    const waiting = this.waitingForSlot.shift();
    if (waiting) {
      waiting();
    } else {
      this.freeSlots++;
    }
  }

  private setOffline(offline: boolean): void {
    if (this.offline !== offline) {
      this.offline = offline;
      this.version++;
    }
  }

  private progress(file: QueuedFile, bytes: number): void {
    const delta = bytes - file.sentBytes;
    file.sentBytes = bytes;
    this.inFlightBytes += delta;
    if (delta > 0) {
      this.sentBytes += delta;
    }
    this.version++;
  }

  private change(file: QueuedFile, state: FileState): void {
    this.tree.change(file, state);
    this.version++;
  }
}

function toTrouble(error: unknown): Trouble {
  if (error instanceof S3Error) {
    return { code: error.code, message: error.message, requestId: error.requestId };
  }
  if (error instanceof PortalError) {
    return { code: error.status === 401 ? 'signed-out' : 'portal', message: error.message, requestId: '' };
  }
  // The browser could not read the file: it was changed, moved, or lies on a drive that is gone.
  const unreadable = error instanceof DOMException && (error.name === 'NotReadableError' || error.name === 'NotFoundError');
  return { code: unreadable ? 'unreadable' : 'error', message: error instanceof Error ? error.message : String(error), requestId: '' };
}
