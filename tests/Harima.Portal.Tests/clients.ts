// Other people's programs, run as a person would run them.
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { createReadStream, existsSync, readdirSync, statSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import type { Person } from './facility';
import { s3 } from './portal';

const Programs = {
  // Debian's own first: a version manager's shim of the same name may hang before it on the path.
  aws: '/usr/bin/aws',
  rclone: '/usr/bin/rclone',
  curl: '/usr/bin/curl',
  unzip: '/usr/bin/unzip',
  harima: process.env['HARIMA_CLI'] ?? resolve(import.meta.dirname, '../../artifacts/bin/Harima.Cli/debug/harima'),
} as const;

export type Program = keyof typeof Programs;

/** The first that is not installed; in CI all have to be. */
export function missingProgram(...names: Program[]): string | undefined {
  const missing = names.find((name) => !existsSync(Programs[name]));
  if (missing && process.env['CI']) {
    throw new Error(`${missing} is not at ${Programs[missing]}, and CI tests with it.`);
  }
  return missing;
}

/** Settings of the machine the tests run on must not decide what they test. */
function plainEnvironment(): Record<string, string> {
  const own = Object.entries(process.env).filter(
    ([name, value]) => value !== undefined && !/^(AWS_|RCLONE_|HARIMA_)|_proxy$/i.test(name),
  ) as [string, string][];
  return Object.fromEntries([...own, ['LC_ALL', 'C.UTF-8']]);
}

export interface Ended {
  readonly code: number;
  readonly output: string;
  readonly errors: string;
}

export function run(program: Program, args: readonly string[], environment: Record<string, string> = {}, input: string | Buffer = ''): Promise<Ended> {
  return new Promise((done, failed) => {
    const child = spawn(Programs[program], args, { env: { ...plainEnvironment(), ...environment } });
    const [output, errors]: [Buffer[], Buffer[]] = [[], []];
    child.stdout.on('data', (bytes: Buffer) => output.push(bytes));
    child.stderr.on('data', (bytes: Buffer) => errors.push(bytes));
    child.on('error', failed);
    child.on('close', (code) => done({ code: code ?? -1, output: Buffer.concat(output).toString(), errors: Buffer.concat(errors).toString() }));
    child.stdin.end(input);
  });
}

/** As `run`, and fails with what the program said when it did not succeed. */
export async function mustRun(program: Program, args: readonly string[], environment: Record<string, string> = {}, input: string | Buffer = ''): Promise<string> {
  const { code, output, errors } = await run(program, args, environment, input);
  if (code !== 0) {
    throw new Error(`${program} ${args.join(' ')} ended with ${code}:\n${output}\n${errors}`);
  }
  return output;
}

export function awsOf(person: Person): Record<string, string> {
  return {
    AWS_ACCESS_KEY_ID: person.accessKey,
    AWS_SECRET_ACCESS_KEY: person.secretKey,
    AWS_DEFAULT_REGION: 'us-east-1',
    AWS_CONFIG_FILE: '/dev/null',
    AWS_SHARED_CREDENTIALS_FILE: '/dev/null',
    AWS_EC2_METADATA_DISABLED: 'true',
  };
}

export function rcloneOf(person: Person): Record<string, string> {
  return {
    RCLONE_CONFIG: '/dev/null',
    RCLONE_CONFIG_H_TYPE: 's3',
    RCLONE_CONFIG_H_PROVIDER: 'Other',
    RCLONE_CONFIG_H_ENDPOINT: s3,
    RCLONE_CONFIG_H_ACCESS_KEY_ID: person.accessKey,
    RCLONE_CONFIG_H_SECRET_ACCESS_KEY: person.secretKey,
  };
}

/** What S3 answers to a signed request: status and body, without what differs each time. */
export async function askS3(person: Person, method: 'GET' | 'HEAD', path: string): Promise<string> {
  const options = method === 'HEAD' ? ['--head'] : [];
  const signing = ['--aws-sigv4', 'aws:amz:us-east-1:s3', '--user', `${person.accessKey}:${person.secretKey}`];
  const answer = await mustRun('curl', ['-sS', '--path-as-is', ...options, ...signing, '-w', '\n%{http_code}', s3 + path]);
  return answer
    .replace(/<RequestId>.*?<\/RequestId>|<HostId>.*?<\/HostId>/g, '')
    .split('\n')
    .filter((line) => !/^(date|x-amz-request-id|x-amz-id-2):/i.test(line))
    .join('\n');
}

/** Stores a file over S3, as a beamline's script would. */
export async function putS3(person: Person, path: string, bytes: string | Buffer): Promise<void> {
  const signing = ['--aws-sigv4', 'aws:amz:us-east-1:s3', '--user', `${person.accessKey}:${person.secretKey}`];
  await mustRun('curl', ['-sS', '--fail', ...signing, '-H', 'x-amz-content-sha256: UNSIGNED-PAYLOAD', '--data-binary', '@-', '-X', 'PUT', s3 + path], {}, bytes);
}

export function sha256Of(file: string): Promise<string> {
  return new Promise((done, failed) => {
    const hash = createHash('sha256');
    createReadStream(file)
      .on('error', failed)
      .on('data', (bytes) => hash.update(bytes))
      .on('end', () => done(hash.digest('hex')));
  });
}

/** Every file below a folder, by its path there: its sha256. */
export async function sumsOf(folder: string): Promise<Record<string, string>> {
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .map((name) => join(folder, name))
    .filter((file) => statSync(file).isFile())
    .sort();
  const sums: Record<string, string> = {};
  for (const file of files) {
    sums[relative(folder, file)] = await sha256Of(file);
  }
  return sums;
}
