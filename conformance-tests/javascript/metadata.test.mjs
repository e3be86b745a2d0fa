// The SDK's own metadata provider on instances: tokens required and optional, a token that expires on the way, the service switched off, keys
// that rotate with the clock, and outages that end. What the Python tests show by requests of their own is not repeated here.

import assert from "node:assert/strict";
import { createServer, request as httpRequest } from "node:http";
import { after, afterEach, before, test } from "node:test";
import { DescribeImagesCommand, EC2Client, ModifyInstanceMetadataOptionsCommand, RunInstancesCommand } from "@aws-sdk/client-ec2";
import {
  AddRoleToInstanceProfileCommand, CreateInstanceProfileCommand, CreateRoleCommand, IAMClient, ListRolesCommand, PutRolePolicyCommand,
  UpdateAssumeRolePolicyCommand,
} from "@aws-sdk/client-iam";
import { GetCallerIdentityCommand, STSClient } from "@aws-sdk/client-sts";
import { fromInstanceMetadata, fromNodeProviderChain } from "@aws-sdk/credential-providers";
import { allow, cleanEnvironment, failure, policy, start, trust, withEnvironment } from "./server.mjs";

const ROLE = "On-instance";
// The SDK warns on the console of every renewal that fails.
const QUIET = { debug() {}, info() {}, warn() {}, error() {} };

let server, iam, ec2, image;
const proxies = [];

before(async () => {
  server = await start();
  iam = new IAMClient(server.settings());
  ec2 = new EC2Client(server.settings());
  await iam.send(new CreateRoleCommand({ RoleName: ROLE, AssumeRolePolicyDocument: trust("ec2.amazonaws.com") }));
  const second = allow("iam:ListRoles", "*", { Condition: { NumericGreaterThanEquals: { "ec2:RoleDelivery": "2.0" } } });
  await iam.send(new PutRolePolicyCommand({ RoleName: ROLE, PolicyName: "permissions", PolicyDocument: policy(second) }));
  await iam.send(new CreateInstanceProfileCommand({ InstanceProfileName: ROLE }));
  await iam.send(new AddRoleToInstanceProfileCommand({ InstanceProfileName: ROLE, RoleName: ROLE }));
  const Filters = [{ Name: "name", Values: ["al2023-ami-2023.*-x86_64"] }];
  image = (await ec2.send(new DescribeImagesCommand({ Owners: ["amazon"], Filters }))).Images[0].ImageId;
});
afterEach(async () => {
  await server.admin("POST", "clock", { reset: true });
  while (proxies.length) proxies.pop().close();
});
after(async () => assert.equal(await server.stop(), 0));

/** An instance with the role; its id and the address of its metadata service. */
async function instance(HttpTokens = "required") {
  const request = { ImageId: image, InstanceType: "t3.micro", MinCount: 1, MaxCount: 1, IamInstanceProfile: { Name: ROLE }, MetadataOptions: { HttpTokens } };
  const id = (await ec2.send(new RunInstancesCommand(request))).Instances[0].InstanceId;
  return { id, url: await server.metadataUrl(id) };
}

const change = (InstanceId, options) => ec2.send(new ModifyInstanceMetadataOptionsCommand({ InstanceId, ...options }));

/** Something between an instance and its metadata service: it adds headers, loses requests of a method, breaks off, and tells what passed. */
class Proxy {
  constructor(upstream) {
    Object.assign(this, { upstream, headers: {}, loses: null, broken: false, passed: async () => {} });
    this.server = createServer((asked, answer) => this.answer(asked, answer));
    proxies.push(this);
  }

  async listen() {
    await new Promise((resolve) => this.server.listen(0, "127.0.0.1", resolve));
    this.url = `http://127.0.0.1:${this.server.address().port}`;
    return this;
  }

