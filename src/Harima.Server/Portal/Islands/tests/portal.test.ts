import { describe, expect, it, vi } from 'vitest';
import { PortalError, UploadAccess } from '../src/upload/portal';
import { NetworkError } from '../src/s3/http';

const answer = (expiresAt: string) => ({
  accessKey: 'a', secretKey: 's', sessionToken: 't', expiresAt, endpoint: 'http://s3', region: 'us-east-1', bucket: 'b', prefix: 'S1/',
});

function access(replies: (() => Response | Promise<Response>)[], clock = () => Date.parse('2026-11-23T00:00:00Z'), folder = '') {
  const fetcher = vi.fn(async (..._: Parameters<typeof fetch>) => (replies.length > 1 ? replies.shift()! : replies[0]!)());
  return { fetcher, access: new UploadAccess('/api/v1/proposals/2026A1234/sequences/S%201', folder, fetcher, clock) };
}

describe('access to a sequence', () => {
  it('asks once for many requests and again shortly before the end', async () => {
    let now = Date.parse('2026-11-23T00:00:00Z');
    const { access: subject, fetcher } = access(
      [() => Response.json(answer('2026-11-23T00:15:00Z')), () => Response.json(answer('2026-11-23T00:30:00Z'))],
      () => now,
    );
    await Promise.all([subject.target(), subject.target(), subject.target()]);
    expect(fetcher).toHaveBeenCalledOnce();
    expect(fetcher.mock.calls[0]![0]).toBe('/api/v1/proposals/2026A1234/sequences/S%201/upload-credentials');
    now = Date.parse('2026-11-23T00:13:30Z');
    await Promise.all([subject.target(), subject.target()]);
    expect(fetcher).toHaveBeenCalledTimes(2);
  });

  it('asks again after a failure', async () => {
    const { access: subject } = access([() => new Response('', { status: 500 }), () => Response.json(answer('2026-11-23T01:00:00Z'))]);
    await expect(subject.target()).rejects.toBeInstanceOf(PortalError);
    expect((await subject.target()).prefix).toBe('S1/');
  });

  it("signs with the server's clock", async () => {
    const reply = () => Response.json(answer('2026-11-23T09:00:00Z'), { headers: { date: 'Mon, 23 Nov 2026 08:00:00 GMT' } });
    const { access: subject } = access([reply]);
    await subject.target();
    expect(subject.now().toISOString()).toBe('2026-11-23T08:00:00.500Z');
  });

  it('reads the stored files page by page', async () => {
    const page = (name: string, next?: string) => () =>
      Response.json({ items: [{ path: name, sizeBytes: 1, checksums: { crc64nvme: 'x' } }], next });
    const { access: subject, fetcher } = access([page('a', 'a'), page('b')]);
    expect([...(await subject.storedFiles()).keys()]).toEqual(['a', 'b']);
    expect(fetcher.mock.calls[1]![0]).toContain('?limit=1000&after=a');
  });

  it('uploads into a folder and looks up only what is stored there', async () => {
    const stored = () => Response.json({ items: [{ path: 'plots/図 1/a', sizeBytes: 1, checksums: { crc64nvme: 'x' } }] });
    const { access: subject, fetcher } = access([stored, () => Response.json(answer('2026-11-23T01:00:00Z'))], undefined, 'plots/図 1/');
    expect([...(await subject.storedFiles()).keys()]).toEqual(['a']);
    expect(new URL(String(fetcher.mock.calls[0]![0]), 'http://portal').searchParams.get('prefix')).toBe('plots/図 1/');
    expect((await subject.target()).prefix).toBe('S1/plots/図 1/');
  });

  it('takes a sequence that does not exist yet as empty', async () => {
    const { access: subject } = access([() => new Response('', { status: 404 })]);
    expect((await subject.storedFiles()).size).toBe(0);
  });

  it('tells a lost network from a refusal, with the words of the problem', async () => {
    const { access: lost } = access([() => { throw new TypeError('Failed to fetch'); }]);
    await expect(lost.target()).rejects.toBeInstanceOf(NetworkError);
    const { access: refused } = access([() => Response.json({ detail: 'The sequence is closed.' }, { status: 409 })]);
    await expect(refused.target()).rejects.toThrow('The sequence is closed.');
  });
});
