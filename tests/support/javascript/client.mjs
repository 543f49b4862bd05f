/**
 * A workload with the AWS SDK for JavaScript: `node client.mjs BUCKET`.
 *
 * The endpoint, the region and the keys come from the environment, as with any app. Whatever is not as expected ends it
 * with a message and a status that is not 0. REFUSES=no: the server verifies nothing.
 *
 * It does not know what is behind the endpoint.
 */

import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import http from "node:http";
import { Readable } from "node:stream";
import { gunzipSync } from "node:zlib";

import { CloudWatchClient, ListMetricsCommand, PutMetricDataCommand } from "@aws-sdk/client-cloudwatch";
import {
  CreateTableCommand,
  DeleteTableCommand,
  DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  QueryCommand,
  waitUntilTableExists,
} from "@aws-sdk/client-dynamodb";
import { DescribeInstancesCommand, DescribeRegionsCommand, EC2Client } from "@aws-sdk/client-ec2";
import { GetRoleCommand, IAMClient, ListUsersCommand } from "@aws-sdk/client-iam";
import { GetFunctionCommand, LambdaClient, ListFunctionsCommand } from "@aws-sdk/client-lambda";
import {
  CopyObjectCommand,
  CreateBucketCommand,
  DeleteBucketCommand,
  DeleteObjectCommand,
  DeleteObjectsCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  S3Client,
} from "@aws-sdk/client-s3";
import {
  CreateQueueCommand,
  DeleteMessageCommand,
  DeleteQueueCommand,
  ReceiveMessageCommand,
  SendMessageCommand,
  SQSClient,
} from "@aws-sdk/client-sqs";
import { GetCallerIdentityCommand, STSClient } from "@aws-sdk/client-sts";
import { Upload } from "@aws-sdk/lib-storage";
import { createPresignedPost } from "@aws-sdk/s3-presigned-post";
import { getSignedUrl } from "@aws-sdk/s3-request-presigner";

const [bucket] = process.argv.slice(2);
const url = new URL(process.env.AWS_ENDPOINT_URL);
const region = process.env.AWS_REGION;
const refuses = process.env.REFUSES !== "no";

const KEYS = [
  "plain",
  "a space.txt",
  "é/日本.txt",
  "100%",
  "a%2Fb",
  "a%20b+c d",
  "a+b",
  "a//b",
  "./x",
  "a/./b",
  "a/../b",
  "/x",
  "a..b/..c/d..",
  "folder/",
  "😀/👩‍🚀",
  ";:@&=$,?#'()*!~",
  '"<>[]{}|\\^`',
  "a?versionId=1&acl",
  "a\tb",
];

/** Names under localhost lead home by RFC 6761, and not every resolver knows it. */
const agent = new http.Agent({
  keepAlive: true,
  lookup: (_name, options, found) =>
    options.all ? found(null, [{ address: "127.0.0.1", family: 4 }]) : found(null, "127.0.0.1", 4),
});

const content = (key) => Buffer.from(`body of ${key}\r\n`.repeat(3));

/** The call ends with an error of this status and one of these names. */
async function refused(call, status, ...names) {
  try {
    await call;
  } catch (error) {
    assert.equal(error.$metadata?.httpStatusCode, status, `${error}`);
    assert.ok(names.includes(error.name), `${error.name} is none of ${names}`);
    return;
  }
  assert.fail(`${status} ${names} expected`);
}

/** What fetch() does, for a URL whose host no resolver knows or whose path must not be tidied. */
function send(method, address, { headers = {}, body } = {}) {
  return new Promise((resolve, reject) => {
    const { host, hostname, port } = new URL(address);
    const path = address.slice(address.indexOf(host) + host.length);
    const request = http.request({ method, hostname, port, path, headers, agent }, async (response) => {
      const chunks = [];
      for await (const chunk of response) chunks.push(chunk);
      resolve({ status: response.statusCode, body: Buffer.concat(chunks) });
    });
    request.on("error", reject);
    request.end(body);
  });
}

