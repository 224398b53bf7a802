// How one file reaches the store: skipped when the same bytes are there, one PUT when small, parts when large.
import type { S3Client, SentPart, ListedPart } from '../s3/s3-client';
import { S3Error } from '../s3/s3-client';
import { combineCrc64, emptyCrc64, toBase64, type Crc64 } from '../s3/crc64nvme';
import type { StoredFile } from './portal';

export const PartBytes = 16 * 1024 * 1024;
export const MultipartAboveBytes = 32 * 1024 * 1024;
const PartsInFlight = 4;
const MostParts = 10_000;

/** The file as the scientist chose it. `path` is relative to the sequence, with `/` between folders. */
export interface LocalFile {
  readonly path: string;
  readonly blob: Blob;
  readonly sizeBytes: number;
  readonly modifiedAt: number;
}

/** What a transfer needs from the queue around it. */
export interface TransferContext {
  readonly s3: S3Client;
  readonly checksum: (blob: Blob, signal: AbortSignal) => Promise<Crc64>;
  /** Runs one request in one of the few request slots, again and again while that makes sense. */
  readonly attempt: <T>(act: () => Promise<T>, signal: AbortSignal) => Promise<T>;
  readonly stored: ReadonlyMap<string, StoredFile>;
  /** Key -> upload id of what an earlier visit left unfinished. */
  readonly unfinished: Map<string, string>;
  readonly prefix: string;
  readonly signal: AbortSignal;
  readonly onPhase: (phase: 'checking' | 'sending') => void;
  readonly onSent: (bytes: number) => void;
}

export async function transfer(file: LocalFile, context: TransferContext): Promise<'done' | 'skipped'> {
  const there = context.stored.get(file.path);
  const large = file.sizeBytes > MultipartAboveBytes;
  const mayBeThere = there !== undefined && there.sizeBytes === file.sizeBytes && there.crc64nvme !== '';
  let crc: Crc64 | undefined;
  if (mayBeThere || !large) {
    context.onPhase('checking');
    crc = await context.checksum(file.blob, context.signal);
    if (mayBeThere && toBase64(crc) === there.crc64nvme) {
      return 'skipped';
    }
  }
  context.onPhase('sending');
  if (large) {
    await sendInParts(file, context);
  } else {
    await sendWhole(file, toBase64(crc!), context);
  }
  return 'done';
}

async function sendWhole(file: LocalFile, crc64nvme: string, context: TransferContext): Promise<void> {
  const headers = { ...describe(file), 'x-amz-checksum-crc64nvme': crc64nvme };
  const send = () => context.s3.putObject(context.prefix + file.path, file.blob, headers, context.signal, context.onSent);
  await context.attempt(send, context.signal);
}

async function sendInParts(file: LocalFile, context: TransferContext): Promise<void> {
  const key = context.prefix + file.path;
  try {
    await sendPartsOf(file, key, context);
  } catch (error) {
    // Aborted or expired on the server since we saw it: begin this file afresh, once.
    if (!(error instanceof S3Error) || error.code !== 'NoSuchUpload') {
      throw error;
    }
    context.unfinished.delete(key);
    await sendPartsOf(file, key, context);
  }
}

async function sendPartsOf(file: LocalFile, key: string, context: TransferContext): Promise<void> {
  const { s3, signal, attempt } = context;
  const size = file.sizeBytes;
  const partBytes = partSize(size);
  const count = Math.ceil(size / partBytes);
  const known = context.unfinished.get(key);
  const listed = new Map<number, ListedPart>();
  let uploadId = known ?? '';
  if (known !== undefined) {
    for (const part of await attempt(() => s3.listParts(key, known, signal), signal)) {
      listed.set(part.number, part);
    }
  } else {
    const headers = { ...describe(file), 'x-amz-checksum-algorithm': 'CRC64NVME', 'x-amz-checksum-type': 'FULL_OBJECT' };
    uploadId = await attempt(() => s3.createMultipartUpload(key, headers, signal), signal);
    context.unfinished.set(key, uploadId);
  }

  const crcs = new Array<Crc64>(count);
  const sent = new Array<SentPart>(count);
  const bytesOfPart = new Array<number>(count).fill(0);
  const report = (index: number, bytes: number) => {
    bytesOfPart[index] = bytes;
    context.onSent(bytesOfPart.reduce((sum, part) => sum + part, 0));
  };
  const sendPart = async (index: number) => {
    const blob = file.blob.slice(index * partBytes, Math.min(size, (index + 1) * partBytes));
    const crc = (crcs[index] = await context.checksum(blob, signal));
    const number = index + 1;
    const there = listed.get(number);
    // Size alone would let a file changed since yesterday through.
    if (there && there.sizeBytes === blob.size && there.crc64nvme === toBase64(crc)) {
      sent[index] = { number, etag: there.etag, crc64nvme: there.crc64nvme };
    } else {
      const onProgress = (bytes: number) => report(index, Math.min(bytes, blob.size));
      const send = () => s3.uploadPart(key, uploadId, number, blob, toBase64(crc), signal, onProgress);
      sent[index] = await attempt(send, signal);
    }
    report(index, blob.size);
  };
  await inLanes(count, PartsInFlight, sendPart);

  const whole = crcs.reduce(
    (crc, part, index) => combineCrc64(crc, part, Math.min(partBytes, size - index * partBytes)),
    emptyCrc64,
  );
  await attempt(() => s3.completeMultipartUpload(key, uploadId, sent, toBase64(whole), signal), signal);
  context.unfinished.delete(key);
}

/** Runs `act` for 0 to count - 1, a few at a time; after a failure no further one begins, and none is left running behind it. */
async function inLanes(count: number, lanes: number, act: (index: number) => Promise<void>): Promise<void> {
  let next = 0;
  const lane = async () => {
    while (next < count) {
      try {
        await act(next++);
      } catch (error) {
        next = count;
        throw error;
      }
    }
  };
  const outcomes = await Promise.allSettled(Array.from({ length: Math.min(lanes, count) }, lane));
  const failure = outcomes.find((outcome) => outcome.status === 'rejected');
  if (failure) {
    throw failure.reason;
  }
}

/** 16 MiB, more only where 10,000 parts of it would not reach. */
export function partSize(sizeBytes: number): number {
  let bytes = PartBytes;
  while (Math.ceil(sizeBytes / bytes) > MostParts) {
    bytes *= 2;
  }
  return bytes;
}

function describe(file: LocalFile): Record<string, string> {
  return {
    'content-type': file.blob.type || 'application/octet-stream',
    // rclone's name for it; its mtime and ours then agree.
    'x-amz-meta-mtime': String(file.modifiedAt / 1000),
  };
}
