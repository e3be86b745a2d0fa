// Step 4 of the story for a running JavaScript client: its own clock moves along with the server's, and it renews without one failed call.
// libfaketime moves the clock of a running process: it reads the offset from a file whenever the process asks for the time.

import { spawn } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { cleanEnvironment, REGION } from "./server.mjs";

const CLIENT = join(dirname(fileURLToPath(import.meta.url)), "client.mjs");

/** Where distributions put libfaketime (the variant for programs with threads), or undefined. */
export function libfaketime() {
  const places = ["/usr/lib", "/usr/lib64", "/usr/local/lib"].filter(existsSync);
  const folders = places.flatMap((place) => [place, ...readdirSync(place).map((name) => join(place, name))]);
  return folders.map((folder) => join(folder, "faketime", "libfaketimeMT.so.1")).find(existsSync);
}

/** A client that runs on and on, answers line by line, and whose clock can be moved. */
export class RunningClient {
  constructor(server, metadata, library) {
    this.file = join(mkdtempSync(join(tmpdir(), "rolecall-")), "offset");
    this.move(0);
    const environment = {
      ...cleanEnvironment(),
      AWS_ENDPOINT_URL: server.url,
      AWS_REGION: REGION,
      AWS_EC2_METADATA_SERVICE_ENDPOINT: metadata,
      // Only the time of day moves; timers go on as they are.
      LD_PRELOAD: library,
      FAKETIME_TIMESTAMP_FILE: this.file,
      FAKETIME_NO_CACHE: "1",
      FAKETIME_DONT_FAKE_MONOTONIC: "1",
    };
    this.child = spawn(process.execPath, [CLIENT], { env: environment, stdio: ["pipe", "pipe", "inherit"] });
    this.lines = createInterface({ input: this.child.stdout })[Symbol.asyncIterator]();
  }

  /** Moves the client's clock to so many seconds ahead of real time. */
  move(seconds) {
    writeFileSync(this.file, `+${seconds}\n`);
  }

  async call() {
    this.child.stdin.write("call\n");
    return JSON.parse((await this.lines.next()).value);
  }

  end() {
    this.child.stdin.end();
  }
}