async function read(s3, Bucket, Key) {
  const { Body } = await s3.send(new GetObjectCommand({ Bucket, Key }));
  return Buffer.from(await Body.transformToByteArray());
}

async function objects(s3, Bucket, keys) {
  for (const Key of keys) {
    await s3.send(new PutObjectCommand({ Bucket, Key, Body: content(Key), Metadata: { a: "1" } }));
    assert.deepEqual(await read(s3, Bucket, Key), content(Key), Key);
    const head = await s3.send(new HeadObjectCommand({ Bucket, Key }));
    assert.equal(head.ContentLength, content(Key).length, Key);
    assert.deepEqual(head.Metadata, { a: "1" }, Key);
  }
  const listed = await s3.send(new ListObjectsV2Command({ Bucket, EncodingType: "url" }));
  const names = listed.Contents.map(({ Key }) => decodeURIComponent(Key.replaceAll("+", " ")));
  assert.deepEqual(new Set(names), new Set(keys));
  const prefixed = await s3.send(new ListObjectsV2Command({ Bucket, Prefix: "é", Delimiter: "/" }));
  assert.deepEqual(prefixed.CommonPrefixes, [{ Prefix: "é/" }]);
  const CopySource = encodeURIComponent(`${Bucket}/é/日本.txt`);
  await s3.send(new CopyObjectCommand({ Bucket, Key: "copied é+", CopySource }));
  assert.deepEqual(await read(s3, Bucket, "copied é+"), content("é/日本.txt"));
  await s3.send(new DeleteObjectCommand({ Bucket, Key: "copied é+" }));
  await refused(s3.send(new GetObjectCommand({ Bucket, Key: "copied é+" })), 404, "NoSuchKey");
}

/** Bodies of unknown length in parts, and a stream with a checksum after it. */
async function streams(s3, Bucket) {
  const large = randomBytes(11 * 1024 * 1024);
  const pieces = function* () {
    for (let at = 0; at < large.length; at += 70_000) yield large.subarray(at, at + 70_000);
  };
  const params = { Bucket, Key: "in parts/é+", Body: Readable.from(pieces()) };
  const upload = new Upload({ client: s3, params, partSize: 5 * 1024 * 1024, queueSize: 2 });
  await upload.done();
  assert.ok(large.equals(await read(s3, Bucket, "in parts/é+")), "an upload in parts: another body");
  const small = new Upload({ client: s3, params: { Bucket, Key: "small", Body: Readable.from([Buffer.from("small")]) } });
  await small.done();
  assert.deepEqual(await read(s3, Bucket, "small"), Buffer.from("small"));

  for (const ChecksumAlgorithm of ["CRC32", "SHA256"]) {
    const sent = [];
    const Key = `streamed ${ChecksumAlgorithm}`;
    const command = new PutObjectCommand({
      Bucket,
      Key,
      Body: Readable.from([large.subarray(0, 100_000), large.subarray(100_000, 300_000)], { objectMode: false }),
      ChecksumAlgorithm,
      ContentEncoding: "identity",
      ContentLength: 300_000,
    });
    command.middlewareStack.add(
      (next) => (args) => {
        sent.push(args.request.headers);
        return next(args);
      },
      { step: "finalizeRequest", priority: "low", name: "seen" },
    );
    await s3.send(command);
    assert.equal(sent[0]["x-amz-trailer"], `x-amz-checksum-${ChecksumAlgorithm.toLowerCase()}`);
    assert.match(sent[0]["content-encoding"], /aws-chunked/);
    assert.equal(sent[0]["x-amz-content-sha256"], "STREAMING-UNSIGNED-PAYLOAD-TRAILER");
    assert.ok(large.subarray(0, 300_000).equals(await read(s3, Bucket, Key)), `${Key}: another body`);
  }
}

