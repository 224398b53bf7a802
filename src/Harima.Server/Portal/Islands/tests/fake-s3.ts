// An S3 store in memory behind the `Send` function: enough of its behaviour to upload to, with faults on demand.
import { NetworkError, type Outgoing, type Reply, type Send } from '../src/s3/http';
import { combineCrc64, emptyCrc64, toBase64, updateCrc64, type Crc64 } from '../src/s3/crc64nvme';

interface Upload {
  readonly key: string;
  readonly parts: Map<number, { bytes: Uint8Array; crc: string }>;
}

export class FakeS3 {
  readonly objects = new Map<string, Uint8Array>();
  readonly uploads = new Map<string, Upload>();
  readonly requests: string[] = [];
  mostAtOnce = 0;
  /** Called before each request; throw or answer to disturb it. */
  disturb: (request: Outgoing, name: string) => Reply | undefined | Promise<Reply | undefined> = () => undefined;
  private atOnce = 0;
  private nextId = 1;

  readonly send: Send = async (request) => {
    this.atOnce++;
    this.mostAtOnce = Math.max(this.mostAtOnce, this.atOnce);
    try {
      await new Promise((resolve) => setTimeout(resolve, 0));
      if (request.signal?.aborted) {
        throw request.signal.reason;
      }
      const url = new URL(request.url);
      const key = decodeURIComponent(url.pathname).split('/').slice(2).join('/');
      const name = this.nameOf(request.method, url);
      this.requests.push(`${name} ${key}`);
      return (await this.disturb(request, name)) ?? (await this.answer(name, key, url, request));
    } finally {
      this.atOnce--;
    }
  };

  count(name: string): number {
    return this.requests.filter((request) => request.startsWith(name + ' ')).length;
  }

  private nameOf(method: string, url: URL): string {
    const has = (name: string) => url.searchParams.has(name);
    switch (method) {
      case 'PUT':
        return has('partNumber') ? 'UploadPart' : 'PutObject';
      case 'POST':
        return has('uploads') ? 'CreateMultipartUpload' : 'CompleteMultipartUpload';
      case 'DELETE':
        return 'AbortMultipartUpload';
      default:
        return has('uploads') ? 'ListMultipartUploads' : 'ListParts';
    }
  }

  private async answer(name: string, key: string, url: URL, request: Outgoing): Promise<Reply> {
    const id = url.searchParams.get('uploadId') ?? '';
    const upload = this.uploads.get(id);
    if (id !== '' && !upload) {
      return refusal(404, 'NoSuchUpload', 'The upload does not exist.');
    }
    switch (name) {
      case 'PutObject': {
        const body = await read(request.body);
        if (request.headers['x-amz-checksum-crc64nvme'] !== toBase64(crcOf(body))) {
          return refusal(400, 'BadDigest', 'Checksum differs.');
        }
        this.objects.set(key, body);
        request.onProgress?.(body.length);
        return ok();
      }
      case 'CreateMultipartUpload': {
        const created = `upload-${this.nextId++}`;
        this.uploads.set(created, { key, parts: new Map() });
        return ok(`<InitiateMultipartUploadResult><UploadId>${created}</UploadId></InitiateMultipartUploadResult>`);
      }
      case 'UploadPart': {
        const bytes = await read(request.body);
        const crc = toBase64(crcOf(bytes));
        upload!.parts.set(Number(url.searchParams.get('partNumber')), { bytes, crc });
        request.onProgress?.(bytes.length);
        return ok('', { etag: `"${crc}"` });
      }
      case 'ListMultipartUploads': {
        const rows = [...this.uploads].map(
          ([uploadId, { key }]) => `<Upload><Key>${key}</Key><UploadId>${uploadId}</UploadId><Initiated>2026-11-23T00:00:00Z</Initiated></Upload>`,
        );
        return ok(`<ListMultipartUploadsResult><IsTruncated>false</IsTruncated>${rows.join('')}</ListMultipartUploadsResult>`);
      }
      case 'ListParts': {
        const rows = [...upload!.parts].map(
          ([number, { bytes, crc }]) =>
            `<Part><PartNumber>${number}</PartNumber><Size>${bytes.length}</Size><ETag>&quot;${crc}&quot;</ETag><ChecksumCRC64NVME>${crc}</ChecksumCRC64NVME></Part>`,
        );
        return ok(`<ListPartsResult><IsTruncated>false</IsTruncated>${rows.join('')}</ListPartsResult>`);
      }
      case 'CompleteMultipartUpload': {
        const parts = [...upload!.parts].sort(([a], [b]) => a - b).map(([, part]) => part.bytes);
        const crc = parts.reduce((sum, part) => combineCrc64(sum, crcOf(part), part.length), emptyCrc64);
        if (request.headers['x-amz-checksum-crc64nvme'] !== toBase64(crc)) {
          return refusal(400, 'BadDigest', 'Checksum of the whole differs.');
        }
        this.objects.set(upload!.key, await read(new Blob(parts as BlobPart[])));
        this.uploads.delete(id);
        return ok('<CompleteMultipartUploadResult/>');
      }
      default:
        this.uploads.delete(id);
        return ok();
    }
  }
}

export function refusal(status: number, code: string, message: string): Reply {
  return ok(`<Error><Code>${code}</Code><Message>${message}</Message><RequestId>req-1</RequestId></Error>`, {}, status);
}

export function networkLoss(): never {
  throw new NetworkError();
}

export function crcOf(bytes: Uint8Array): Crc64 {
  return updateCrc64(emptyCrc64, bytes);
}

export const checksum = async (blob: Blob): Promise<Crc64> => crcOf(new Uint8Array(await blob.arrayBuffer()));

function ok(text = '', headers: Record<string, string> = {}, status = 200): Reply {
  return { status, text, header: (name) => headers[name.toLowerCase()] ?? null };
}

async function read(body: Blob | string | undefined): Promise<Uint8Array> {
  return new Uint8Array(await new Blob(body === undefined ? [] : [body]).arrayBuffer());
}
