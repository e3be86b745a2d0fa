// The story the product exists for, step by step, through the AWS SDK for JavaScript v3. Each test builds on the state the ones before
// left, in one server.

import assert from "node:assert/strict";
import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";
import {
  AssociateIamInstanceProfileCommand, DescribeIamInstanceProfileAssociationsCommand, DescribeImagesCommand, DescribeInstancesCommand,
  DescribeVpcsCommand, DisassociateIamInstanceProfileCommand, EC2Client, paginateDescribeInstances,
  ReplaceIamInstanceProfileAssociationCommand, RunInstancesCommand, waitUntilInstanceRunning,
} from "@aws-sdk/client-ec2";
import {
  AddRoleToInstanceProfileCommand, CreateAccessKeyCommand, CreateInstanceProfileCommand, CreateRoleCommand, CreateUserCommand,
  DeleteRolePolicyCommand, GetInstanceProfileCommand, IAMClient, ListRolesCommand, ListUsersCommand, PutRolePolicyCommand,
  PutUserPolicyCommand, RemoveRoleFromInstanceProfileCommand, UpdateAssumeRolePolicyCommand,
} from "@aws-sdk/client-iam";
import { AssumeRoleCommand, DecodeAuthorizationMessageCommand, GetCallerIdentityCommand, STSClient } from "@aws-sdk/client-sts";
import { fromIni, fromInstanceMetadata } from "@aws-sdk/credential-providers";
import { allow, failure, policy, start, trust, withEnvironment } from "./server.mjs";
import { libfaketime, RunningClient } from "./time.mjs";

const ACCOUNT = "000000000000";
const [ONE, TWO] = ["111111111111", "222222222222"];
const role = (name, account = ACCOUNT) => `arn:aws:iam::${account}:role/${name}`;

let server, iam, ec2, alice, instance;

before(async () => {
  server = await start();
  iam = new IAMClient(server.settings());
  ec2 = new EC2Client(server.settings());
});
after(async () => assert.equal(await server.stop(), 0));

/** A role that EC2 may assume, in an instance profile of the same name. */
async function makeProfile(client, name, ...statements) {
  await client.send(new CreateRoleCommand({ RoleName: name, AssumeRolePolicyDocument: trust("ec2.amazonaws.com") }));
  if (statements.length) await putPolicy(client, name, "permissions", ...statements);
  await client.send(new CreateInstanceProfileCommand({ InstanceProfileName: name }));
  await client.send(new AddRoleToInstanceProfileCommand({ InstanceProfileName: name, RoleName: name }));
}

function putPolicy(client, name, policyName, ...statements) {
  return client.send(new PutRolePolicyCommand({ RoleName: name, PolicyName: policyName, PolicyDocument: policy(...statements) }));
}

/** A user with those permissions; id and secret of a key. */
async function makeUser(client, name, ...statements) {
  await client.send(new CreateUserCommand({ UserName: name }));
  await client.send(new PutUserPolicyCommand({ UserName: name, PolicyName: "permissions", PolicyDocument: policy(...statements) }));
  const { AccessKey } = await client.send(new CreateAccessKeyCommand({ UserName: name }));
  return [AccessKey.AccessKeyId, AccessKey.SecretAccessKey];
}

async function launch(client, more = {}) {
  const Filters = [{ Name: "name", Values: ["al2023-ami-2023.*-x86_64"] }];
  const { Images } = await client.send(new DescribeImagesCommand({ Owners: ["amazon"], Filters }));
  Images.sort((one, other) => one.CreationDate.localeCompare(other.CreationDate));
  const request = { ImageId: Images.at(-1).ImageId, InstanceType: "t3.micro", MinCount: 1, MaxCount: 1, ...more };
  const { Instances } = await client.send(new RunInstancesCommand(request));
  return Instances[0].InstanceId;
}

/** The SDK's own instance-metadata provider, pointed at an instance. */
async function onInstance(id, work) {
  const endpoint = await server.metadataUrl(id);
  return withEnvironment({ AWS_EC2_METADATA_SERVICE_ENDPOINT: endpoint }, () => work(server.settings(fromInstanceMetadata())));
}

async function count() {
  let total = 0;
  for await (const page of paginateDescribeInstances({ client: ec2, pageSize: 5 }, {})) {
    for (const { Instances } of page.Reservations) total += Instances.length;
  }
  return total;
}

