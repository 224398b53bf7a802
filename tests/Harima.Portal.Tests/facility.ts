// The real server with its demo facility in a temporary folder, and a certified OpenID provider to log in with.
import { spawn, type ChildProcess } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import type { TestProject } from 'vitest/node';
import { startProvider } from './provider';

export interface Person {
  readonly name: string;
  readonly role: string;
  readonly password: string;
  readonly accessKey: string;
  readonly secretKey: string;
  readonly proposals: readonly string[];
}

export interface Facility {
  readonly portal: string;
  readonly s3: string;
  readonly people: readonly Person[];
  /** Here the facility's mail server would listen; who waits for mail listens there. */
  readonly mailPort: number;
  /** From here files may be registered. */
  readonly storage: string;
}

declare module 'vitest' {
  export interface ProvidedContext {
    facility: Facility;
  }
}

const Server = process.env['HARIMA_SERVER'] ?? resolve(import.meta.dirname, '../../artifacts/bin/Harima.Server/debug/Harima.Server');

export default async function setUp(project: TestProject): Promise<() => Promise<void>> {
  if (!existsSync(Server)) {
    throw new Error(`${Server} is not there: build src/Harima.Server first.`);
  }
  const data = mkdtempSync(join(tmpdir(), 'harima-portal-'));
  const storage = mkdtempSync(join(tmpdir(), 'harima-storage-'));
  const [port, s3Port, providerPort, mailPort] = await Promise.all([freePort(), freePort(), freePort(), freePort()]);
  const portal = `http://localhost:${port}`;
  const provider = await startProvider(providerPort, `${portal}/login/oidc/institute/callback`);
  const server = spawn(
    Server,
    ['--port', `${port}`, '--s3-port', `${s3Port}`, '--data', data, '--demo', 'true'],
    {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: {
        ...process.env,
        Logging__LogLevel__Default: 'Warning',
        // As long as such names are.
        Harima__Facility__Name: 'SPring-8-like facility',
        Harima__Facility__NameJa: 'SPring-8風試験施設',
        Harima__Registration__Roots__0: storage,
        ...otherStore(),
        Harima__Mail__Host: '127.0.0.1',
        Harima__Mail__Port: `${mailPort}`,
        Harima__Mail__From: 'harima@facility.example',
        Harima__Search__WebhookHosts__0: 'localhost',
        Harima__Identity__Oidc__0__Name: 'institute',
        Harima__Identity__Oidc__0__DisplayName: 'Institute ID',
        Harima__Identity__Oidc__0__DisplayNameJa: '研究所ID',
        Harima__Identity__Oidc__0__Authority: provider.issuer,
        Harima__Identity__Oidc__0__ClientId: 'harima',
        Harima__Identity__Oidc__0__ClientSecret: 'portal-test-secret',
        Harima__Identity__Oidc__0__RequireHttps: 'false',
      },
    },
  );
  const said: string[] = [];
  server.stdout.on('data', (text) => said.push(String(text)));
  server.stderr.on('data', (text) => said.push(String(text)));
  await healthy(portal, server, said);
  const credentials = JSON.parse(readFileSync(join(data, 'demo-credentials.json'), 'utf8')) as { users: Person[] };
  project.provide('facility', { portal, s3: `http://localhost:${s3Port}`, people: credentials.users, mailPort, storage });
  return async () => {
    await stopped(server);
    await provider.stop();
    rmSync(data, { recursive: true, force: true });
    rmSync(storage, { recursive: true, force: true });
  };
}

/** Where HARIMA_TEST_STORE says "URL BUCKET KEY SECRET", the bytes of files lie in that S3 store and not in a tree. */
function otherStore(): Record<string, string> {
  const [endpoint, bucket, key, secret] = (process.env['HARIMA_TEST_STORE'] ?? '').split(' ');
  return endpoint && bucket && key && secret
    ? {
        Harima__Storage__S3__Endpoint: endpoint,
        Harima__Storage__S3__Bucket: bucket,
        Harima__Storage__S3__Prefix: `journeys-${process.pid}/`,
        Harima__Storage__S3__AccessKey: key,
        Harima__Storage__S3__SecretKey: secret,
      }
    : {};
}

async function healthy(portal: string, server: ChildProcess, said: readonly string[]): Promise<void> {
  const deadline = Date.now() + 150_000;
  while (Date.now() < deadline) {
    if (server.exitCode !== null) {
      throw new Error(`The server ended with ${server.exitCode}:\n${said.join('')}`);
    }
    const answer = await fetch(`${portal}/healthz`).catch(() => undefined);
    if (answer?.ok) {
      return;
    }
    await new Promise((resolve) => setTimeout(resolve, 250));
  }
  throw new Error(`The server did not become healthy:\n${said.join('')}`);
}

function stopped(server: ChildProcess): Promise<void> {
  return new Promise((resolve) => {
    server.once('exit', () => resolve());
    server.kill('SIGINT');
    setTimeout(() => server.kill('SIGKILL'), 15_000).unref();
  });
}

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const probe = createServer().listen(0, '127.0.0.1', () => {
      const { port } = probe.address() as { port: number };
      probe.close(() => resolve(port));
    });
  });
}