async function presigned(s3, Bucket, keys, ask) {
  const early = await getSignedUrl(s3, new GetObjectCommand({ Bucket, Key: "plain" }), { expiresIn: 1 });
  const made = Date.now();
  for (const Key of keys) {
    const way = Key.split("/").some((part) => [".", ".."].includes(part)) ? send : ask; // fetch() tidies the path
    const put = await getSignedUrl(s3, new PutObjectCommand({ Bucket, Key }));
    const answer = await way("PUT", put, { body: content(`presigned ${Key}`) });
    assert.equal(answer.status, 200, `${put} ${answer.body}`);
    const get = await getSignedUrl(s3, new GetObjectCommand({ Bucket, Key }));
    const got = await way("GET", get);
    assert.equal(got.status, 200, `${get} ${got.body}`);
    assert.deepEqual(got.body, content(`presigned ${Key}`), get);
  }
  const typed = new PutObjectCommand({ Bucket, Key: "typed é", ContentType: "text/csv" });
  const signed = await getSignedUrl(s3, typed, { signableHeaders: new Set(["content-type"]) });
  const answer = await ask("PUT", signed, { body: Buffer.from("a,b"), headers: { "Content-Type": "text/csv" } });
  assert.equal(answer.status, 200, `${signed} ${answer.body}`);
  const head = await s3.send(new HeadObjectCommand({ Bucket, Key: "typed é" }));
  assert.equal(head.ContentType, "text/csv");

  const Key = "posted/é ${filename}";
  const post = await createPresignedPost(s3, { Bucket, Key, Conditions: [["starts-with", "$key", "posted/"]] });
  const form = new FormData();
  for (const [field, value] of Object.entries(post.fields)) form.append(field, value);
  form.append("file", new Blob(["the file"]), "a.txt");
  const encoded = new Response(form);
  const headers = { "Content-Type": encoded.headers.get("content-type") };
  const posted = await ask("POST", post.url, { body: Buffer.from(await encoded.arrayBuffer()), headers });
  assert.equal(posted.status, 204, `${post.url} ${posted.body}`);
  assert.deepEqual(await read(s3, Bucket, "posted/é a.txt"), Buffer.from("the file"));

  if (refuses) {
    await new Promise((resolve) => setTimeout(resolve, Math.max(0, made + 2100 - Date.now())));
    const late = await ask("GET", early);
    assert.equal(late.status, 403, `${early} ${late.body}`);
  }
}

async function fetched(method, address, { headers, body } = {}) {
  const response = await fetch(address, { method, headers, body });
  return { status: response.status, body: Buffer.from(await response.arrayBuffer()) };
}

async function storage(s3, Bucket, keys, ask) {
  const where = region === "us-east-1" ? {} : { CreateBucketConfiguration: { LocationConstraint: region } };
  await s3.send(new CreateBucketCommand({ Bucket, ...where }));
  try {
    await objects(s3, Bucket, keys);
    await streams(s3, Bucket);
    await presigned(s3, Bucket, keys, ask);
  } finally {
    const left = await s3.send(new ListObjectsV2Command({ Bucket }));
    const Objects = (left.Contents ?? []).map(({ Key }) => ({ Key }));
    if (Objects.length) {
      const { Errors = [] } = await s3.send(new DeleteObjectsCommand({ Bucket, Delete: { Objects } }));
      assert.deepEqual(Errors, []);
    }
    await s3.send(new DeleteBucketCommand({ Bucket }));
  }
}

async function tables() {
  const dynamodb = new DynamoDBClient({});
  const TableName = bucket;
  await dynamodb.send(
    new CreateTableCommand({
      TableName,
      KeySchema: [{ AttributeName: "id", KeyType: "HASH" }],
      AttributeDefinitions: [{ AttributeName: "id", AttributeType: "S" }],
      BillingMode: "PAY_PER_REQUEST",
    }),
  );
  await waitUntilTableExists({ client: dynamodb, maxWaitTime: 60 }, { TableName });
  const Item = { id: { S: "é 😀" }, bytes: { B: new Uint8Array([0, 255]) }, n: { N: "1.5" } };
  await dynamodb.send(new PutItemCommand({ TableName, Item }));
  const got = await dynamodb.send(new GetItemCommand({ TableName, Key: { id: Item.id } }));
  assert.deepEqual(got.Item, Item);
  const query = { KeyConditionExpression: "id = :id", ExpressionAttributeValues: { ":id": Item.id } };
  assert.equal((await dynamodb.send(new QueryCommand({ TableName, ...query }))).Count, 1);
  await dynamodb.send(new DeleteTableCommand({ TableName }));
}

