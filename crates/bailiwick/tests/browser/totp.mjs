// One-time codes (RFC 6238 with SHA-1, as authenticator apps make them): what a person types who
// has set up a second factor.
import { createHmac } from "node:crypto";

const LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

// The bytes of a secret in base32 (RFC 4648), spaces, case and padding passed over.
export function base32(text) {
  let bits = 0;
  let held = 0;
  const bytes = [];
  for (const letter of text.toUpperCase().replace(/[\s=]/g, "")) {
    const value = LETTERS.indexOf(letter);
    if (value < 0) throw new Error(`\`${letter}\` is no letter of base32`);
    held = (held << 5) | value;
    bits += 5;
    if (bits >= 8) {
      bits -= 8;
      bytes.push((held >> bits) & 0xff);
      held &= (1 << bits) - 1;
    }
  }
  return Buffer.from(bytes);
}

// The code of a base32 secret at a moment in milliseconds since 1970.
export function totp(secret, now = Date.now(), { digits = 6, period = 30 } = {}) {
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(Math.floor(now / 1000 / period)));
  const mac = createHmac("sha1", base32(secret)).update(counter).digest();
  const number = mac.readUInt32BE(mac[19] & 15) & 0x7fffffff;
  return String(number % 10 ** digits).padStart(digits, "0");
}
