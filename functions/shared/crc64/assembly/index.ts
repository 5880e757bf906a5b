// AssemblyScript, compiled to WebAssembly by `npm run build:crc64`: CRC64NVME, the checksum that S3 computes for every object.
// With one stream of bytes, each table look-up waits for the one before. So a block is cut into four lanes. Their look-ups overlap,
// and the lanes are joined afterwards.

/** The polynomial 0xad93d23594c93659 with its bits reversed. */
const polynomial: u64 = 0x9a6c9329ac4bc9b5;

const entries: usize = 256;
const tableBytes: usize = entries * 8;
/** Eight tables of 256 entries. Table k has the effect of a byte on the state k bytes later. */
const tables: usize = 1024;
/** Eight more tables. They have the effect of each byte of the state after `laneBytes` zeros. */
const laneTables: usize = tables + 8 * tableBytes;

/**
 * Bytes of one lane. Blocks that come over TLS have at most 16 KiB. The rest of a block after the last four lanes takes twice the time,
 * so lanes are short. Joining them takes 2% of their time.
 */
const laneBytes: usize = 1024;
/** Where a block of at most `inputBytes` lies. */
export const input: usize = 64 * 1024;
export const inputBytes: usize = 64 * 1024;

function entry(table: usize, index: u64): u64 {
  return load<u64>(table + ((<usize>index) << 3));
}

/** The mask of an entry's place in a table, which is its index times 8. */
const placeMask: u32 = 0xff << 3;

/** The state after eight bytes. It takes the places from 32 bits at a time. The load instruction adds the offset of the table. */
function after8(state: u64, at: usize): u64 {
  const mixed = state ^ load<u64>(at);
  const low = <u32>mixed;
  const high = <u32>(mixed >> 32);
  return (
    load<u64>((low << 3) & placeMask, tables + 7 * tableBytes) ^
    load<u64>((low >> 5) & placeMask, tables + 6 * tableBytes) ^
    load<u64>((low >> 13) & placeMask, tables + 5 * tableBytes) ^
    load<u64>((low >> 21) & placeMask, tables + 4 * tableBytes) ^
    load<u64>((high << 3) & placeMask, tables + 3 * tableBytes) ^
    load<u64>((high >> 5) & placeMask, tables + 2 * tableBytes) ^
    load<u64>((high >> 13) & placeMask, tables + tableBytes) ^
    load<u64>((high >> 21) & placeMask, tables)
  );
}

/** The state after `laneBytes` zeros. */
function afterLane(state: u64): u64 {
  let result: u64 = 0;
  for (let byte: usize = 0; byte < 8; byte += 1) {
    result ^= entry(laneTables + byte * tableBytes, (state >> ((<u64>byte) << 3)) & 0xff);
  }
  return result;
}

/** Fills the tables. Called once. */
export function prepare(): void {
  for (let index: usize = 0; index < entries; index += 1) {
    let state = <u64>index;
    for (let bit = 0; bit < 8; bit += 1) state = (state >> 1) ^ (polynomial & (0 - (state & 1)));
    store<u64>(tables + (index << 3), state);
  }
  for (let table: usize = 1; table < 8; table += 1) {
    for (let index: usize = 0; index < entries; index += 1) {
      const before = load<u64>(tables + (table - 1) * tableBytes + (index << 3));
      store<u64>(tables + table * tableBytes + (index << 3), entry(tables, before & 0xff) ^ (before >> 8));
    }
  }
  // The input is all zeros now.
  for (let byte: usize = 0; byte < 8; byte += 1) {
    for (let index: usize = 0; index < entries; index += 1) {
      let state = (<u64>index) << ((<u64>byte) << 3);
      for (let at: usize = 0; at < laneBytes; at += 8) state = after8(state, input);
      store<u64>(laneTables + byte * tableBytes + (index << 3), state);
    }
  }
}

/** The state after the first `bytes` bytes of `input`. */
export function update(state: u64, bytes: usize): u64 {
  let at = input;
  const end = input + bytes;
  for (; at + 4 * laneBytes <= end; at += 3 * laneBytes) {
    let second: u64 = 0;
    let third: u64 = 0;
    let fourth: u64 = 0;
    for (const laneEnd = at + laneBytes; at < laneEnd; at += 8) {
      state = after8(state, at);
      second = after8(second, at + laneBytes);
      third = after8(third, at + 2 * laneBytes);
      fourth = after8(fourth, at + 3 * laneBytes);
    }
    state = afterLane(afterLane(afterLane(state) ^ second) ^ third) ^ fourth;
  }
  for (; at + 8 <= end; at += 8) state = after8(state, at);
  for (; at < end; at += 1) state = entry(tables, (state ^ load<u8>(at)) & 0xff) ^ (state >> 8);
  return state;
}
