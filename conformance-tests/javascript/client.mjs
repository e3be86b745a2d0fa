// A program as it may run on an instance: it knows nothing of Rolecall and takes its credentials from wherever the SDK finds them.
// For every line it reads it makes one call and writes who it is, with which key, or how the call failed.

import { createInterface } from "node:readline";
import { GetCallerIdentityCommand, STSClient } from "@aws-sdk/client-sts";

const sts = new STSClient({});
for await (const _ of createInterface({ input: process.stdin })) {
  try {
    const { Arn } = await sts.send(new GetCallerIdentityCommand({}));
    const { accessKeyId } = await sts.config.credentials();
    console.log(JSON.stringify({ arn: Arn, key: accessKeyId, clock: new Date().toISOString() }));
  } catch (error) {
    console.log(JSON.stringify({ error: error.name, message: error.message }));
  }
}