  answer(asked, answer) {
    if (this.broken) return asked.socket.destroy();
    if (asked.method === this.loses) return undefined;
    const headers = { ...asked.headers, ...this.headers };
    return httpRequest(this.upstream + asked.url, { method: asked.method, headers }, async (told) => {
      const body = Buffer.concat(await told.toArray());
      await this.passed(asked.method);
      answer.writeHead(told.statusCode, { "content-length": body.length }).end(body);
    }).end();
  }

  close() {
    this.server.closeAllConnections();
    this.server.close();
  }
}

const between = (url) => new Proxy(url).listen();

/** Runs as a program on an instance does: it is told where the metadata service is and nothing else. */
function on(url, work, more = {}) {
  const unset = { AWS_ACCESS_KEY_ID: undefined, AWS_SECRET_ACCESS_KEY: undefined, AWS_SESSION_TOKEN: undefined, AWS_PROFILE: undefined };
  for (const name of Object.keys(unset)) delete process.env[name];
  const { AWS_CONFIG_FILE, AWS_SHARED_CREDENTIALS_FILE } = cleanEnvironment();
  return withEnvironment({ AWS_CONFIG_FILE, AWS_SHARED_CREDENTIALS_FILE, AWS_EC2_METADATA_SERVICE_ENDPOINT: url, ...more }, work);
}

const provider = (more = {}) => fromInstanceMetadata({ logger: QUIET, ...more });

