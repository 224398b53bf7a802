// What the upload asks of the portal itself: credentials for the S3 gateway, and what the sequence already holds.
import type { S3Place } from '../s3/s3-client';
import { NetworkError } from '../s3/http';

/** The portal refused, with what its problem+json said. */
export class PortalError extends Error {
  override name = 'PortalError';
  constructor(
    readonly status: number,
    message: string,
    readonly errors: Readonly<Record<string, readonly string[]>> = {},
  ) {
    super(message);
  }
}

export interface StoredFile {
  readonly sizeBytes: number;
  readonly crc64nvme: string;
}

export interface UploadTarget {
  readonly place: S3Place;
  /** Put before every path to make the object key, such as `S0042/`. */
  readonly prefix: string;
}

interface CredentialsAnswer {
  accessKey: string;
  secretKey: string;
  sessionToken?: string;
  expiresAt: string;
  endpoint: string;
  region: string;
  bucket: string;
  prefix: string;
}

interface FilesAnswer {
  items: { path: string; sizeBytes: number; checksums?: { crc64nvme?: string | null } | null }[];
  next?: string | null;
}

const RenewBeforeMs = 120_000;

/** Short-lived credentials limited to one sequence or workspace, renewed shortly before they end. */
export class UploadAccess {
  private current: Promise<UploadTarget & { expiresAt: number }> | undefined;
  private skewMs = 0;

  /** @param address of the sequence or workspace in the REST API
   *  @param folder the folder in it to upload to, with a slash at its end; empty for the topmost */
  constructor(
    private readonly address: string,
    private readonly folder = '',
    private readonly fetcher: typeof fetch = (...request) => fetch(...request),
    private readonly clock: () => number = Date.now,
  ) {}

  /** The server's time: the answer that brought the credentials said how far our clock is off. */
  now(): Date {
    return new Date(this.clock() + this.skewMs);
  }

  async target(): Promise<UploadTarget> {
    const held = this.current;
    if (held && (await held).expiresAt - this.now().getTime() > RenewBeforeMs) {
      return held;
    }
    if (this.current === held) {
      this.renew();
    }
    return this.current!;
  }

  /** Forgets the credentials held; the next request waits for new ones. */
  renew(): void {
    const asked = this.ask();
    this.current = asked;
    asked.catch(() => {
      if (this.current === asked) {
        this.current = undefined;
      }
    });
  }

  async storedFiles(): Promise<Map<string, StoredFile>> {
    const stored = new Map<string, StoredFile>();
    let after: string | null | undefined;
    do {
      const query = new URLSearchParams({ limit: '1000' });
      if (this.folder) {
        query.set('prefix', this.folder);
      }
      if (after) {
        query.set('after', after);
      }
      const reply = await this.request(`${this.address}/files?${query}`, { method: 'GET' });
      if (reply.status === 404) {
        return stored; // the sequence comes into being with its first file
      }
      const answer = (await orThrow(reply).then((good) => good.json())) as FilesAnswer;
      for (const file of answer.items) {
        stored.set(file.path.slice(this.folder.length), { sizeBytes: file.sizeBytes, crc64nvme: file.checksums?.crc64nvme ?? '' });
      }
      after = answer.next;
    } while (after);
    return stored;
  }

  private async ask(): Promise<UploadTarget & { expiresAt: number }> {
    const reply = await this.request(`${this.address}/upload-credentials`, { method: 'POST' });
    const answer = (await orThrow(reply).then((good) => good.json())) as CredentialsAnswer;
    const serverTime = Date.parse(reply.headers.get('date') ?? '');
    if (!Number.isNaN(serverTime)) {
      // `Date` has whole seconds; half a second is its mean error.
      this.skewMs = serverTime + 500 - this.clock();
    }
    const { accessKey, secretKey, sessionToken, region, endpoint, bucket, prefix } = answer;
    const place = { accessKey, secretKey, sessionToken, region, endpoint, bucket };
    return { place, prefix: prefix + this.folder, expiresAt: Date.parse(answer.expiresAt) };
  }

  private async request(url: string, init: RequestInit): Promise<Response> {
    try {
      return await this.fetcher(url, { ...init, headers: { accept: 'application/json', 'x-harima-csrf': '1' }, credentials: 'same-origin' });
    } catch {
      throw new NetworkError();
    }
  }
}

export async function orThrow(reply: Response): Promise<Response> {
  if (reply.ok) {
    return reply;
  }
  if (reply.status >= 502 && reply.status <= 504) {
    throw new NetworkError(); // a proxy in front of a portal that is restarting
  }
  let problem: { title?: string; detail?: string; errors?: Record<string, string[]> } = {};
  try {
    problem = await reply.json();
  } catch {
    // Not JSON: the status alone has to do.
  }
  throw new PortalError(reply.status, problem.detail ?? problem.title ?? `HTTP ${reply.status}`, problem.errors);
}
