// Statements as bytes, past the driver, which takes text only. A text of half a megabyte is put together, and encoded, at
// once; as soon as one of its thousand rows has a character beyond Latin-1 all of it takes two bytes a character. Rows that
// are encoded one by one cost half as much (docs/performance.md).
import type { Connection, QueryError } from 'mysql2';

/** SQL in UTF-8 that begins `headroomBytes` into the buffer: the driver's packet header goes before it, without a copy. */
export type Statement = Buffer;
export const headroomBytes = 16;
/** Every statement is shorter: the smallest max_allowed_packet in use. */
export const maxStatementBytes = 4 * 1024 * 1024;

/** What the driver writes: 4 bytes for length and number of the packet, then the command and, where negotiated, its attributes. */
interface Packet {
  buffer: Buffer;
  end: number;
}
type Callback = (error: QueryError | null, result: unknown) => void;

const commandQuery = 0x03;
const packetHeaderBytes = 4;

/** One statement at a time. The driver does all as ever, but for the packet of an empty statement, into which the bytes go. */
export function statementSender(connection: Connection): (sql: string | Statement, done: Callback) => void {
  const driver = connection as unknown as { writePacket(packet: Packet): void };
  const writePacket = driver.writePacket.bind(driver);
  let next: Statement | undefined;
  driver.writePacket = (packet) => {
    if (next !== undefined && packet.buffer[packetHeaderBytes] === commandQuery) {
      const command = packet.buffer;
      const from = headroomBytes - command.length;
      packet.buffer = next.subarray(from);
      command.copy(packet.buffer);
      packet.end = packet.buffer.length;
      next = undefined;
    }
    writePacket(packet);
  };
  return (sql, done) => {
    next = typeof sql === 'string' ? statementOf(sql) : sql;
    connection.query('', done);
  };
}

/** In UTF-8 also where a session speaks of bytes: the driver would then write a byte for each character. */
function statementOf(sql: string): Statement {
  const statement = Buffer.alloc(headroomBytes + Buffer.byteLength(sql));
  statement.write(sql, headroomBytes);
  return statement;
}