/** A client that finds its credentials by itself, when it first needs them; the key that it called with. */
function client() {
  const sts = new STSClient(server.settings(provider()));
  return {
    async call() {
      assert.match((await sts.send(new GetCallerIdentityCommand({}))).Arn, /assumed-role\/On-instance\//);
      return (await sts.config.credentials()).accessKeyId;
    },
  };
}

/** The version of the service that credentials came by: only the second may list roles. */
async function delivered(credentials) {
  const settings = server.settings([credentials.accessKeyId, credentials.secretAccessKey, credentials.sessionToken]);
  assert.match((await new STSClient(settings).send(new GetCallerIdentityCommand({}))).Arn, /assumed-role\/On-instance\//);
  try {
    return (await new IAMClient(settings).send(new ListRolesCommand({}))) && 2;
  } catch (error) {
    assert.equal(error.name, "AccessDenied");
    return 1;
  }
}

for (const tokens of ["required", "optional"]) {
  test(`the provider takes a token where it is ${tokens}`, async () => {
    const { url } = await instance(tokens);
    await on(url, async () => {
      assert.equal(await delivered(await provider()()), 2);
      assert.equal(await delivered(await fromNodeProviderChain({ logger: QUIET })()), 2);
    });
  });
}

for (const [how, prepare] of [["lost", { loses: "PUT" }], ["refused", { headers: { "x-forwarded-for": "10.0.0.1" } }]]) {
  test(`a token request that is ${how}: the first version, where the instance allows it`, async () => {
    const optional = Object.assign(await between((await instance("optional")).url), prepare);
    await on(optional.url, async () => {
      assert.equal(await delivered(await provider()()), 1);
      await assert.rejects(provider({ ec2MetadataV1Disabled: true })(), { name: "InstanceMetadataV1FallbackError" });
    });
    await on(optional.url, () => assert.rejects(provider()(), { name: "InstanceMetadataV1FallbackError" }), { AWS_EC2_METADATA_V1_DISABLED: "true" });
    const required = Object.assign(await between((await instance("required")).url), prepare);
    await on(required.url, () => assert.rejects(provider()(), { statusCode: 401 }));
  });
}

test("tokens become required under a client, and the way to them is opened", async () => {
  const { id, url } = await instance("optional");
  const proxy = Object.assign(await between(url), { headers: { "x-forwarded-for": "10.0.0.1" } });
  await on(proxy.url, async () => {
    const running = provider();
    assert.equal(await delivered(await running()), 1);
    await change(id, { HttpTokens: "required" });
    await assert.rejects(running(), { statusCode: 401 });
    proxy.headers = {};
    assert.equal(await delivered(await running()), 2);
  });
});

test("a token that expires on the way spoils one retrieval, not the next", async () => {
  const proxy = await between((await instance()).url);
  await on(proxy.url, async () => {
    const running = provider();
    proxy.passed = async (method) => method === "PUT" && server.admin("POST", "clock", { advance: "6h1m" });
    await assert.rejects(running(), { statusCode: 401 });
    proxy.passed = async () => {};
    assert.equal(await delivered(await running()), 2);
    // With retries, too, it is the same token.
    proxy.passed = async (method) => method === "PUT" && server.admin("POST", "clock", { advance: "6h1m" });
    await assert.rejects(provider({ maxRetries: 2 })(), { statusCode: 401 });
  });
});

test("switched off and on again", async () => {
  const { id, url } = await instance();
  await on(url, async () => {
    const running = client();
    await running.call();
    await change(id, { HttpEndpoint: "disabled" });
    await assert.rejects(provider()(), { statusCode: 403 });
    await running.call();
    await change(id, { HttpEndpoint: "enabled" });
    assert.equal(await delivered(await provider()()), 2);
  });
});

test("a role that is lost and comes back", async () => {
  const { url } = await instance();
  const trusted = (service) => iam.send(new UpdateAssumeRolePolicyCommand({ RoleName: ROLE, PolicyDocument: trust(service) }));
  await on(url, async () => {
    await trusted("lambda.amazonaws.com");
    await assert.rejects(provider()(), { name: "CredentialsProviderError", message: "Invalid response received from instance metadata service." });
    await trusted("ec2.amazonaws.com");
    assert.equal(await delivered(await provider()()), 2);
  });
});

test("keys rotate with the clock, and the old ones last their six hours", async () => {
  const { url } = await instance();
  await on(url, async () => {
    const running = provider();
    const sets = [await running()];
    const left = (set) => (set.expiration - Date.now()) / 3_600_000;
    for (let hours = 1; hours <= 4; hours += 1) {
      await server.admin("POST", "clock", { advance: "1h" });
      sets.push(await running());
      assert.ok(left(sets.at(-1)) > 4.9 && left(sets.at(-1)) <= 6, `${left(sets.at(-1))} hours`);
    }
    assert.equal(new Set(sets.map(({ accessKeyId }) => accessKeyId)).size, 5);
    for (const set of sets) assert.equal(await delivered(set), 2);
    await server.admin("POST", "clock", { advance: "2h1m" });
    const sts = new STSClient(server.settings([sets[0].accessKeyId, sets[0].secretAccessKey, sets[0].sessionToken]));
    assert.equal((await failure(sts.send(new GetCallerIdentityCommand({})))).code, "ExpiredToken");
    assert.equal(await delivered(await running()), 2);
  });
});

test("an outage of the metadata service: a client goes on with what it holds, a new one finds nothing until the end", async () => {
  const proxy = await between((await instance()).url);
  await on(proxy.url, async () => {
    const running = client();
    const held = await running.call();
    for (const outage of [{ broken: true }, { loses: "GET" }]) {
      Object.assign(proxy, outage);
      await assert.rejects(client().call(), { name: /^(ProviderError|TimeoutError)$/ });
      assert.equal(await running.call(), held);
      Object.assign(proxy, { broken: false, loses: null });
      assert.equal(await client().call(), held, "within the hour the set is the same");
    }
    await server.admin("POST", "clock", { advance: "2h" });
    assert.notEqual(await client().call(), held);
    assert.equal(await running.call(), held);
  });
});

test("an outage of the whole server: nothing answers", async () => {
  const own = await start();
  const made = new EC2Client(own.settings());
  const { Instances } = await made.send(new RunInstancesCommand({ ImageId: image, InstanceType: "t3.micro", MinCount: 1, MaxCount: 1 }));
  const url = await own.metadataUrl(Instances[0].InstanceId);
  assert.equal(await own.stop(), 0);
  await on(url, () => assert.rejects(provider()(), { name: "ProviderError", message: "Unable to connect to instance metadata service" }));
});
