import { describe, expect, it } from 'vitest';
import { encodeKey, sha256Hex, sign } from '../src/s3/signing';

// The worked examples of https://docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-header-based-auth.html
const key = { accessKey: 'AKIAIOSFODNN7EXAMPLE', secretKey: 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY', region: 'us-east-1' };
const at = new Date('2013-05-24T00:00:00Z');
const empty = sha256Hex('');

function signature(method: string, url: string, headers: Record<string, string>, payloadHash = empty): string {
  const signed = sign({ method, url: new URL(url), headers, payloadHash }, key, at);
  return /Signature=(\w+)/.exec(signed['authorization']!)![1]!;
}

describe('Signature Version 4', () => {
  it('signs the published GET of an object with a range', () => {
    expect(signature('GET', 'https://examplebucket.s3.amazonaws.com/test.txt', { Range: 'bytes=0-9' })).toBe(
      'f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41',
    );
  });

  it('signs the published PUT of an object with a dollar sign in its key', () => {
    const headers = { Date: 'Fri, 24 May 2013 00:00:00 GMT', 'x-amz-storage-class': 'REDUCED_REDUNDANCY' };
    const url = 'https://examplebucket.s3.amazonaws.com/' + encodeKey('test$file.text');
    expect(signature('PUT', url, headers, sha256Hex('Welcome to Amazon S3.'))).toBe(
      '98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd',
    );
  });

  it('signs the published GET of a sub-resource without value', () => {
    expect(signature('GET', 'https://examplebucket.s3.amazonaws.com/?lifecycle', {})).toBe(
      'fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543',
    );
  });

  it('signs the published list request', () => {
    expect(signature('GET', 'https://examplebucket.s3.amazonaws.com/?max-keys=2&prefix=J', {})).toBe(
      '34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7',
    );
  });

  it('carries the session token inside the signature', () => {
    const request = { method: 'PUT', url: new URL('http://localhost:9000/b/k'), headers: {}, payloadHash: 'UNSIGNED-PAYLOAD' };
    const signed = sign(request, { ...key, sessionToken: 'token' }, at);
    expect(signed['x-amz-security-token']).toBe('token');
    expect(signed['authorization']).toContain(
      'SignedHeaders=host;x-amz-content-sha256;x-amz-date;x-amz-security-token,',
    );
  });

  it('encodes keys as S3 does: spaces, Japanese and the five that encodeURIComponent leaves', () => {
    expect(encodeKey("試料 1/a!'()*~.h5")).toBe('%E8%A9%A6%E6%96%99%201/a%21%27%28%29%2A~.h5');
  });
});
