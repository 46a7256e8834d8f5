// Starting the program, tried with one that only says what the program would.
import assert from "node:assert/strict";
import { chmodSync, existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { start } from "./harness.mjs";

async function started(script, options, look) {
  const folder = mkdtempSync(join(tmpdir(), "stand-in-"));
  const before = process.env.BAILIWICK;
  try {
    process.env.BAILIWICK = join(folder, "program");
    writeFileSync(process.env.BAILIWICK, `#!/bin/sh\n${script}\n`);
    chmodSync(process.env.BAILIWICK, 0o755);
    await look(start(options));
  } finally {
    if (before === undefined) delete process.env.BAILIWICK;
    else process.env.BAILIWICK = before;
    rmSync(folder, { recursive: true });
  }
}

test("the address and the link are read, and the folder goes with the program", () =>
  started(
    `echo "$@ $WORD"
    echo "Listening on http://127.0.0.1:4711"
    echo "Set up: http://127.0.0.1:4711/setup/abc"
    exec sleep 60`,
    { args: ["--law", "law"], env: { WORD: "word" } },
    async (starting) => {
      const program = await starting;
      assert.equal(program.origin, "http://127.0.0.1:4711");
      assert.equal(program.setup, "http://127.0.0.1:4711/setup/abc");
      const asked = `serve --data ${program.data} --listen 127.0.0.1:0 --law law word`;
      assert.equal(program.said[0], asked);
      assert(existsSync(program.data));
      await program.stop();
      assert(!existsSync(program.data));
    },
  ));

test("no link is waited for where a register is set up already", () =>
  started("echo 'Listening on http://127.0.0.1:4711'; exec sleep 60", {}, async (starting) => {
    const program = await starting;
    assert.equal(program.setup, undefined);
    await program.stop();
  }));

test("a program that ends says why", () =>
  started("echo 'the folder is locked' >&2; exit 1", {}, async (starting) => {
    await assert.rejects(starting, /did not say where it listens:\nthe folder is locked/);
  }));
