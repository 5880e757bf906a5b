// The proofs of a password in caching_sha2_password.
import { Buffer } from 'node:buffer';
import { constants, createHash, publicEncrypt, timingSafeEqual } from 'node:crypto';

const sha256 = (...parts: (Buffer | string)[]) => {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(part);
  return hash.digest();
};

const xor = (left: Buffer, right: Buffer) =>
  Buffer.from(left.map((byte, index) => byte ^ (right[index % right.length] as number)));

/** @param nonce the 20 bytes of the greeting. */
export function fastToken(password: string, nonce: Buffer): Buffer {
  if (password === '') return Buffer.alloc(0);
  const once = sha256(password);
  return xor(once, sha256(sha256(once), nonce));
}

export function provesPassword(token: Buffer, password: string, nonce: Buffer): boolean {
  const expected = fastToken(password, nonce);
  return token.length === expected.length && timingSafeEqual(token, expected);
}

/** The password for a server that has not seen it yet, encrypted for the server's public key (PEM). */
export function encryptedPassword(password: string, nonce: Buffer, publicKey: string): Buffer {
  const hidden = xor(Buffer.from(`${password}\0`), nonce);
  return publicEncrypt({ key: publicKey, padding: constants.RSA_PKCS1_OAEP_PADDING }, hidden);
}