test("step 1: the administrator prepares, and a profile takes one role", async () => {
  await makeProfile(iam, "Get-pics", allow(["s3:Get*", "s3:List*"]));
  await makeProfile(iam, "Other", allow("s3:*"));
  alice = await makeUser(iam, "alice", allow(["ec2:RunInstances", "ec2:DescribeImages"]), allow("iam:PassRole", role("Get-pics")),
    allow("sts:DecodeAuthorizationMessage"));
  const add = new AddRoleToInstanceProfileCommand({ InstanceProfileName: "Get-pics", RoleName: "Other" });
  assert.deepEqual(await failure(iam.send(add)), {
    code: "LimitExceeded", message: "Cannot exceed quota for InstanceSessionsPerInstanceProfile: 1", status: 409,
  });
  const { InstanceProfile } = await iam.send(new GetInstanceProfileCommand({ InstanceProfileName: "Get-pics" }));
  assert.deepEqual(InstanceProfile.Roles.map(({ RoleName }) => RoleName), ["Get-pics"]);
});

test("step 2: alice launches with the role she may pass, and with none", async () => {
  const client = new EC2Client(server.settings(alice));
  instance = await launch(client, { IamInstanceProfile: { Name: "Get-pics" } });
  await launch(client);
  await waitUntilInstanceRunning({ client: ec2, maxWaitTime: 30, minDelay: 1 }, { InstanceIds: [instance] });
  const { Reservations } = await ec2.send(new DescribeInstancesCommand({ InstanceIds: [instance] }));
  const [found] = Reservations[0].Instances;
  assert.equal(found.IamInstanceProfile.Arn, `arn:aws:iam::${ACCOUNT}:instance-profile/Get-pics`);
  assert.match(found.PrivateIpAddress, /^172\.31\./);
});

test("step 2: alice may not pass another role, and the message decodes", async () => {
  const total = await count();
  const { code, message, status } = await failure(launch(new EC2Client(server.settings(alice)), { IamInstanceProfile: { Name: "Other" } }));
  assert.deepEqual([code, status], ["UnauthorizedOperation", 403]);
  const [said, EncodedMessage] = message.split(" Encoded authorization failure message: ");
  assert.equal(said, `You are not authorized to perform this operation. User: arn:aws:iam::${ACCOUNT}:user/alice is not authorized to `
    + `perform: iam:PassRole on resource: ${role("Other")} because no identity-based policy allows the iam:PassRole action.`);
  const sts = new STSClient(server.settings(alice));
  const decoded = JSON.parse((await sts.send(new DecodeAuthorizationMessageCommand({ EncodedMessage }))).DecodedMessage);
  assert.equal(decoded.allowed, false);
  assert.equal(decoded.context.action, "iam:PassRole");
  assert.equal(decoded.context.resource, role("Other"));
  assert.equal(decoded.context.principal.name, "alice");
  assert.equal(await count(), total);
});

test("step 2: a dry run changes nothing", async () => {
  const total = await count();
  const client = new EC2Client(server.settings(alice));
  assert.deepEqual(await failure(launch(client, { DryRun: true, IamInstanceProfile: { Name: "Get-pics" } })),
    { code: "DryRunOperation", message: "Request would have succeeded, but DryRun flag is set.", status: 412 });
  assert.equal((await failure(launch(client, { DryRun: true, IamInstanceProfile: { Name: "Other" } }))).code, "UnauthorizedOperation");
  assert.equal(await count(), total);
});

test("step 3: the SDK's own provider signs as the instance", async () => {
  await onInstance(instance, async (settings) => {
    const me = `arn:aws:sts::${ACCOUNT}:assumed-role/Get-pics/${instance}`;
    assert.equal((await new STSClient(settings).send(new GetCallerIdentityCommand({}))).Arn, me);
    assert.deepEqual(await failure(new IAMClient(settings).send(new ListUsersCommand({}))), {
      code: "AccessDenied", status: 403, message: `User: ${me} is not authorized to perform: iam:ListUsers on resource: `
        + `arn:aws:iam::${ACCOUNT}:user/ because no identity-based policy allows the iam:ListUsers action`,
    });
  });
});

