// Speed and remaining time. Many small files are bound by the number of requests and large ones by bytes, so the remaining
// time counts "work": bytes plus a fixed price per file.

const PricePerFile = 64 * 1024;
// Short, since people look at the speed to see whether anything moves at all.
const SpeedWindowMs = 10_000;
const SpeedAfterMs = 1000;
// Long, and not before connections have warmed up: a remaining time that jumps about is believed by nobody.
const RemainingWindowMs = 40_000;
const RemainingAfterMs = 6000;
const WarmUpMs = 1500;
const FollowMs = 8000;

interface Sample {
  readonly atMs: number;
  readonly sentBytes: number;
  readonly work: number;
}

export class Speedometer {
  private samples: Sample[] = [];
  private beganMs = 0;
  private shown: { readonly atMs: number; readonly seconds: number } | undefined;

  /** @param finished files no longer waiting, uploaded in this run (skipped ones cost no bytes and would only flatter) */
  sample(atMs: number, sentBytes: number, finished: number): void {
    if (this.samples.length === 0) {
      this.beganMs = atMs;
    }
    this.samples.push({ atMs, sentBytes, work: sentBytes + finished * PricePerFile });
    while (this.samples.length > 2 && atMs - this.samples[0]!.atMs > RemainingWindowMs) {
      this.samples.shift();
    }
  }

  /** After a pause the old samples would count the pause as slowness. */
  reset(): void {
    this.samples = [];
    this.shown = undefined;
  }

  get bytesPerSecond(): number | undefined {
    const last = this.samples.at(-1);
    const first = this.samples.find((sample) => last!.atMs - sample.atMs <= SpeedWindowMs);
    return rate(first, last, SpeedAfterMs, (sample) => sample.sentBytes);
  }

  /**
   * Seconds left, or undefined while a number would mean nothing: in the first seconds, and while nothing moves. What was said
   * last counts down with the clock and drifts towards what the samples say now, so it does not jump when they do.
   */
  remainingSeconds(bytes: number, files: number): number | undefined {
    const last = this.samples.at(-1);
    const first = this.samples.find((sample) => sample.atMs - this.beganMs >= WarmUpMs);
    const work = rate(first, last, RemainingAfterMs - WarmUpMs, (sample) => sample.work);
    if (!last || work === undefined || work <= 0) {
      this.shown = undefined;
      return undefined;
    }
    const now = (bytes + files * PricePerFile) / work;
    const passed = this.shown ? last.atMs - this.shown.atMs : Infinity;
    const expected = this.shown ? this.shown.seconds - passed / 1000 : now;
    const seconds = Math.max(0, expected + (now - expected) * (1 - Math.exp(-passed / FollowMs)));
    this.shown = { atMs: last.atMs, seconds };
    return seconds;
  }
}

function rate(first: Sample | undefined, last: Sample | undefined, afterMs: number, of: (sample: Sample) => number) {
  if (!first || !last || last.atMs - first.atMs < afterMs) {
    return undefined;
  }
  return ((of(last) - of(first)) * 1000) / (last.atMs - first.atMs);
}

/** As exact as it is known: to the minute from ten minutes on, to ten seconds from one on, else to five. */
export function roundRemaining(seconds: number): number {
  const step = seconds >= 600 ? 60 : seconds >= 60 ? 10 : 5;
  return Math.max(step, Math.ceil(seconds / step) * step);
}
