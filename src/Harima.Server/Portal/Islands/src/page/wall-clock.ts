// The clock on the facility's walls, which the page names: the same moments and days as the server counts.

const clocks = new Map<string, Intl.DateTimeFormat>();

export function facilityZone(): string {
  return document.documentElement.dataset['timeZone'] ?? 'Asia/Tokyo';
}

/** @remarks A time that is shown stands in the UTC fields of a `Date`; moments are seconds since 1970. */
export class WallClock {
  constructor(private readonly zone: string) {}

  shownAt(moment: number): Date {
    const parts = new Map(this.format().formatToParts(moment * 1000).map(({ type, value }) => [type, Number(value)]));
    const part = (name: Intl.DateTimeFormatPartTypes) => parts.get(name)!;
    return new Date(Date.UTC(part('year'), part('month') - 1, part('day'), part('hour'), part('minute'), part('second')));
  }

  /** The first moment at which this is shown; what is left out in spring is as long after the change as it says. */
  momentOf(shown: Date): number {
    const wall = shown.getTime() / 1000;
    const [before, after] = [this.offset(wall - 86_400), this.offset(wall + 86_400)];
    const fits = [Math.max(before, after), Math.min(before, after)].find((offset) => this.offset(wall - offset) === offset);
    return wall - (fits ?? before);
  }

  text(moment: number): string {
    const hours = this.offset(moment) / 3600;
    const name = this.zone === 'Asia/Tokyo' ? 'JST' : `UTC${hours < 0 ? '−' : '+'}${new Date(Math.abs(hours) * 3_600_000).toISOString().slice(11, 16)}`;
    return `${this.shownAt(moment).toISOString().slice(0, 16).replace('T', ' ')} ${name}`;
  }

  private offset(moment: number): number {
    return this.shownAt(moment).getTime() / 1000 - Math.floor(moment);
  }

  private format(): Intl.DateTimeFormat {
    let format = clocks.get(this.zone);
    if (!format) {
      // In the calendar and the digits of ISO, whatever the language of the page.
      format = new Intl.DateTimeFormat('en-GB', {
        timeZone: this.zone, calendar: 'iso8601', numberingSystem: 'latn', hourCycle: 'h23',
        year: 'numeric', month: 'numeric', day: 'numeric', hour: 'numeric', minute: 'numeric', second: 'numeric',
      });
      clocks.set(this.zone, format);
    }
    return format;
  }
}