test("step 3: a program under `rolecall exec` finds the instance's credentials by itself", async () => {
  const program = join(dirname(fileURLToPath(import.meta.url)), "client.mjs");
  const script = `echo call | "$1" "$2"`;
  const printed = await server.run(["exec", instance, "--", "sh", "-c", script, "sh", process.execPath, program],
    { AWS_ACCESS_KEY_ID: "test", AWS_SECRET_ACCESS_KEY: "test" });
  assert.equal(JSON.parse(printed).arn, `arn:aws:sts::${ACCOUNT}:assumed-role/Get-pics/${instance}`);
});

test("step 4: after the clock moved, old credentials are refused, a new provider finds fresh ones, and clients still sign", async () => {
  await onInstance(instance, async (settings) => {
    const [running, running2] = [new STSClient(settings), new EC2Client(settings)];
    await running.send(new GetCallerIdentityCommand({}));
    assert.equal((await failure(running2.send(new DescribeVpcsCommand({})))).code, "UnauthorizedOperation");
    await server.admin("POST", "clock", { advance: "7h" });
    assert.deepEqual(await failure(running.send(new GetCallerIdentityCommand({}))),
      { code: "ExpiredToken", message: "The security token included in the request is expired", status: 403 });
    assert.deepEqual(await failure(running2.send(new DescribeVpcsCommand({}))),
      { code: "RequestExpired", message: "Request has expired.", status: 400 });
  });
  await onInstance(instance, async (settings) => {
    assert.match((await new STSClient(settings).send(new GetCallerIdentityCommand({}))).Arn, /assumed-role\/Get-pics/);
  });
  await server.admin("POST", "clock", { advance: "240h" });
  assert.ok((await iam.send(new ListRolesCommand({}))).Roles.length >= 2);
  await server.admin("POST", "clock", { reset: true });
  assert.ok((await iam.send(new ListRolesCommand({}))).Roles.length >= 2);
});

const library = libfaketime();
test("step 4: a running client whose clock moves along renews by itself", { skip: !library && "libfaketime is not installed" }, async () => {
  const client = new RunningClient(server, await server.metadataUrl(instance), library);
  const keys = new Set();
  try {
    for (let hours = 0; hours <= 24; hours += 1) {
      await server.admin("POST", "clock", { set: new Date(Date.now() + hours * 3_600_000).toISOString(), clientsMoved: true });
      client.move(hours * 3600);
      const answer = await client.call();
      assert.equal(answer.arn, `arn:aws:sts::${ACCOUNT}:assumed-role/Get-pics/${instance}`, `after ${hours} hours: ${answer.message}`);
      keys.add(answer.key);
    }
  } finally {
    client.end();
    await server.admin("POST", "clock", { reset: true, clientsMoved: false });
  }
  // Each set lives six hours, so in a day a client has had at least four.
  assert.ok(keys.size >= 4, `${keys.size} sets of credentials in 24 hours`);
});

test("step 5: a policy put on the role counts at once", async () => {
  await onInstance(instance, async (settings) => {
    const running = new IAMClient(settings);
    assert.equal((await failure(running.send(new ListUsersCommand({})))).code, "AccessDenied");
    await putPolicy(iam, "Get-pics", "more", allow("iam:ListUsers"));
    assert.ok((await running.send(new ListUsersCommand({}))).Users.length > 0);
    await iam.send(new DeleteRolePolicyCommand({ RoleName: "Get-pics", PolicyName: "more" }));
    assert.equal((await failure(running.send(new ListUsersCommand({})))).code, "AccessDenied");
  });
});

