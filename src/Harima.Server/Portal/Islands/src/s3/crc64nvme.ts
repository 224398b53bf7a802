// CRC-64/NVME, the checksum S3 clients send by default since 2025: polynomial 0xAD93D23594C93659, reflected,
// all ones in and out; "123456789" gives AE8B14860A799888.
// JavaScript has no fast 64-bit integer, so every 64-bit value is a high and a low half. Eight tables take eight bytes per
// step ("slicing by eight"): about ten times faster than one byte at a time, which matters for files of many GiB.

const PolynomialHigh = 0x9a6c9329;
const PolynomialLow = 0xac4bc9b5;
const PolynomialReflected = 0x9a6c9329ac4bc9b5n;

// table[k * 256 + b]: the CRC of byte b followed by k zero bytes.
const tableHigh = new Uint32Array(8 * 256);
const tableLow = new Uint32Array(8 * 256);

for (let byte = 0; byte < 256; byte++) {
  let high = 0;
  let low = byte;
  for (let bit = 0; bit < 8; bit++) {
    const carry = low & 1;
    low = ((low >>> 1) | (high << 31)) >>> 0;
    high >>>= 1;
    if (carry) {
      high = (high ^ PolynomialHigh) >>> 0;
      low = (low ^ PolynomialLow) >>> 0;
    }
  }
  tableHigh[byte] = high;
  tableLow[byte] = low;
}
for (let k = 1; k < 8; k++) {
  for (let byte = 0; byte < 256; byte++) {
    const high = tableHigh[(k - 1) * 256 + byte]!;
    const low = tableLow[(k - 1) * 256 + byte]!;
    const index = low & 0xff;
    tableLow[k * 256 + byte] = (((low >>> 8) | (high << 24)) ^ tableLow[index]!) >>> 0;
    tableHigh[k * 256 + byte] = ((high >>> 8) ^ tableHigh[index]!) >>> 0;
  }
}

/** A finished or running CRC-64/NVME as two unsigned 32-bit halves. */
export interface Crc64 {
  readonly high: number;
  readonly low: number;
}

export const emptyCrc64: Crc64 = { high: 0, low: 0 };

/** The CRC of what `crc` covered followed by `bytes`. Start with `emptyCrc64`. */
export function updateCrc64(crc: Crc64, bytes: Uint8Array): Crc64 {
  let high = ~crc.high >>> 0;
  let low = ~crc.low >>> 0;
  let at = 0;
  const eights = bytes.length - (bytes.length % 8);
  while (at < eights) {
    const a = low ^ (bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24));
    const b = high ^ (bytes[at + 4]! | (bytes[at + 5]! << 8) | (bytes[at + 6]! << 16) | (bytes[at + 7]! << 24));
    const i7 = 1792 + (a & 255);
    const i6 = 1536 + ((a >>> 8) & 255);
    const i5 = 1280 + ((a >>> 16) & 255);
    const i4 = 1024 + (a >>> 24);
    const i3 = 768 + (b & 255);
    const i2 = 512 + ((b >>> 8) & 255);
    const i1 = 256 + ((b >>> 16) & 255);
    const i0 = b >>> 24;
    low =
      tableLow[i7]! ^ tableLow[i6]! ^ tableLow[i5]! ^ tableLow[i4]! ^ tableLow[i3]! ^ tableLow[i2]! ^ tableLow[i1]! ^ tableLow[i0]!;
    high =
      tableHigh[i7]! ^ tableHigh[i6]! ^ tableHigh[i5]! ^ tableHigh[i4]! ^ tableHigh[i3]! ^ tableHigh[i2]! ^ tableHigh[i1]! ^ tableHigh[i0]!;
    at += 8;
  }
  while (at < bytes.length) {
    const index = (low ^ bytes[at]!) & 255;
    low = ((low >>> 8) | (high << 24)) ^ tableLow[index]!;
    high = (high >>> 8) ^ tableHigh[index]!;
    at++;
  }
  return { high: ~high >>> 0, low: ~low >>> 0 };
}

export function toHex(crc: Crc64): string {
  return crc.high.toString(16).padStart(8, '0') + crc.low.toString(16).padStart(8, '0');
}

/** The form of `x-amz-checksum-crc64nvme`: base64 of the eight bytes, most significant first. */
export function toBase64(crc: Crc64): string {
  const bytes = [crc.high >>> 24, crc.high >>> 16, crc.high >>> 8, crc.high, crc.low >>> 24, crc.low >>> 16, crc.low >>> 8, crc.low];
  return btoa(String.fromCharCode(...bytes.map((byte) => byte & 255)));
}

/**
 * The CRC of A followed by B, from the CRCs of both and the length of B: parts are hashed as they are sent, and the whole
 * file's checksum follows without reading it twice. Same idea as zlib's crc32_combine.
 */
export function combineCrc64(a: Crc64, b: Crc64, lengthOfB: number): Crc64 {
  if (lengthOfB === 0) {
    return a;
  }
  let operator = zeroBitOperator(); // one zero bit, squared three times: one zero byte
  for (let i = 0; i < 3; i++) {
    operator = square(operator);
  }
  let value = toBigInt(a);
  let remaining = BigInt(lengthOfB);
  while (remaining > 0n) {
    if (remaining & 1n) {
      value = times(operator, value);
    }
    remaining >>= 1n;
    if (remaining > 0n) {
      operator = square(operator);
    }
  }
  value ^= toBigInt(b);
  return { high: Number(value >> 32n), low: Number(value & 0xffffffffn) };
}

function toBigInt(crc: Crc64): bigint {
  return (BigInt(crc.high) << 32n) | BigInt(crc.low);
}

/** Column n is what becomes of bit n when one zero bit is shifted in. */
function zeroBitOperator(): bigint[] {
  const columns = [PolynomialReflected];
  for (let bit = 1; bit < 64; bit++) {
    columns.push(1n << BigInt(bit - 1));
  }
  return columns;
}

function times(matrix: readonly bigint[], vector: bigint): bigint {
  let sum = 0n;
  for (let bit = 0; vector > 0n; bit++, vector >>= 1n) {
    if (vector & 1n) {
      sum ^= matrix[bit]!;
    }
  }
  return sum;
}

function square(matrix: readonly bigint[]): bigint[] {
  return matrix.map((column) => times(matrix, column));
}
