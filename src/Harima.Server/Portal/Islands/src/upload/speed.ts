// Speed and remaining time over the last seconds. Many small files are bound by the number of requests and large ones by
// bytes, so the remaining time counts "work": bytes plus a fixed price per file.

const WindowMs = 10_000;
const PricePerFile = 64 * 1024;

interface Sample {
  readonly atMs: number;
  readonly sentBytes: number;
  readonly work: number;
}

export class Speedometer {
  private samples: Sample[] = [];

  /** @param finished files no longer waiting, uploaded in this run (skipped ones cost no bytes and would only flatter) */
  sample(atMs: number, sentBytes: number, finished: number): void {
    this.samples.push({ atMs, sentBytes, work: sentBytes + finished * PricePerFile });
    while (this.samples.length > 2 && atMs - this.samples[0]!.atMs > WindowMs) {
      this.samples.shift();
    }
  }

  /** After a pause the old samples would count the pause as slowness. */
  reset(): void {
    this.samples = [];
  }

  get bytesPerSecond(): number | undefined {
    return this.rate((sample) => sample.sentBytes);
  }

  remainingSeconds(bytes: number, files: number): number | undefined {
    const rate = this.rate((sample) => sample.work);
    return rate === undefined || rate <= 0 ? undefined : (bytes + files * PricePerFile) / rate;
  }

  private rate(of: (sample: Sample) => number): number | undefined {
    const first = this.samples[0];
    const last = this.samples.at(-1);
    if (!first || !last || last.atMs - first.atMs < 1000) {
      return undefined; // a guess from less than a second jumps about
    }
    return ((of(last) - of(first)) * 1000) / (last.atMs - first.atMs);
  }
}
