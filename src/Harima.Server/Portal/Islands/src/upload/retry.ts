// Which failures are worth another try, and when. A lost network is retried for as long as it takes; a refusal is not.
import { NetworkError } from '../s3/http';
import { S3Error } from '../s3/s3-client';

export type Verdict =
  | { readonly act: 'give-up' }
  | { readonly act: 'retry'; readonly afterMs: number; readonly offline: boolean; readonly renew: boolean };

const GiveUp: Verdict = { act: 'give-up' };
const BusyStatuses = new Set([408, 429, 500, 502, 503, 504]);
const BusyTries = 8;
const BusyCodes = new Set(['SlowDown', 'RequestTimeout', 'InternalError', 'ServiceUnavailable']);
// The key is too old, unknown after a restart, or signed with a clock that is off: fresh credentials bring the server's time too.
const StaleCodes = new Set(['ExpiredToken', 'InvalidToken', 'TokenRefreshRequired', 'InvalidAccessKeyId', 'RequestTimeTooSkewed']);
const DamagedCodes = new Set(['BadDigest', 'InvalidDigest', 'XAmzContentChecksumMismatch', 'IncompleteBody']);

/** @param tries how often it has failed before this failure */
export function judge(error: unknown, tries: number, random: () => number = Math.random): Verdict {
  if (error instanceof NetworkError) {
    return { act: 'retry', afterMs: backoffMs(tries, random), offline: true, renew: false };
  }
  if (!(error instanceof S3Error)) {
    return GiveUp;
  }
  const busy = { act: 'retry', afterMs: backoffMs(tries, random), offline: false, renew: false } as const;
  if (StaleCodes.has(error.code)) {
    return tries < 2 ? { ...busy, renew: true } : GiveUp;
  }
  if (DamagedCodes.has(error.code)) {
    return tries < 2 ? busy : GiveUp;
  }
  if (BusyStatuses.has(error.status) || BusyCodes.has(error.code)) {
    return tries < BusyTries ? busy : GiveUp;
  }
  return GiveUp;
}

/** 0.5 s, 1 s, 2 s ... at most 30 s, each shortened by up to half so that many lanes do not return at the same instant. */
export function backoffMs(tries: number, random: () => number): number {
  const full = Math.min(30_000, 500 * 2 ** Math.min(tries, 10));
  return full * (1 - random() / 2);
}

/** Resolves after the time or when the browser says the network is back; rejects when aborted. */
export function pauseFor(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal.aborted) {
      reject(signal.reason);
      return;
    }
    const done = () => {
      clearTimeout(timer);
      signal.removeEventListener('abort', fail);
      globalThis.removeEventListener?.('online', done);
      resolve();
    };
    const fail = () => {
      clearTimeout(timer);
      globalThis.removeEventListener?.('online', done);
      reject(signal.reason);
    };
    const timer = setTimeout(done, ms);
    signal.addEventListener('abort', fail, { once: true });
    globalThis.addEventListener?.('online', done, { once: true });
  });
}
