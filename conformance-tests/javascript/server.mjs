// A running server, and clients for it. The binary is the one ROLECALL_BIN names.

import { execFile, spawn } from "node:child_process";
import { createInterface } from "node:readline";

const BINARY = process.env.ROLECALL_BIN ?? "target/release/rolecall";
export const REGION = "us-east-1";

/** The environment without anything that steers AWS clients. */
export function cleanEnvironment() {
  const kept = Object.entries(process.env).filter(([name]) => !/^(AWS|ROLECALL)_/.test(name));
  return { ...Object.fromEntries(kept), AWS_CONFIG_FILE: "/dev/null", AWS_SHARED_CREDENTIALS_FILE: "/dev/null" };
}

/** Starts a server with an empty state and waits until it has printed its lines. */
export async function start(...more) {
  const options = ["serve", "--listen", "127.0.0.1:0", "--imds-port", "0", "--state", "memory", ...more];
  const child = spawn(BINARY, options, { stdio: ["ignore", "pipe", "inherit"], env: cleanEnvironment() });
  let url;
  for await (const line of createInterface({ input: child.stdout })) {
    url = line.match(/^\s+address\s+(http:\/\/\S+)/)?.[1] ?? url;
    if (line.startsWith("export AWS_REGION")) return new Server(child, url);
  }
  throw new Error(`the server ended with ${child.exitCode} before it was up`);
}

class Server {
  constructor(child, url) {
    this.child = child;
    this.url = url;
  }

  /** SIGTERM, and the exit code. */
  stop() {
    return new Promise((resolve) => {
      this.child.on("exit", resolve);
      this.child.kill("SIGTERM");
    });
  }

  /** Arguments for a client: where, and with which keys ([id, secret, token?] or a provider). */
  settings(credentials = ["test", "test"]) {
    if (Array.isArray(credentials)) {
      const [accessKeyId, secretAccessKey, sessionToken] = credentials;
      credentials = { accessKeyId, secretAccessKey, sessionToken };
    }
    return { endpoint: this.url, region: REGION, credentials, maxAttempts: 1 };
  }

  /** Calls the admin API. */
  async admin(method, path, body) {
    const answer = await fetch(`${this.url}/_rolecall/${path}`, { method, body: body && JSON.stringify(body) });
    const document = await answer.json();
    if (!answer.ok) throw new Error(document.error);
    return document;
  }

  async metadataUrl(instanceId) {
    return (await this.admin("GET", `instances/${instanceId}`)).metadata;
  }

  /** Runs one of our own commands against this server; what it prints. */
  run(args, environment = {}) {
    const env = { ...cleanEnvironment(), AWS_ENDPOINT_URL: this.url, ...environment };
    return new Promise((resolve, reject) => {
      execFile(BINARY, args, { env, timeout: 60_000 }, (error, stdout, stderr) =>
        error ? reject(new Error(`${error.message}\n${stdout}${stderr}`)) : resolve(stdout.trim()));
    });
  }
}

/** A policy of those statements. */
export function policy(...statements) {
  return JSON.stringify({ Version: "2012-10-17", Statement: statements });
}

export function allow(Action, Resource = "*", more = {}) {
  return { Effect: "Allow", Action, Resource, ...more };
}

/** A trust policy for services (`ec2.amazonaws.com`) and ARNs. */
export function trust(...principals) {
  return JSON.stringify({
    Version: "2012-10-17",
    Statement: principals.map((principal) => ({
      Effect: "Allow",
      Principal: principal.startsWith("arn:") ? { AWS: principal } : { Service: principal },
      Action: "sts:AssumeRole",
    })),
  });
}

/** The code, message and status with which a call fails. */
export async function failure(call) {
  try {
    await call;
  } catch (error) {
    if (!error.$metadata) throw error;
    return { code: error.Code ?? error.Error?.Code ?? error.name, message: error.message, status: error.$metadata.httpStatusCode };
  }
  throw new Error("the call succeeded");
}

/** Sets environment variables while `work` runs: the SDK reads them in this process. */
export async function withEnvironment(variables, work) {
  const before = Object.keys(variables).map((name) => [name, process.env[name]]);
  Object.assign(process.env, variables);
  try {
    return await work();
  } finally {
    for (const [name, value] of before) {
      if (value === undefined) delete process.env[name];
      else process.env[name] = value;
    }
  }
}
