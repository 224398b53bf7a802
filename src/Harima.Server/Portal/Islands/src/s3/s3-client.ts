// The handful of S3 actions an upload needs, named as AWS names them. It signs, sends, and turns refusals into S3Error;
// it does not retry, that is the queue's decision.
import type { Reply, Send } from './http';
import { sign, encodeKey, encodeStrict, UnsignedPayload, type SigningKey } from './signing';

export interface S3Place extends SigningKey {
  readonly endpoint: string;
  readonly bucket: string;
}

/** What S3 answered instead of doing it. `code` is S3's own word, such as AccessDenied or NoSuchUpload. */
export class S3Error extends Error {
  override name = 'S3Error';
  constructor(
    readonly status: number,
    readonly code: string,
    message: string,
    readonly requestId: string,
  ) {
    super(message);
  }
}

export interface ListedPart {
  readonly number: number;
  readonly sizeBytes: number;
  readonly etag: string;
  readonly crc64nvme: string;
}

export interface SentPart {
  readonly number: number;
  readonly etag: string;
  readonly crc64nvme: string;
}

type Call = {
  method: string;
  key?: string;
  query?: Record<string, string>;
  headers?: Record<string, string>;
  body?: Blob | string;
  signal: AbortSignal;
  onProgress?: ((sentBytes: number) => void) | undefined;
};

export class S3Client {
  /** @param place asked before every request, so that renewed credentials are used at once
   *  @param now the server's clock as far as we know it: a laptop at a beamline may be hours off */
  constructor(
    private readonly place: () => Promise<S3Place>,
    private readonly send: Send,
    private readonly now: () => Date,
  ) {}

  async putObject(key: string, body: Blob, headers: Record<string, string>, signal: AbortSignal, onProgress?: (sent: number) => void) {
    await this.call({ method: 'PUT', key, body, headers, signal, onProgress });
  }

  async createMultipartUpload(key: string, headers: Record<string, string>, signal: AbortSignal): Promise<string> {
    const reply = await this.call({ method: 'POST', key, query: { uploads: '' }, headers, signal });
    return element(reply.text, 'UploadId');
  }

  async uploadPart(
    key: string,
    uploadId: string,
    number: number,
    body: Blob,
    crc64nvme: string,
    signal: AbortSignal,
    onProgress?: (sent: number) => void,
  ): Promise<SentPart> {
    const reply = await this.call({
      method: 'PUT',
      key,
      query: { partNumber: String(number), uploadId },
      headers: { 'x-amz-checksum-crc64nvme': crc64nvme },
      body,
      signal,
      onProgress,
    });
    return { number, etag: reply.header('etag') ?? '', crc64nvme };
  }

  async completeMultipartUpload(key: string, uploadId: string, parts: readonly SentPart[], crc64nvme: string, signal: AbortSignal) {
    const rows = parts.map(
      (part) =>
        `<Part><PartNumber>${part.number}</PartNumber><ETag>${escapeXml(part.etag)}</ETag>` +
        `<ChecksumCRC64NVME>${part.crc64nvme}</ChecksumCRC64NVME></Part>`,
    );
    const body = `<CompleteMultipartUpload xmlns="http://s3.amazonaws.com/doc/2006-03-01/">${rows.join('')}</CompleteMultipartUpload>`;
    const headers = {
      'content-type': 'application/xml',
      'x-amz-checksum-crc64nvme': crc64nvme,
      'x-amz-checksum-type': 'FULL_OBJECT',
    };
    const reply = await this.call({ method: 'POST', key, query: { uploadId }, headers, body: new Blob([body]), signal });
    // S3 may have to say 200 before it knows; then the refusal stands in the body.
    if (/<Error[ >]/.test(reply.text)) {
      throw toError(reply);
    }
  }

  async abortMultipartUpload(key: string, uploadId: string, signal: AbortSignal) {
    await this.call({ method: 'DELETE', key, query: { uploadId }, signal });
  }

