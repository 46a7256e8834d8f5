import assert from "node:assert/strict";
import { test } from "node:test";
import { base32, totp } from "./totp.mjs";

// "12345678901234567890", the secret of the RFC's appendix B, in base32.
const SECRET = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ";

test("base32 is that of RFC 4648, section 10", () => {
  const vectors = [
    ["", ""], ["MY======", "f"], ["MZXQ====", "fo"], ["MZXW6===", "foo"], ["MZXW6YQ=", "foob"],
    ["MZXW6YTB", "fooba"], ["MZXW6YTBOI======", "foobar"],
  ];
  for (const [text, bytes] of vectors) assert.equal(base32(text).toString(), bytes);
  assert.equal(base32("mzxw 6ytb").toString(), "fooba");
  assert.throws(() => base32("MZ1"), /`1` is no letter/);
});

test("codes are those of RFC 6238, appendix B", () => {
  const vectors = [
    [59, "94287082"], [1111111109, "07081804"], [1111111111, "14050471"],
    [1234567890, "89005924"], [2000000000, "69279037"], [20000000000, "65353130"],
  ];
  for (const [seconds, code] of vectors) {
    assert.equal(totp(SECRET, seconds * 1000, { digits: 8 }), code);
    assert.equal(totp(SECRET, seconds * 1000), code.slice(2));
  }
});
