// AWS Signature Version 4 in the Authorization header.
// https://docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-header-based-auth.html
// The hashes come from a library because crypto.subtle does not exist on plain http, which is how a beamline hutch may see us.
import { hmac } from '@noble/hashes/hmac.js';
import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex, utf8ToBytes } from '@noble/hashes/utils.js';

export interface SigningKey {
  readonly accessKey: string;
  readonly secretKey: string;
  readonly sessionToken?: string | undefined;
  readonly region: string;
}

export interface UnsignedRequest {
  readonly method: string;
  readonly url: URL;
  /** Every header given here is signed; `host` is added by the signer and sent by the browser. */
  readonly headers: Readonly<Record<string, string>>;
  /** SHA-256 of the body in hex, or UNSIGNED-PAYLOAD. */
  readonly payloadHash: string;
}

export const UnsignedPayload = 'UNSIGNED-PAYLOAD';

/** The headers to send: those given, those the signature needs, and Authorization. */
export function sign(request: UnsignedRequest, key: SigningKey, at: Date): Record<string, string> {
  const stamp = timestamp(at);
  const scope = `${stamp.slice(0, 8)}/${key.region}/s3/aws4_request`;
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(request.headers)) {
    headers[name.toLowerCase()] = value;
  }
  headers['x-amz-content-sha256'] = request.payloadHash;
  headers['x-amz-date'] = stamp;
  if (key.sessionToken) {
    headers['x-amz-security-token'] = key.sessionToken;
  }
  const { text, signedHeaders } = canonicalRequest(request, { ...headers, host: request.url.host });
  const toSign = `AWS4-HMAC-SHA256\n${stamp}\n${scope}\n${sha256Hex(text)}`;
  const signature = bytesToHex(hmac(sha256, derivedKey(key, stamp.slice(0, 8)), utf8ToBytes(toSign)));
  headers['authorization'] =
    `AWS4-HMAC-SHA256 Credential=${key.accessKey}/${scope},SignedHeaders=${signedHeaders},Signature=${signature}`;
  return headers;
}

export function canonicalRequest(request: UnsignedRequest, headers: Readonly<Record<string, string>>) {
  const names = Object.keys(headers).sort();
  const lines = names.map((name) => `${name}:${headers[name]!.trim().replace(/ +/g, ' ')}\n`).join('');
  const signedHeaders = names.join(';');
  const text = [
    request.method,
    request.url.pathname,
    canonicalQuery(request.url.searchParams),
    lines,
    signedHeaders,
    request.payloadHash,
  ].join('\n');
  return { text, signedHeaders };
}

export function sha256Hex(text: string): string {
  return bytesToHex(sha256(utf8ToBytes(text)));
}

/** Percent-encoding as S3 wants it: everything but the unreserved characters of RFC 3986; `/` stays in keys. */
export function encodeKey(key: string): string {
  return key.split('/').map(encodeStrict).join('/');
}

export function encodeStrict(text: string): string {
  return encodeURIComponent(text).replace(/[!'()*]/g, (c) => '%' + c.charCodeAt(0).toString(16).toUpperCase());
}

function canonicalQuery(parameters: URLSearchParams): string {
  return [...parameters]
    .map(([name, value]) => [encodeStrict(name), encodeStrict(value)] as const)
    .sort(([a, x], [b, y]) => compare(a, b) || compare(x, y))
    .map(([name, value]) => `${name}=${value}`)
    .join('&');
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function timestamp(at: Date): string {
  return at.toISOString().replace(/[-:]|\.\d{3}/g, '');
}

let lastDerived: { id: string; bytes: Uint8Array } | undefined;

/** Derived once per key and day: four of the five HMACs of a signature, which counts at thousands of small files. */
function derivedKey(key: SigningKey, day: string): Uint8Array {
  const id = `${key.secretKey}\n${day}\n${key.region}`;
  if (lastDerived?.id !== id) {
    const steps = [day, key.region, 's3', 'aws4_request'];
    const bytes = steps.reduce((k, step) => hmac(sha256, k, utf8ToBytes(step)), utf8ToBytes('AWS4' + key.secretKey));
    lastDerived = { id, bytes };
  }
  return lastDerived.bytes;
}