  /** Unfinished multipart uploads under a prefix: key -> newest upload id. */
  async listMultipartUploads(prefix: string, signal: AbortSignal): Promise<Map<string, string>> {
    const found = new Map<string, { id: string; initiated: string }>();
    let query: Record<string, string> = { uploads: '', prefix };
    for (;;) {
      const { text } = await this.call({ method: 'GET', query, signal });
      for (const upload of elements(text, 'Upload')) {
        const key = element(upload, 'Key');
        const initiated = element(upload, 'Initiated');
        if ((found.get(key)?.initiated ?? '') <= initiated) {
          found.set(key, { id: element(upload, 'UploadId'), initiated });
        }
      }
      const next = element(text, 'NextKeyMarker');
      if (element(text, 'IsTruncated') !== 'true' || next === '') {
        break;
      }
      query = { uploads: '', prefix, 'key-marker': next, 'upload-id-marker': element(text, 'NextUploadIdMarker') };
    }
    return new Map([...found].map(([key, upload]) => [key, upload.id]));
  }

  async listParts(key: string, uploadId: string, signal: AbortSignal): Promise<ListedPart[]> {
    const parts: ListedPart[] = [];
    let query: Record<string, string> = { uploadId };
    for (;;) {
      const { text } = await this.call({ method: 'GET', key, query, signal });
      for (const part of elements(text, 'Part')) {
        parts.push({
          number: Number(element(part, 'PartNumber')),
          sizeBytes: Number(element(part, 'Size')),
          etag: element(part, 'ETag'),
          crc64nvme: element(part, 'ChecksumCRC64NVME'),
        });
      }
      const next = element(text, 'NextPartNumberMarker');
      if (element(text, 'IsTruncated') !== 'true' || next === '') {
        return parts;
      }
      query = { uploadId, 'part-number-marker': next };
    }
  }

  private async call(call: Call): Promise<Reply> {
    const place = await this.place();
    const query = Object.entries(call.query ?? {}).map(([name, value]) => `${encodeStrict(name)}=${encodeStrict(value)}`);
    const path = `/${encodeKey(place.bucket)}${call.key === undefined ? '' : '/' + encodeKey(call.key)}`;
    const url = new URL(place.endpoint.replace(/\/+$/, '') + path + (query.length > 0 ? '?' + query.join('&') : ''));
    const headers = sign(
      { method: call.method, url, headers: call.headers ?? {}, payloadHash: UnsignedPayload },
      place,
      this.now(),
    );
    const reply = await this.send({
      method: call.method,
      url: url.href,
      headers,
      body: call.body,
      signal: call.signal,
      onProgress: call.onProgress,
    });
    if (reply.status < 200 || reply.status > 299) {
      throw toError(reply);
    }
    return reply;
  }
}

function toError(reply: Reply): S3Error {
  const code = element(reply.text, 'Code') || `HTTP ${reply.status}`;
  return new S3Error(reply.status, code, element(reply.text, 'Message'), element(reply.text, 'RequestId'));
}

// S3's answers are flat lists of known elements; this reads them in the browser and in the tests alike (no DOMParser there).
function element(xml: string, name: string): string {
  const match = new RegExp(`<${name}(?:\\s[^>]*)?>([^<]*)</${name}>`).exec(xml);
  return match ? unescapeXml(match[1]!) : '';
}

function elements(xml: string, name: string): string[] {
  return [...xml.matchAll(new RegExp(`<${name}(?:\\s[^>]*)?>([\\s\\S]*?)</${name}>`, 'g'))].map((match) => match[1]!);
}

const Entities: Record<string, string> = { lt: '<', gt: '>', quot: '"', apos: "'", amp: '&' };

function unescapeXml(text: string): string {
  return text.replace(/&(?:#x([0-9a-f]+)|#(\d+)|(lt|gt|quot|apos|amp));/gi, (_, hex, decimal, name) =>
    name ? Entities[name]! : String.fromCodePoint(hex ? parseInt(hex, 16) : Number(decimal)),
  );
}

function escapeXml(text: string): string {
  return text.replace(/[<>&"]/g, (c) => `&#${c.charCodeAt(0)};`);
}