async function queues() {
  const sqs = new SQSClient({});
  const { QueueUrl } = await sqs.send(new CreateQueueCommand({ QueueName: bucket }));
  await sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: "é <&> 😀" }));
  const { Messages } = await sqs.send(new ReceiveMessageCommand({ QueueUrl, WaitTimeSeconds: 2 }));
  assert.deepEqual(
    Messages.map(({ Body }) => Body),
    ["é <&> 😀"],
  );
  await sqs.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle: Messages[0].ReceiptHandle }));
  await sqs.send(new DeleteQueueCommand({ QueueUrl }));
}

async function others() {
  assert.match((await new STSClient({}).send(new GetCallerIdentityCommand({}))).Account, /^\d{12}$/);

  const iam = new IAMClient({ region: "eu-west-1" });
  assert.ok(Array.isArray((await iam.send(new ListUsersCommand({}))).Users ?? []));
  await refused(iam.send(new GetRoleCommand({ RoleName: `${bucket}-missing` })), 404, "NoSuchEntityException");

  const ec2 = new EC2Client({});
  const { Regions } = await ec2.send(new DescribeRegionsCommand({}));
  assert.ok(Regions.some(({ RegionName }) => RegionName === region));
  const absent = new DescribeInstancesCommand({ InstanceIds: ["i-0123456789abcdef0"] });
  await refused(ec2.send(absent), 400, "InvalidInstanceID.NotFound");

  const lambda = new LambdaClient({});
  assert.ok(Array.isArray((await lambda.send(new ListFunctionsCommand({}))).Functions));
  const FunctionName = `arn:aws:lambda:${region}:123456789012:function:${bucket}-missing`;
  await refused(lambda.send(new GetFunctionCommand({ FunctionName })), 404, "ResourceNotFoundException");
}

async function metrics() {
  const cloudwatch = new CloudWatchClient({ requestMinCompressionSizeBytes: 1 });
  const MetricData = Array.from({ length: 50 }, (_, Value) => ({ MetricName: "é", Value, Timestamp: new Date() }));
  const sent = [];
  cloudwatch.middlewareStack.add(
    (next) => (args) => {
      sent.push(args.request);
      return next(args);
    },
    { step: "finalizeRequest", priority: "low", name: "seen" },
  );
  await cloudwatch.send(new PutMetricDataCommand({ Namespace: bucket, MetricData }));
  assert.equal(sent[0].headers["content-encoding"], "gzip");
  assert.ok(gunzipSync(sent[0].body).length > 0);
  const { Metrics = [] } = await cloudwatch.send(new ListMetricsCommand({ Namespace: bucket }));
  assert.ok(Metrics.every(({ MetricName }) => MetricName === "é"));
}

const steps = {
  "S3, path style": () => storage(new S3Client({ forcePathStyle: true }), bucket, KEYS, fetched),
  "S3, virtual-host style": () => {
    const endpoint = `${url.protocol}//localhost:${url.port}`;
    const keys = KEYS.filter((key) => !key.startsWith("/")); // moto loses the slash where the bucket is in the host
    return storage(new S3Client({ endpoint, requestHandler: { httpAgent: agent } }), `${bucket}-host`, keys, send);
  },
  DynamoDB: tables,
  SQS: queues,
  "STS, IAM, EC2 and Lambda": others,
  CloudWatch: metrics,
};

for (const [name, step] of Object.entries(steps)) {
  const started = Date.now();
  try {
    await step();
  } catch (error) {
    console.error(`${name}:`, error);
    process.exit(1);
  }
  console.log(`${name}: ${Date.now() - started} ms`);
}
agent.destroy();
