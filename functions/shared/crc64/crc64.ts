// CRC64NVME is S3's checksum of the content of a whole object, for every kind of upload. This file computes it for objects that
// have none, and for every byte that is read. Two checksums can be combined, so ranges of an object may be read separately.
import { moduleBase64 } from './module.ts';

interface Exports {
  memory: { buffer: ArrayBuffer };
  input: { value: number };
  inputBytes: { value: number };
  prepare(): void;
  update(state: bigint, bytes: number): bigint;
}

const { exports } = new WebAssembly.Instance(new WebAssembly.Module(Buffer.from(moduleBase64, 'base64')));
const { memory, input, inputBytes, prepare, update } = exports as unknown as Exports;
const room = Buffer.from(memory.buffer, input.value, inputBytes.value);
prepare();

const allOnes = 0xffff_ffff_ffff_ffffn;
const unsigned = (value: bigint) => BigInt.asUintN(64, value);

export interface Crc64 {
  add(bytes: Uint8Array): void;
  /** 16 hex digits for the bytes so far. May be called at any time. */
  hex(): string;
}

/** `from`: 16 hex digits of the bytes before, to continue a computation. */
export function createCrc64(from?: string): Crc64 {
  let state = from === undefined ? allOnes : BigInt(`0x${from}`) ^ allOnes;
  return {
    add(bytes) {
      for (let at = 0; at < bytes.length; at += room.length) {
        const part = bytes.subarray(at, at + room.length);
        room.set(part);
        state = unsigned(update(state, part.length));
      }
    },
    hex: () => hexOf(state ^ allOnes),
  };
}

/** The checksum of no bytes. */
export const emptyCrc64 = '0000000000000000';

const hexOf = (value: bigint) => value.toString(16).padStart(16, '0');

/** The polynomial with its bits reversed, without its highest term. */
const polynomial = 0x9a6c_9329_ac4b_c9b5n;
const one = 1n << 63n;

/** The product of two polynomials modulo the CRC's, bits reversed. */
function multiply(left: bigint, right: bigint): bigint {
  let product = 0n;
  let shifted = right;
  for (let bit = one; bit > 0n; bit >>= 1n) {
    if (left & bit) product ^= shifted;
    shifted = shifted & 1n ? (shifted >> 1n) ^ polynomial : shifted >> 1n;
  }
  return product;
}

/** x to the power of 8 * `bytes`. Multiplying by it moves a state over that many zeros. */
function powerOf(bytes: number): bigint {
  let power = one;
  let square = one >> 8n;
  for (let rest = BigInt(bytes); rest > 0n; rest >>= 1n) {
    if (rest & 1n) power = multiply(power, square);
    square = multiply(square, square);
  }
  return power;
}

/** The checksum of bytes with `first`, followed by `secondBytes` bytes with `second`. */
export const combineCrc64 = (first: string, second: string, secondBytes: number): string =>
  hexOf(multiply(powerOf(secondBytes), BigInt(`0x${first}`)) ^ BigInt(`0x${second}`));

/** As S3 writes it. */
export const crc64Base64 = (hex: string) => Buffer.from(hex, 'hex').toString('base64');
