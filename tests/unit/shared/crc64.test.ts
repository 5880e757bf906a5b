import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { combineCrc64, crc64Base64, createCrc64, emptyCrc64 } from '../../../functions/shared/crc64/crc64.ts';

/** Bit by bit, from the definition: polynomial 0xad93d23594c93659, reflected, all ones before and after. */
function reference(bytes: Uint8Array): string {
  const ones = 0xffff_ffff_ffff_ffffn;
  let state = ones;
  for (const byte of bytes) {
    state ^= BigInt(byte);
    for (let bit = 0; bit < 8; bit += 1) state = state & 1n ? (state >> 1n) ^ 0x9a6c_9329_ac4b_c9b5n : state >> 1n;
  }
  return (state ^ ones).toString(16).padStart(16, '0');
}

function crcOf(...parts: Uint8Array[]): string {
  const crc = createCrc64();
  for (const part of parts) crc.add(part);
  return crc.hex();
}

describe('CRC64NVME', () => {
  it('has the check value of its definition', () => {
    expect(crcOf(Buffer.from('123456789'))).toBe('ae8b14860a799888');
    expect(crc64Base64('ae8b14860a799888')).toBe('rosUhgp5mIg=');
    expect(crcOf()).toBe(emptyCrc64);
  });

  it.each([0, 1, 7, 8, 9, 4_095, 4_096, 4_097, 8_200, 65_535, 65_536, 65_537, 200_000])(
    'of %i bytes is what the definition gives',
    (length) => {
      const bytes = Buffer.from(Array.from({ length }, (_, index) => (index * 2_654_435_761) >>> 24));
      expect(crcOf(bytes)).toBe(reference(bytes));
    },
  );

  it('does not depend on how the bytes are cut, and goes on from any place', () => {
    const bytes = fc.uint8Array({ maxLength: 300 });
    fc.assert(
      fc.property(bytes, bytes, (first, second) => {
        const whole = reference(Buffer.concat([first, second]));
        expect(crcOf(first, second)).toBe(whole);
        const resumed = createCrc64(crcOf(first));
        resumed.add(second);
        expect(resumed.hex()).toBe(whole);
        expect(combineCrc64(crcOf(first), crcOf(second), second.length)).toBe(whole);
      }),
    );
  });
});
