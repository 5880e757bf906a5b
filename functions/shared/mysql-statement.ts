// Sends statements as bytes. The driver only takes strings. A string of half a megabyte is built and encoded as a whole. If one of
// its rows has a character beyond Latin-1, all of it takes two bytes per character. Rows that are encoded one by one cost half as
// much (docs/performance.md).
import type { Connection, QueryError } from 'mysql2';

/** SQL in UTF-8 that begins at `headroomBytes` in the buffer. So the driver's packet header fits before it, without a copy. */
export type Statement = Buffer;
export const headroomBytes = 16;
/** The smallest max_allowed_packet in use. Every statement is shorter. */
export const maxStatementBytes = 4 * 1024 * 1024;

/** The driver's header: 4 bytes for length and number of the packet, then the command and, if negotiated, its attributes. */
interface Packet {
  buffer: Buffer;
  end: number;
}
type Callback = (error: QueryError | null, result: unknown) => void;

const commandQuery = 0x03;
const packetHeaderBytes = 4;

/** Sends one statement at a time. The driver sends an empty statement, and the bytes go into its packet. */
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

/** Writes UTF-8 even if the session's character set is binary: the driver would then write one byte per character. */
function statementOf(sql: string): Statement {
  const statement = Buffer.alloc(headroomBytes + Buffer.byteLength(sql));
  statement.write(sql, headroomBytes);
  return statement;
}
