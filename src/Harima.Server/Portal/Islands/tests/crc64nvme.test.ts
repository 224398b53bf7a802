import { describe, expect, it } from 'vitest';
import { combineCrc64, emptyCrc64, toBase64, toHex, updateCrc64 } from '../src/s3/crc64nvme';

const bytes = (text: string) => new TextEncoder().encode(text);
const noise = (length: number) => Uint8Array.from({ length }, (_, i) => (i * 2654435761) >>> 13);

/** Bit by bit, straight from the definition. */
function slowly(data: Uint8Array): string {
  let crc = 0xffffffffffffffffn;
  for (const byte of data) {
    crc ^= BigInt(byte);
    for (let bit = 0; bit < 8; bit++) {
      crc = crc & 1n ? (crc >> 1n) ^ 0x9a6c9329ac4bc9b5n : crc >> 1n;
    }
  }
  return (crc ^ 0xffffffffffffffffn).toString(16).padStart(16, '0');
}

describe('CRC-64/NVME', () => {
  it('gives the published check value', () => {
    expect(toHex(updateCrc64(emptyCrc64, bytes('123456789')))).toBe('ae8b14860a799888');
  });

  it('gives base64 of the big-endian bytes', () => {
    expect(toBase64(updateCrc64(emptyCrc64, bytes('123456789')))).toBe('rosUhgp5mIg=');
    expect(toBase64(emptyCrc64)).toBe('AAAAAAAAAAA=');
  });

  it.each([0, 1, 7, 8, 9, 63, 64, 1000, 4097])('agrees with the definition for %i bytes', (length) => {
    expect(toHex(updateCrc64(emptyCrc64, noise(length)))).toBe(slowly(noise(length)));
  });

  it('does not mind where the stream is cut', () => {
    const data = noise(5000);
    const cut = updateCrc64(updateCrc64(emptyCrc64, data.subarray(0, 1237)), data.subarray(1237));
    expect(cut).toEqual(updateCrc64(emptyCrc64, data));
  });

  it.each([0, 1, 8, 1237, 4999, 5000])('combines two parts cut at %i into the whole', (at) => {
    const data = noise(5000);
    const first = updateCrc64(emptyCrc64, data.subarray(0, at));
    const second = updateCrc64(emptyCrc64, data.subarray(at));
    expect(combineCrc64(first, second, 5000 - at)).toEqual(updateCrc64(emptyCrc64, data));
  });
});