test("step 5: another role in the profile, and other associations, change what the metadata vends", async () => {
  const arn = () => onInstance(instance, async (settings) => (await new STSClient(settings).send(new GetCallerIdentityCommand({}))).Arn);
  await iam.send(new CreateRoleCommand({ RoleName: "Third", AssumeRolePolicyDocument: trust("ec2.amazonaws.com") }));
  await iam.send(new RemoveRoleFromInstanceProfileCommand({ InstanceProfileName: "Get-pics", RoleName: "Get-pics" }));
  await assert.rejects(arn());
  await iam.send(new AddRoleToInstanceProfileCommand({ InstanceProfileName: "Get-pics", RoleName: "Third" }));
  assert.match(await arn(), /assumed-role\/Third\//);

  const Filters = [{ Name: "instance-id", Values: [instance] }, { Name: "state", Values: ["associated"] }];
  const listed = await ec2.send(new DescribeIamInstanceProfileAssociationsCommand({ Filters }));
  const { AssociationId } = listed.IamInstanceProfileAssociations[0];
  const IamInstanceProfile = { Name: "Other" };
  const replaced = await ec2.send(new ReplaceIamInstanceProfileAssociationCommand({ AssociationId, IamInstanceProfile }));
  assert.match(await arn(), /assumed-role\/Other\//);
  await ec2.send(new DisassociateIamInstanceProfileCommand({ AssociationId: replaced.IamInstanceProfileAssociation.AssociationId }));
  await assert.rejects(arn());
  assert.match((await failure(new EC2Client(server.settings(alice)).send(
    new AssociateIamInstanceProfileCommand({ InstanceId: instance, IamInstanceProfile })))).message, /ec2:AssociateIamInstanceProfile/);
  await ec2.send(new AssociateIamInstanceProfileCommand({ InstanceId: instance, IamInstanceProfile }));
  assert.match(await arn(), /assumed-role\/Other\//);
});

test("step 6: a role of one account assumes a role of another when both sides allow it", async () => {
  const [iam1, iam2] = [ONE, TWO].map((account) => new IAMClient(server.settings([account, "test"])));
  await makeProfile(iam1, "abcd");
  await iam2.send(new CreateRoleCommand({ RoleName: "efgh", AssumeRolePolicyDocument: trust("ec2.amazonaws.com") }));
  await putPolicy(iam2, "efgh", "permissions", allow("iam:ListRoles"));
  const carol = await makeUser(iam1, "carol", allow("sts:AssumeRole"));
  const there = await launch(new EC2Client(server.settings([ONE, "test"])), { IamInstanceProfile: { Name: "abcd" } });
  await onInstance(there, async (settings) => {
    const sts = new STSClient(settings);
    const assume = () => sts.send(new AssumeRoleCommand({ RoleArn: role("efgh", TWO), RoleSessionName: "across" }));
    const refused = { code: "AccessDenied", status: 403, message: `User: arn:aws:sts::${ONE}:assumed-role/abcd/${there} is not authorized `
      + `to perform: sts:AssumeRole on resource: ${role("efgh", TWO)}` };
    assert.deepEqual(await failure(assume()), refused);
    await putPolicy(iam1, "abcd", "switch", allow("sts:AssumeRole", role("efgh", TWO)));
    assert.deepEqual(await failure(assume()), refused);
    await iam2.send(new UpdateAssumeRolePolicyCommand({
      RoleName: "efgh", PolicyDocument: trust(role("abcd", ONE), `arn:aws:iam::${ONE}:user/carol`) }));
    const { AssumedRoleUser, Credentials } = await assume();
    assert.equal(AssumedRoleUser.Arn, `arn:aws:sts::${TWO}:assumed-role/efgh/across`);
    const session = new IAMClient(server.settings([Credentials.AccessKeyId, Credentials.SecretAccessKey, Credentials.SessionToken]));
    assert.deepEqual((await session.send(new ListRolesCommand({}))).Roles.map(({ RoleName }) => RoleName), ["efgh"]);
  });
  await asPeopleConfigureIt(there, carol);
});

/** The same through profiles with `credential_source` and `source_profile`. */
async function asPeopleConfigureIt(there, [id, secret]) {
  const file = join(mkdtempSync(join(tmpdir(), "rolecall-")), "config");
  writeFileSync(file, `
[profile from-instance]
role_arn = ${role("efgh", TWO)}
credential_source = Ec2InstanceMetadata
[profile carol]
aws_access_key_id = ${id}
aws_secret_access_key = ${secret}
[profile from-carol]
role_arn = ${role("efgh", TWO)}
source_profile = carol
`);
  const environment = {
    AWS_CONFIG_FILE: file, AWS_SHARED_CREDENTIALS_FILE: "/dev/null", AWS_ENDPOINT_URL: server.url, AWS_REGION: "us-east-1",
    AWS_EC2_METADATA_SERVICE_ENDPOINT: await server.metadataUrl(there),
  };
  await withEnvironment(environment, async () => {
    for (const profile of ["from-instance", "from-carol"]) {
      const sts = new STSClient(server.settings(fromIni({ profile, ignoreCache: true })));
      const { Arn } = await sts.send(new GetCallerIdentityCommand({}));
      assert.ok(Arn.startsWith(`arn:aws:sts::${TWO}:assumed-role/efgh/`), Arn);
    }
  });
}
